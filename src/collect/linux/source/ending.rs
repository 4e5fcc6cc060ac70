//! Sockets that were closed: what the kernel told of them joined with what was known.

use super::SockDiag;
use crate::{
    collect::linux::{closings::Closings, sockets::bytes_since},
    model::{SampledSocket, State, TcpInfo, ToldSocket},
};
use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::Arc,
};

/// The most closed sockets that are looked up for what the kernel keeps of them.
const MOST_LOOKED_UP: usize = 256;

impl SockDiag {
    /// Drops from the sockets what was closed, after a pass that met no longer what is `gone`; returns it all with the
    /// last counters.
    pub(super) fn close(
        &mut self,
        mut closed: Vec<ToldSocket>,
        gone: Vec<Arc<SampledSocket>>,
    ) -> Vec<Arc<SampledSocket>> {
        let told: HashSet<Option<u64>> = closed.iter().map(|socket| socket.cookie).collect();
        // The kernel tells a moment after the closing.
        if gone
            .iter()
            .any(|socket| has_news(socket) && !told.contains(&socket.cookie()))
        {
            closed.extend(self.hear(Closings::wait).closed);
        }
        let gone: HashMap<Option<u64>, Arc<SampledSocket>> = gone
            .into_iter()
            .map(|socket| (socket.cookie(), socket))
            .collect();
        self.join(closed, &gone, true)
    }

    /// Drops from the sockets what was closed between two passes; returns it with the last counters.
    ///
    /// What the kernel keeps in `time-wait` stays.
    pub(super) fn settle(&mut self, closed: Vec<ToldSocket>) -> Vec<Arc<SampledSocket>> {
        let kept: HashMap<Option<u64>, Arc<SampledSocket>> = closed
            .iter()
            .filter_map(|socket| self.known(socket))
            .map(|known| (known.cookie(), Arc::clone(known)))
            .collect();
        for known in closed
            .iter()
            .filter_map(|socket| kept.get(&socket.cookie))
            .filter(|known| known.peer().is_some() && known.tcp().is_some())
            .take(MOST_LOOKED_UP)
        {
            let sockets = &mut self.sockets;
            self.diag
                .look_up(known, &mut |raw, decoder| sockets.refresh(raw, decoder));
        }
        self.join(closed, &kept, false)
    }

    /// How many bytes went through sockets before they were closed that nobody had counted.
    pub(super) fn explained_by(&self, news: &crate::collect::linux::closings::News) -> u64 {
        let closed = news.closed.iter();
        closed
            .map(|socket| match self.known(socket) {
                Some(known) => bytes_since(known, socket.tcp.as_ref().and_then(TcpInfo::moved)),
                None => socket.tcp.as_ref().map_or(0, |tcp| {
                    tcp.bytes_acked.unwrap_or(0) + tcp.bytes_received.unwrap_or(0)
                }),
            })
            .sum()
    }

    fn known(&self, closed: &ToldSocket) -> Option<&Arc<SampledSocket>> {
        self.sockets.by_cookie(closed.cookie?)
    }

    /// `is_pass` tells that what is known of `time-wait` is new.
    fn join(
        &mut self,
        closed: Vec<ToldSocket>,
        gone: &HashMap<Option<u64>, Arc<SampledSocket>>,
        is_pass: bool,
    ) -> Vec<Arc<SampledSocket>> {
        let mut removed = Vec::new();
        let mut ended = Vec::with_capacity(closed.len());
        let sent = Sent::of(&closed);
        // The news of the two ends may come one after the other.
        let before = std::mem::replace(&mut self.sent, sent);
        for mut socket in closed {
            let now = self.known(&socket).cloned();
            let is_waiting = now
                .as_ref()
                .is_some_and(|now| matches!(now.state, State::TimeWait | State::FinWait2));
            if let Some(now) = &now
                && now.state != State::TimeWait
            {
                removed.extend(now.cookie());
            }
            let known = gone.get(&socket.cookie).cloned().or(now);
            let heard_last = Heard {
                before: known.as_deref(),
                is_asked: self.is_given(socket.local.port),
                left_nothing: is_pass && !is_waiting,
            };
            let sent = self.sent.to(&socket).or_else(|| before.to(&socket));
            take_off_signals(&mut socket, heard_last, sent);
            let last = match known {
                Some(known) => at_last(&known, socket),
                None => socket,
            };
            ended.push(Arc::new(self.sockets.pack(last)));
        }
        self.sockets.remove(&removed);
        ended
    }

