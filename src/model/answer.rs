//! What a port answered when it was asked what it speaks.

use super::{Finding, Text};
use jiff::Timestamp;
use std::{net::SocketAddr, time::Duration};

/// What a port answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The protocol it spoke, when it was recognised: `ssh`.
    pub spoke: Option<&'static str>,
    /// What it said, escaped; empty when it said nothing.
    pub greeting: Text,
    /// It said nothing until it was asked for a page.
    pub asked: bool,
    /// How long it took from connecting to the first bytes, or to the end of our patience.
    pub after: Duration,
    /// The registered name of the port.
    pub expected: Option<&'static str>,
    /// The software that uses the port in practice.
    pub in_practice: Option<&'static str>,
    /// Whether what it spoke is what the port is named for.
    pub agreement: Agreement,
}

/// Whether what was spoken is what a port is named for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// It is.
    Agrees,
    /// It is something else.
    Differs,
    /// Nothing was recognised, the port has no name, or its name says nothing about the protocol.
    Open,
}

/// What a listener of this machine answered when it was asked what it speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// When it was asked.
    pub at: Timestamp,
    /// Who listened: the path of its executable, else its name.
    pub program: Text,
    /// The protocol it spoke.
    pub spoke: Text,
    /// Whether that is what its port is named for.
    pub agreement: Agreement,
    /// What it said, escaped.
    pub greeting: Text,
}

impl Heard {
    /// What `program` answered at `at`; `None` when it was not recognised.
    pub fn of(answer: &Answer, program: &Text, at: Timestamp) -> Option<Self> {
        Some(Self {
            at,
            program: program.clone(),
            spoke: Text::from(answer.spoke?),
            agreement: answer.agreement,
            greeting: answer.greeting.clone(),
        })
    }

    /// What was heard, in the words that the history keeps: `spoke ssh: SSH-2.0-OpenSSH_9.2`.
    pub fn words(&self) -> String {
        let Self {
            spoke, greeting, ..
        } = self;
        if greeting.is_empty() {
            format!("{SPOKE}{spoke}")
        } else {
            format!("{SPOKE}{spoke}: {greeting}")
        }
    }

    /// What was spoken, and what was said, from [`words`](Self::words).
    pub fn parts(words: &str) -> Option<(&str, &str)> {
        let words = words.strip_prefix(SPOKE)?;
        Some(words.split_once(": ").unwrap_or((words, "")))
    }
}

/// How [`Heard::words`] begin.
const SPOKE: &str = "spoke ";

/// One target, and what came of asking it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probed {
    /// As it was typed.
    pub target: Text,
    /// Who was asked; `None` when the name leads nowhere.
    pub address: Option<SocketAddr>,
    /// The port.
    pub port: u16,
    /// What it answered, or why it did not.
    pub outcome: Result<Answer, Text>,
    /// What that is worth a warning.
    pub finding: Option<Finding>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    #[test]
    fn what_was_heard_is_found_again_in_its_words() {
        for greeting in ["", "SSH-2.0-x", "220 a: b ESMTP"] {
            let heard = Heard {
                at: fixture::NOW,
                program: Text::from("/usr/sbin/x"),
                spoke: Text::from("ssh"),
                agreement: Agreement::Differs,
                greeting: Text::from(greeting),
            };
            assert_eq!(Heard::parts(&heard.words()), Some(("ssh", greeting)));
        }
        assert_eq!(Heard::parts("SIGTERM: ended"), None);
    }
}
