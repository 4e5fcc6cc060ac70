//! What is known from before this moment, as far as a rule may need it.
//!
//! The monitor gathers it; a rule only reads. A judgement depends on these values and on nothing else
//! that has passed, so it holds for as long as they are equal.

use crate::model::{Endpoint, Heard, Process, Text};
use jiff::Timestamp;
use std::{net::IpAddr, sync::Arc, time::Duration};

/// What one program did lately.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// It turned to unusually many.
    pub contacts: Option<Contacts>,
    /// It called the same peers again and again.
    pub calls: Vec<Calls>,
    /// How many of its sockets the peer has closed and it has not.
    pub left_open: u32,
    /// Of calls that were over before anybody looked: who was seen to make one of them.
    pub caught: Option<Arc<Process>>,
}

/// Nothing worth a word.
pub static NOTHING: Past = Past {
    contacts: None,
    calls: Vec::new(),
    left_open: 0,
    caught: None,
};

impl Past {
    /// The smallest number of sockets in close-wait that is a pile.
    pub const PILE: u32 = 16;
}

/// Many to whom one program opened connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contacts {
    /// Many ports of one machine.
    Ports {
        /// The machine.
        address: IpAddr,
        /// How many at least.
        count: usize,
        /// Within how long.
        within: Duration,
    },
    /// Many machines.
    Machines {
        /// How many at least.
        count: usize,
        /// Within how long.
        within: Duration,
    },
}

/// Connections to one peer at regular distances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calls {
    /// Whom.
    pub peer: Endpoint,
    /// How often at least.
    pub count: usize,
    /// How far apart, in the middle.
    pub every: Duration,
}

/// What is known of one port.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PortPast {
    /// Who served it before, where that was another program.
    pub former: Option<Former>,
    /// What the program that was asked last answered there.
    pub heard: Option<Heard>,
}

/// Nothing worth a word about a port.
pub static NOTHING_OF_PORT: PortPast = PortPast {
    former: None,
    heard: None,
};

/// Who served a port before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Former {
    /// The program, by its path.
    pub program: Text,
    /// When it was last seen there.
    pub until: Timestamp,
}
