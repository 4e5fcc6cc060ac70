//! What goes with a process when it ends: those it started, and who would start it again.

use super::{Manager, ProcessKey, Target, Text};

/// The surroundings of one process, as they were when somebody asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// What it started and what those started, parents before their children; the children of one
    /// parent by number.
    pub descendants: Vec<Relative>,
    /// The others of its process group, itself left out.
    pub group: Vec<Relative>,
    /// Who started it, while that one still runs.
    pub parent: Option<Relative>,
    /// What runs it and may start it again. `None` when nothing does, or nobody tells.
    pub supervisor: Option<Supervisor>,
    /// It is stopped: what it is sent it takes only after `CONT`, but for `KILL`.
    pub is_stopped: bool,
    /// It ignores or blocks `TERM`.
    pub is_deaf_to_term: bool,
    /// Only its remains are left, which wait for the parent to look at them.
    pub is_remains: bool,
}

/// Another process that has to do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relative {
    /// Its identity.
    pub key: ProcessKey,
    /// The file name of its executable, else what it calls itself.
    pub name: Text,
    /// Its executable, where it can be seen.
    pub executable: Option<Text>,
}

impl Relative {
    /// The process, to be compared before anything is done to it.
    pub fn target(&self) -> Target {
        Target {
            key: self.key,
            executable: self.executable.clone(),
            pidfs: None,
        }
    }
}

/// What runs a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supervisor {
    /// Whom to ask to stop it.
    pub manager: Manager,
    /// Whether it starts the process again.
    pub restarts: Restarts,
}

/// Whether a supervisor starts again what has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Restarts {
    /// It does not.
    Never,
    /// Whatever the reason of the end: `always`, or a policy that a signal meets.
    Yes(Text),
    /// Only after a failure, which an end by `TERM` is not: `on-failure`.
    OnFailure(Text),
    /// Its configuration could not be read.
    Unknown,
}

impl Restarts {
    /// What to expect, to follow the name of the supervisor.
    pub fn words(&self) -> String {
        match self {
            Self::Never => "does not start it again".into(),
            Self::Yes(policy) => format!("starts it again (restart policy {policy})"),
            Self::OnFailure(policy) => {
                format!("starts it again after a failure or SIGKILL (restart policy {policy})")
            }
            Self::Unknown => "may start it again: its policy could not be read".into(),
        }
    }
}
