//! Both ends of a socket: 13 bytes where they are of IPv4.

use crate::model::Endpoint;
use std::net::{IpAddr, Ipv4Addr};

/// The ends.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ends {
    /// Both of IPv4, or only one that is.
    Near(End, Option<End>),
    /// Any others.
    Far(Box<(Endpoint, Option<Endpoint>)>),
}

/// An address and a port, as bytes: so they lie anywhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct End {
    address: [u8; 4],
    port: [u8; 2],
}

impl Ends {
    pub(super) fn new(local: Endpoint, peer: Option<Endpoint>) -> Self {
        match (End::of(local), peer.map(End::of)) {
            (Some(near), None) => Self::Near(near, None),
            (Some(near), Some(Some(peer))) => Self::Near(near, Some(peer)),
            _ => Self::Far(Box::new((local, peer))),
        }
    }

    pub(super) fn local(&self) -> Endpoint {
        match self {
            Self::Near(local, _) => local.endpoint(),
            Self::Far(ends) => ends.0,
        }
    }

    pub(super) fn peer(&self) -> Option<Endpoint> {
        match self {
            Self::Near(_, peer) => peer.map(End::endpoint),
            Self::Far(ends) => ends.1,
        }
    }

    pub(super) fn has_peer(&self) -> bool {
        match self {
            Self::Near(_, peer) => peer.is_some(),
            Self::Far(ends) => ends.1.is_some(),
        }
    }
}

impl End {
    fn of(endpoint: Endpoint) -> Option<Self> {
        match endpoint.address {
            IpAddr::V4(address) => Some(Self {
                address: address.octets(),
                port: endpoint.port.to_ne_bytes(),
            }),
            IpAddr::V6(_) => None,
        }
    }

    fn endpoint(self) -> Endpoint {
        let port = u16::from_ne_bytes(self.port);
        Endpoint::new(Ipv4Addr::from(self.address), port)
    }
}
