//! Everything about one connection, asked of the kernel when somebody looks at it, in its network namespace.

use super::{diag::Diag, namespaces::WayIn};
use crate::{
    collect::clock::Clock,
    model::{Connection, Fact, Protocol, SampledSocket, Unseen},
};
use rustix::io::Errno;

/// Asks about connections.
#[derive(Debug)]
pub(in crate::collect) struct Connections {
    clock: Clock,
    /// What asks in our own namespace, once something was asked there.
    own: Option<Diag>,
    way_in: WayIn,
}

impl Connections {
    /// One that has asked nothing yet.
    pub(in crate::collect) fn new() -> Self {
        Self {
            clock: Clock::start(),
            own: None,
            way_in: WayIn::default(),
        }
    }

    /// Asks for what is told of `socket` now.
    pub(in crate::collect) fn ask(&mut self, socket: &SampledSocket) -> Fact<Connection> {
        if socket.protocol != Protocol::Tcp || socket.cookie().is_none() {
            return Fact::Unknown(Unseen::NotSupported);
        }
        let elsewhere = socket.netns().filter(|netns| !netns.own);
        let asked = match elsewhere.map(|netns| netns.inode) {
            None => self.in_our_own(socket),
            Some(Some(number)) => self.inside(number, socket),
            // Without a number it is one that we may not look at.
            Some(None) => Err(Errno::PERM),
        };
        asked.unwrap_or_else(|errno| Fact::Unknown(why(errno)))
    }

    fn in_our_own(&mut self, socket: &SampledSocket) -> Result<Fact<Connection>, Errno> {
        let diag = match self.own.take() {
            Some(diag) => diag,
            None => Diag::open(self.clock)?,
        };
        Ok(self.own.insert(diag).connection(socket))
    }

    fn inside(&mut self, number: u64, socket: &SampledSocket) -> Result<Fact<Connection>, Errno> {
        let clock = self.clock;
        let ask = || Diag::open(clock).map(|mut diag| diag.connection(socket));
        self.way_in.within(number, ask)
    }
}

fn why(errno: Errno) -> Unseen {
    match errno {
        Errno::PERM | Errno::ACCESS => Unseen::NotPermitted,
        // The second is of an interface that was taken away.
        Errno::NOENT | Errno::NODEV => Unseen::Gone,
        _ => Unseen::NotSupported,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Family, State, ToldSocket, fixture};
    use std::net::{TcpListener, TcpStream};

    /// A socket that nobody has.
    fn nobodys(change: impl FnOnce(&mut ToldSocket)) -> SampledSocket {
        let local = fixture::endpoint("127.0.0.1:9");
        let mut told = ToldSocket::new(Protocol::Tcp, Family::Ipv4, State::Established, local);
        (told.peer, told.cookie) = (Some(fixture::endpoint("127.0.0.1:1")), Some(7));
        change(&mut told);
        told.into()
    }

    #[test]
    fn of_what_is_gone_or_tells_nothing_the_reason_is_said() {
        let mut connections = Connections::new();
        let mut asked = |change: fn(&mut ToldSocket)| match connections.ask(&nobodys(change)) {
            Fact::Unknown(why) => why,
            Fact::Known(told) => panic!("{told:?}"),
        };
        assert_eq!(asked(|_| {}), Unseen::Gone);
        assert_eq!(asked(|told| told.cookie = None), Unseen::NotSupported);
        assert_eq!(
            asked(|told| told.protocol = Protocol::Udp),
            Unseen::NotSupported
        );
        let elsewhere = |inode| {
            Some(std::sync::Arc::new(crate::model::NetNamespace {
                inode,
                name: None,
                own: false,
            }))
        };
        let told = connections.ask(&nobodys(|told| told.netns = elsewhere(Some(3))));
        assert_eq!(told, Fact::Unknown(Unseen::Gone));
        let told = connections.ask(&nobodys(|told| told.netns = elsewhere(None)));
        assert_eq!(told, Fact::Unknown(Unseen::NotPermitted));
    }

    #[test]
    fn another_connection_with_the_same_addresses_is_not_taken_for_it() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let of = |address: std::net::SocketAddr| fixture::endpoint(&address.to_string());
        let socket = nobodys(|told| {
            told.local = of(client.local_addr().unwrap());
            told.peer = Some(of(client.peer_addr().unwrap()));
        });
        let told = Connections::new().ask(&socket);
        assert_eq!(told, Fact::Unknown(Unseen::Gone));
    }
}
