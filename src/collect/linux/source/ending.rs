//! Sockets that were closed: what the kernel told of them joined with what was known.

use super::SockDiag;
use crate::{
    collect::linux::{closings::Closings, sockets::bytes_between},
    model::{SampledSocket, State},
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// The most closed sockets that are looked up for what the kernel keeps of them.
const MOST_LOOKED_UP: usize = 256;

impl SockDiag {
    /// Drops from the sockets what was closed, after a pass that met no longer what is `gone`; returns it all with the
    /// last counters.
    pub(super) fn close(
        &mut self,
        mut closed: Vec<SampledSocket>,
        gone: Vec<Arc<SampledSocket>>,
    ) -> Vec<Arc<SampledSocket>> {
        let told: HashSet<Option<u64>> = closed.iter().map(|socket| socket.cookie).collect();
        // The kernel tells a moment after the closing.
        if gone
            .iter()
            .any(|socket| has_news(socket) && !told.contains(&socket.cookie))
            && let Some(news) = self.closings.as_mut().map(Closings::wait)
        {
            closed.extend(news.closed);
        }
        let gone: HashMap<Option<u64>, Arc<SampledSocket>> = gone
            .into_iter()
            .map(|socket| (socket.cookie, socket))
            .collect();
        self.join(closed, &gone)
    }

    /// Drops from the sockets what was closed between two passes; returns it with the last counters.
    ///
    /// What the kernel keeps in `time-wait` stays.
    pub(super) fn settle(&mut self, closed: Vec<SampledSocket>) -> Vec<Arc<SampledSocket>> {
        let kept: HashMap<Option<u64>, Arc<SampledSocket>> = closed
            .iter()
            .filter_map(|socket| self.known(socket))
            .map(|known| (known.cookie, Arc::clone(known)))
            .collect();
        for known in closed
            .iter()
            .filter_map(|socket| kept.get(&socket.cookie))
            .filter(|known| known.peer.is_some() && known.tcp.is_some())
            .take(MOST_LOOKED_UP)
        {
            let sockets = &mut self.sockets;
            self.diag
                .look_up(known, &mut |raw, decoder| sockets.refresh(raw, decoder));
        }
        self.join(closed, &kept)
    }

    /// How many bytes went through sockets before they were closed that nobody had counted.
    pub(super) fn explained_by(&self, news: &crate::collect::linux::closings::News) -> u64 {
        let closed = news.closed.iter();
        closed
            .map(|socket| match self.known(socket) {
                Some(known) => bytes_between(known, socket),
                None => socket.tcp.as_ref().map_or(0, |tcp| {
                    tcp.bytes_acked.unwrap_or(0) + tcp.bytes_received.unwrap_or(0)
                }),
            })
            .sum()
    }

    fn known(&self, closed: &SampledSocket) -> Option<&Arc<SampledSocket>> {
        self.sockets.by_cookie(closed.cookie?)
    }

    fn join(
        &mut self,
        closed: Vec<SampledSocket>,
        gone: &HashMap<Option<u64>, Arc<SampledSocket>>,
    ) -> Vec<Arc<SampledSocket>> {
        let mut removed = Vec::new();
        let mut ended = Vec::with_capacity(closed.len());
        for socket in closed {
            let now = self.known(&socket).cloned();
            if let Some(now) = &now
                && now.state != State::TimeWait
            {
                removed.extend(now.cookie);
            }
            let known = gone.get(&socket.cookie).cloned().or(now);
            ended.push(Arc::new(match known {
                Some(known) => at_last(&known, socket),
                None => socket,
            }));
        }
        self.sockets.remove(&removed);
        ended
    }
}

/// Whether the kernel tells when such a socket is closed.
fn has_news(socket: &SampledSocket) -> bool {
    socket.inode.is_some()
}

/// What was known of a socket, with its last counters.
fn at_last(known: &SampledSocket, closed: SampledSocket) -> SampledSocket {
    let tcp = known.tcp.as_ref().and(closed.tcp).map(|mut last| {
        if let Some(before) = &known.tcp {
            last.congestion.clone_from(&before.congestion);
            last.read_before = before.read_at;
        }
        last
    });
    SampledSocket {
        tcp,
        state: closed.state,
        ..known.clone()
    }
}
