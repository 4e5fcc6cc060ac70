//! What a port answered when it was asked what it speaks.

use super::{Finding, Text};
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
