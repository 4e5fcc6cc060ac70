//! What a port number means: the IANA registry and what is used in practice.
//!
//! Compiled in and static: annotating allocates nothing. Knows no socket.

use crate::model::{Practice, Protocol, Service, Status, Tier};

/// The port registry and the ports known in practice.
#[derive(Debug)]
pub struct Registry {}

impl Registry {
    /// The registry that is compiled in.
    pub fn bundled() -> &'static Self {
        &Self {}
    }

    /// What is known about `port` of `protocol`.
    pub fn service(&self, port: u16, protocol: Protocol) -> Service {
        Service {
            port,
            protocol,
            status: Status::Unassigned,
            tier: Tier::Unassigned,
            registrations: &[],
            practice: None,
        }
    }

    /// Whether `program`, an executable's file name, is known to serve `port`.
    pub fn serves(&self, _program: &str, _port: u16, _protocol: Protocol) -> bool {
        false
    }

    /// What `program` is known to serve, when it is known for anything.
    pub fn known_for(&self, _program: &str) -> Option<&'static Practice> {
        None
    }

    /// The ports a service name or alias stands for, ascending; a name of any letter case.
    pub fn ports_named(&self, _name: &str) -> Vec<u16> {
        vec![]
    }

    /// Names near `name`, best first, for "did you mean".
    pub fn similar_names(&self, _name: &str) -> Vec<&'static str> {
        vec![]
    }
}
