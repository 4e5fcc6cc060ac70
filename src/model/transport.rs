//! The transports that the registry assigns ports for.

use super::Protocol;

/// A transport of the registry. What a socket speaks is its [`Protocol`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// RFC 9293.
    Tcp,
    /// RFC 768.
    Udp,
    /// RFC 9260.
    Sctp,
    /// RFC 4340.
    Dccp,
}

impl Transport {
    /// Every transport, in the registry's order.
    pub const ALL: [Self; 4] = [Self::Tcp, Self::Udp, Self::Sctp, Self::Dccp];

    /// The name in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
            Self::Dccp => "dccp",
        }
    }
}

impl From<Protocol> for Transport {
    /// The transport whose port numbers a protocol has.
    ///
    /// A socket without ports has the port 0, which no transport assigns: so it may be any, here TCP.
    fn from(protocol: Protocol) -> Self {
        protocol.transport().unwrap_or(Self::Tcp)
    }
}

impl PartialEq<Protocol> for Transport {
    fn eq(&self, protocol: &Protocol) -> bool {
        Some(*self) == protocol.transport()
    }
}
