//! Findings of one program, told as one story.

use super::{Finding, Socket, Verdict};

/// Everything that was found about one program.
#[derive(Debug, Clone)]
pub struct Story<'a> {
    /// The program; `None` when no owner is visible.
    pub program: Option<&'a str>,
    /// The worst verdict on its sockets.
    pub verdict: Verdict,
    /// Its findings, worst first.
    pub findings: Vec<&'a Finding>,
    /// The sockets that have findings.
    pub sockets: Vec<&'a Socket>,
}
