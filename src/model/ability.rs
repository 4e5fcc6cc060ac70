//! What works on this machine, what does not, and what would change that.

use super::Text;

/// One thing that works here, or does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ability {
    /// Its name: `owners`.
    pub name: &'static str,
    /// Whether it works.
    pub works: Works,
    /// What was tried and what came of it.
    pub detail: Text,
    /// The privilege or the setting that is missing; `None` when nothing is, or when nothing would help.
    pub needs: Option<Text>,
    /// The command that gives it, ready to copy.
    pub remedy: Option<Text>,
}

impl Ability {
    /// Something that works, or is as it should be.
    pub fn works(name: &'static str, detail: impl Into<Text>) -> Self {
        Self::new(name, Works::Yes, detail)
    }

    /// Something that works for a part of what there is.
    pub fn partly(name: &'static str, detail: impl Into<Text>) -> Self {
        Self::new(name, Works::Partly, detail)
    }

    /// Something that does not work.
    pub fn fails(name: &'static str, detail: impl Into<Text>) -> Self {
        Self::new(name, Works::No, detail)
    }

    /// Something that cannot be tried here.
    pub fn untried(name: &'static str, detail: impl Into<Text>) -> Self {
        Self::new(name, Works::Unknown, detail)
    }

    fn new(name: &'static str, works: Works, detail: impl Into<Text>) -> Self {
        Self {
            name,
            works,
            detail: detail.into(),
            needs: None,
            remedy: None,
        }
    }

    /// With what is missing.
    #[must_use]
    pub fn needing(mut self, needs: impl Into<Text>) -> Self {
        self.needs = Some(needs.into());
        self
    }

    /// With the command that gives it.
    #[must_use]
    pub fn cured_by(mut self, remedy: impl Into<Text>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

/// Whether something works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Works {
    /// All of it.
    Yes,
    /// A part.
    Partly,
    /// Nothing.
    No,
    /// Nobody could try.
    Unknown,
}

impl Works {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Partly => "partly",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }

    /// What a person is told.
    pub fn word(self) -> &'static str {
        match self {
            Self::Yes => "works",
            Self::Partly => "partly",
            Self::No => "missing",
            Self::Unknown => "untried",
        }
    }
}
