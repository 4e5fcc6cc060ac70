//! What other machines are called: whose names are wanted, and what came of it.

use super::{App, page::Subject};
use crate::{
    model::{Names, Snapshot, Socket, Text, names::may_have_name},
    query::Column,
    tui::{action::View, layout},
};
use hashbrown::HashSet;
use std::{net::IpAddr, sync::Arc};

/// The machines that a filter by host asks about, at most: half of the names that are kept, so that no answer drives
/// out one that is wanted.
const MOST: usize = Names::MOST / 2;

/// The machines that a filter by host asks about.
#[derive(Debug, Default)]
pub(crate) struct Others {
    /// Another list for each snapshot.
    addresses: Arc<[IpAddr]>,
    among: HashSet<IpAddr>,
    /// How many there are beyond [`MOST`].
    more: usize,
    /// The snapshot that they are of.
    of: Option<Arc<Snapshot>>,
}

impl Others {
    /// Takes the machines of `snapshot`; those that were asked about before come first. `None` where no filter asks.
    fn turn_to(&mut self, snapshot: Option<&Arc<Snapshot>>) {
        let Some(snapshot) = snapshot else {
            if self.of.is_some() {
                *self = Self::default();
            }
            return;
        };
        if self.of.as_ref().is_some_and(|of| Arc::ptr_eq(of, snapshot)) {
            return;
        }
        let mut all = HashSet::new();
        let open = snapshot.open().filter_map(peer);
        let mut found: Vec<IpAddr> = open.filter(|one| all.insert(*one)).collect();
        self.more = found.len().saturating_sub(MOST);
        if self.more > 0 {
            // Who was left out stays so: another choice each time would have everybody asked, again and again.
            found.sort_by_key(|one| !self.among.contains(one));
            found.truncate(MOST);
            all = found.iter().copied().collect();
        }
        *self = Self {
            addresses: found.into(),
            among: all,
            more: self.more,
            of: Some(Arc::clone(snapshot)),
        };
    }
}

impl App {
    /// Asks what other machines are called, or shows addresses again.
    pub(super) fn name_hosts(&mut self) {
        self.writing.host_names = !self.writing.host_names;
        if self.filter.query.asks_for_hosts() {
            // Whoever wants that wants to see it at once.
            self.release();
            self.stale = true;
        }
        let words = if self.writing.host_names {
            "names of hosts: your DNS server learns which addresses you look at (N: off)"
        } else {
            "addresses of hosts; nobody is asked for names"
        };
        self.said = Some(words.to_owned());
    }

    /// Takes the answer what another machine is called.
    pub(super) fn learn_name(&mut self, address: IpAddr, name: Option<Text>) {
        // The filter must not hold them too, or all would be copied.
        self.filter.query.know_hosts(None);
        let in_sight = if self.names.is_full() && self.others.of.is_none() {
            self.to_name()
        } else {
            Arc::default()
        };
        let among = &self.others.among;
        let is_wanted = |one: IpAddr| among.contains(&one) || in_sight.contains(&one);
        Arc::make_mut(&mut self.names).learn_keeping(address, name, is_wanted);
        self.stale |= self.filter.query.asks_for_hosts();
    }

    /// The names of other machines, where the person wants them.
    pub(in crate::tui) fn host_names(&self) -> Option<&Names> {
        self.writing.host_names.then_some(&self.names)
    }

    /// Whether the filter asks for names of hosts that nobody is asked for.
    pub(in crate::tui) fn lacks_names(&self) -> bool {
        self.filter.query.has_hosts() && !self.writing.host_names
    }

    /// How many machines a filter by host asks about, and of how many, where those are too many.
    pub(in crate::tui) fn asks_about_some(&self) -> Option<(usize, usize)> {
        let (some, more) = (self.others.addresses.len(), self.others.more);
        (more > 0).then_some((some, some + more))
    }

    /// Finds the machines that a filter by host asks about, once a snapshot.
    pub(super) fn find_others(&mut self) {
        let asks = self.writing.host_names && self.filter.query.has_hosts();
        let shown = self.feed.shown.as_ref().filter(|_| asks);
        self.others.turn_to(shown);
    }

    /// The addresses whose names are wanted: those in sight, or of every machine where the filter asks for names; the
    /// same list then for the same snapshot.
    pub(in crate::tui) fn to_name(&self) -> Arc<[IpAddr]> {
        let newest = self.feed.shown.as_deref();
        let Some(snapshot) = newest.filter(|_| self.writing.host_names) else {
            return Arc::default();
        };
        if self.filter.query.has_hosts() {
            // Which rows there are depends on all of them.
            return Arc::clone(&self.others.addresses);
        }
        if let Some(page) = self.page() {
            let Subject::Socket(socket) = &page.subject else {
                return Arc::default();
            };
            return peer(socket).into_iter().collect();
        }
        let selected = self.selected().filter(|_| self.details);
        let selected = selected.and_then(|socket| peer(socket));
        let regions = self.regions();
        // Where no other end is shown, nobody needs to hear of it.
        let slots = layout::columns(regions.body.width, &self.columns);
        let shows = slots.iter().any(|slot| slot.column == Column::Remote);
        let height = if self.view == View::Sockets && shows {
            regions.rows()
        } else {
            0
        };
        let rows = self.table.rows.iter().skip(self.table.offset).take(height);
        let in_sight = rows.filter_map(|row| peer(self.table.socket(*row, snapshot)?));
        selected.into_iter().chain(in_sight).collect()
    }
}

/// The other machine of a socket that somebody could know a name of.
fn peer(socket: &Socket) -> Option<IpAddr> {
    let address = socket.raw.peer()?.address.to_canonical();
    may_have_name(address).then_some(address)
}