    /// Whether the kernel hands out a port: connections from it were asked for by this end.
    fn is_given(&self, port: u16) -> bool {
        let ports = self.machine.ephemeral_ports;
        let mut listeners = self.sockets.accounts().listeners_on(port);
        ports.is_none_or(|ports| ports.contains(port)) && listeners.next().is_none()
    }
}

/// How many bytes each end of a closed connection sent, by both ends.
#[derive(Debug, Default)]
pub(super) struct Sent(HashMap<(IpAddr, u16, IpAddr, u16), u64>);

impl Sent {
    fn of(closed: &[ToldSocket]) -> Self {
        let ends = closed.iter().filter_map(|socket| {
            let (local, peer) = (socket.local, socket.peer?);
            let key = (local.canonical(), local.port, peer.canonical(), peer.port);
            Some((key, socket.tcp.as_ref()?.bytes_sent?))
        });
        Self(ends.collect())
    }

    /// How many bytes the other end of a connection sent, where that end was on this machine.
    fn to(&self, socket: &ToldSocket) -> Option<u64> {
        let (local, peer) = (socket.local, socket.peer?);
        let key = (peer.canonical(), peer.port, local.canonical(), local.port);
        self.0.get(&key).copied()
    }
}

/// What tells whether a closed connection had heard the other end's last word.
#[derive(Debug, Clone, Copy)]
struct Heard<'a> {
    /// As it was last seen.
    before: Option<&'a SampledSocket>,
    /// This end asked for the connection.
    is_asked: bool,
    /// The kernel keeps nothing of it: the other end had closed before this one.
    left_nothing: bool,
}

/// Takes off the last counters what the kernel counts for a SYN and a FIN.
///
/// That a FIN was received can be told where the other end is on this machine as well, where it was seen before, and
/// where nothing waits: who closes last has no `time-wait`. Else one byte too many may stay.
///
/// `most` is what the other end sent, where that is known.
fn take_off_signals(closed: &mut ToldSocket, heard: Heard<'_>, most: Option<u64>) {
    let Some(tcp) = &mut closed.tcp else {
        return;
    };
    let (Some(acked), Some(sent)) = (tcp.bytes_acked, tcp.bytes_sent) else {
        return;
    };
    tcp.bytes_acked = Some(acked.min(sent));
    let had_closed = |known: &SampledSocket| known.state.peer_has_closed();
    let is_answered = acked > sent + u64::from(heard.is_asked);
    let has_heard = heard.before.is_some_and(had_closed) || heard.left_nothing && is_answered;
    let Some(received) = tcp.bytes_received else {
        return;
    };
    tcp.bytes_received = Some(match most {
        Some(most) => received.min(most),
        None => received.saturating_sub(u64::from(has_heard)),
    });
}

/// Whether the kernel tells when such a socket is closed.
fn has_news(socket: &SampledSocket) -> bool {
    socket.inode().is_some()
}

/// What was known of a socket, with its last counters. One that its own end cut off has none: then those it had.
fn at_last(known: &SampledSocket, closed: ToldSocket) -> ToldSocket {
    let known = known.told();
    let last = closed.tcp.map(|mut last| {
        if let Some(before) = &known.tcp {
            last.congestion.clone_from(&before.congestion);
            last.read_before = before.read_at;
            last.bytes_received = last.bytes_received.max(before.bytes_received);
            last.bytes_sent = last.bytes_sent.max(before.bytes_sent);
            last.bytes_acked = last.bytes_acked.max(before.bytes_acked);
        }
        last
    });
    ToldSocket {
        tcp: last.or(known.tcp),
        state: closed.state,
        ..known
    }
}
