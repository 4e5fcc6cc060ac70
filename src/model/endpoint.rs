//! One end of a socket, and from where it can be reached.

use serde::{Deserialize, Serialize};
use std::{fmt, net::IpAddr};

/// An address and a port, as the kernel has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Endpoint {
    /// The address; an IPv4 address that an IPv6 socket speaks stays mapped (`::ffff:10.0.0.5`).
    pub address: IpAddr,
    /// The port.
    pub port: u16,
}

impl Endpoint {
    /// An endpoint.
    pub fn new(address: impl Into<IpAddr>, port: u16) -> Self {
        Self {
            address: address.into(),
            port,
        }
    }

    /// The address with an IPv4-mapped one unwrapped.
    pub fn canonical(&self) -> IpAddr {
        self.address.to_canonical()
    }

    /// Whether only this machine can reach the address.
    pub fn is_loopback(&self) -> bool {
        self.canonical().is_loopback()
    }

    /// From where a socket bound here can be reached.
    pub fn exposure(&self) -> Exposure {
        let address = self.canonical();
        if address.is_unspecified() {
            Exposure::AllInterfaces
        } else if address.is_loopback() {
            Exposure::Loopback
        } else {
            Exposure::Interface
        }
    }
}

impl fmt::Display for Endpoint {
    /// Writes `127.0.0.1:80` or `[::1]:80`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            IpAddr::V4(address) => write!(f, "{address}:{}", self.port),
            IpAddr::V6(address) => write!(f, "[{address}]:{}", self.port),
        }
    }
}

/// From where a bound socket can be reached, narrowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exposure {
    /// Only from this machine.
    Loopback,
    /// Through the interfaces that hold one address.
    Interface,
    /// Through every interface.
    AllInterfaces,
}

impl Exposure {
    /// Every exposure, narrowest first.
    pub const ALL: [Self; 3] = [Self::Loopback, Self::Interface, Self::AllInterfaces];

    /// The name in JSON and in the filter language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Loopback => "loopback",
            Self::Interface => "interface",
            Self::AllInterfaces => "all-interfaces",
        }
    }
}
