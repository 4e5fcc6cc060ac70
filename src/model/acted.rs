//! What was done to a target and what came of it, in words: the same on every screen and in every log.

use super::{Outcome, Signal, Text, text::plural};
use jiff::Timestamp;
use std::time::Duration;

/// One target and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acted {
    /// The process; `None` when a connection was closed whose owner is not visible.
    pub pid: Option<u32>,
    /// When it started.
    pub start_time: Option<Timestamp>,
    /// Its name.
    pub name: Option<Text>,
    /// The id of the connection that was closed.
    pub socket: Option<String>,
    /// What to call the target in a line.
    pub target: String,
    /// What was done.
    pub deed: Deed,
    /// What came of it; `None` when it was only shown.
    pub outcome: Option<Outcome>,
    /// What was seen afterwards: whether its ports are free.
    pub aftermath: Vec<String>,
}

/// What was done to a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// A signal, which was given so long to end the process.
    Signal(Signal, Duration),
    /// Its manager was asked to stop it, by this command.
    Stop(String),
    /// The connection was closed.
    Close,
}

impl Acted {
    /// Whether the process has ended because of it, so that its ports should be free.
    pub fn has_ended(&self) -> bool {
        matches!(
            self.outcome,
            Some(Outcome::Ended(_) | Outcome::Killed(_) | Outcome::Stopped(_))
        )
    }

    /// What came of it, and what was seen afterwards, in a line.
    pub fn sentence(&self) -> String {
        let mut parts = vec![self.words()];
        parts.extend(self.aftermath.iter().cloned());
        parts.join("; ")
    }

    /// Whether what was asked for has come about.
    pub fn is_done(&self) -> bool {
        match &self.outcome {
            Some(Outcome::Ended(_) | Outcome::Killed(_) | Outcome::Stopped(_) | Outcome::Gone)
            | None => true,
            Some(Outcome::Signalled) => {
                matches!(self.deed, Deed::Signal(signal, _) if !signal.ends())
            }
            Some(
                Outcome::Pending | Outcome::Denied(_) | Outcome::Refused(_) | Outcome::Failed(_),
            ) => false,
        }
    }

    /// What came of it, in a sentence without its period.
    pub fn words(&self) -> String {
        let Some(outcome) = &self.outcome else {
            return match &self.deed {
                Deed::Signal(signal, _) => format!("would be sent SIG{}", signal.name()),
                Deed::Stop(command) => format!("would be stopped: {command}"),
                Deed::Close => "would be closed".to_owned(),
            };
        };
        match (outcome, &self.deed) {
            (Outcome::Ended(_), Deed::Close) => "closed".to_owned(),
            (Outcome::Ended(after), Deed::Signal(signal, _)) => {
                format!("ended {} after SIG{}", seconds(*after), signal.name())
            }
            (Outcome::Ended(after), Deed::Stop(_)) | (Outcome::Stopped(after), _) => {
                format!("stopped, {} after it was asked for", seconds(*after))
            }
            (Outcome::Killed(after), Deed::Signal(signal, patience)) => format!(
                "SIG{} was not enough within {}; ended {} after SIGKILL",
                signal.name(),
                seconds(*patience),
                seconds(*after)
            ),
            (Outcome::Killed(after), _) => format!("ended {} after SIGKILL", seconds(*after)),
            (Outcome::Signalled, Deed::Signal(signal, patience)) if signal.ends() => format!(
                "SIG{} was sent; it still runs after {}",
                signal.name(),
                seconds(*patience)
            ),
            (Outcome::Signalled, Deed::Signal(signal, _)) => {
                format!("SIG{} was sent", signal.name())
            }
            (Outcome::Signalled, _) => "is still being stopped".to_owned(),
            (Outcome::Pending, _) => {
                "it is stopped and takes the signal only after SIGCONT; SIGKILL ends it at once"
                    .to_owned()
            }
            (Outcome::Gone, Deed::Close) => "had already closed".to_owned(),
            (Outcome::Gone, _) => "had already gone; nothing was sent".to_owned(),
            (Outcome::Denied(why), _) => format!("denied: {}", plain(why)),
            (Outcome::Refused(why), _) => format!("refused: {}", plain(why)),
            (Outcome::Failed(why), _) => format!("not done: {}", plain(why)),
        }
    }

    /// What a program that reads JSON is told beside the outcome's name.
    pub fn detail(&self) -> Option<String> {
        let outcome = match &self.outcome {
            None => Some("dry run".to_owned()),
            Some(Outcome::Signalled | Outcome::Gone) if self.aftermath.is_empty() => None,
            Some(Outcome::Denied(why) | Outcome::Refused(why) | Outcome::Failed(why)) => {
                Some(why.clone())
            }
            Some(_) => Some(self.words()),
        };
        let parts: Vec<String> = outcome.into_iter().chain(self.aftermath.clone()).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// What another program said may hold anything.
fn plain(why: &str) -> Text {
    Text::from(why)
}

/// A time as a person reads it: `less than 0.1 s`, `0.3 s`, `5 s`, `2 minutes`.
pub fn seconds(time: Duration) -> String {
    if time.as_secs() >= 120 && time.subsec_millis() == 0 {
        return plural(
            usize::try_from(time.as_secs() / 60).unwrap_or(usize::MAX),
            "minute",
        );
    }
    if time < Duration::from_millis(100) {
        "less than 0.1 s".to_owned()
    } else if time.subsec_millis() == 0 {
        format!("{} s", time.as_secs())
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_never_said_to_be_none() {
        let said = |micros| seconds(Duration::from_micros(micros));
        assert_eq!(said(0), "less than 0.1 s");
        assert_eq!(said(200), "less than 0.1 s");
        assert_eq!(said(99_000), "less than 0.1 s");
        assert_eq!(said(312_000), "0.3 s");
        assert_eq!(said(5_000_200), "5 s");
        assert_eq!(said(120_000_000), "2 minutes");
    }
}
