//! The source `sock-diag`: what changed among the sockets, then their owners, then what these are.

mod attribution;
mod coverage;
mod ending;
mod watching;

use super::{
    closings::{Closings, News},
    counters::Counters,
    diag::{Algorithms, Diag},
    families::Families,
    governor::{Governor, Seen},
    host,
    owners::Owners,
    proc_net::Net,
    processes::{Processes, Wanted},
    procfs::Procfs,
    rest::{OWN_TABLES, Rest},
    sockets::Sockets,
    users::Users,
};
use crate::{
    collect::{
        Cost, Error, Source, Thoroughly, clock::Clock, declared::Places, programs::Packages,
    },
    model::{
        Coverage, Extent, Limit, LimitKind, OwnersSeen, PortRange, Sample, SampledSocket,
        SourceKind, Text, text::plural,
    },
};
use jiff::Timestamp;
use rustix::{
    io::Errno,
    time::{ClockId, clock_gettime},
};
use std::{net::IpAddr, path::Path, sync::Arc, time::Duration};

const PROC: &str = "/proc";
const PASSWD: &str = "/etc/passwd";
/// How long what was read about the machine counts.
const FRESH: Duration = Duration::from_secs(5);
/// How long the algorithms count that connections send by: few programs ever choose another. Shorter where there are
/// connections whose algorithm was never named.
const NAMED_AGAIN: Duration = Duration::from_mins(1);
const NAMED_FIRST: Duration = Duration::from_secs(10);

/// Reads sockets over netlink and owners from `/proc`.
#[derive(Debug)]
pub(super) struct SockDiag {
    clock: Clock,
    diag: Diag,
    rest: Rest,
    kind: SourceKind,
    /// What every sample is missing.
    always: Vec<Limit>,
    /// `None` where the kernel does not tell.
    closings: Option<Closings>,
    governor: Governor,
    sockets: Sockets,
    owners: Owners,
    procfs: Procfs,
    processes: Processes,
    machine: Machine,
    /// Sockets that are looked up in each sample, by cookie: those that bytes went through.
    watched: Vec<u64>,
    /// When a pass last named the algorithms that connections send by, and whether some came since that were not named.
    named_at: Option<Duration>,
    has_unnamed: bool,
    /// What the last pass could not read.
    limits: Vec<Limit>,
    /// What the ends of connections had sent of which the last news told.
    sent: ending::Sent,
    /// How many closings could not be kept since the last sample; the kernel does not say of how many it did not tell.
    closings_missed: Option<usize>,
    euid: u32,
    user_uid: u32,
    /// Where files declare ports, until they have been read.
    declared: Option<Places>,
    cost: Option<Cost>,
}

/// What changes so rarely that it is read every few seconds only.
#[derive(Debug, Default)]
struct Machine {
    read_at: Option<Duration>,
    host: Option<Text>,
    ephemeral_ports: Option<PortRange>,
    addresses: Vec<IpAddr>,
    sees_everybody: bool,
    is_contained: bool,
}

impl SockDiag {
    /// Opens it on this machine.
    pub(super) fn open() -> Result<Self, Error> {
        let (procfs, clock) = (procfs()?, Clock::start());
        let diag = Diag::open(clock).map_err(|errno| Error::SocketTable(errno.into()))?;
        let mut source = Self::reading(SourceKind::SockDiag, procfs, clock, diag);
        source.diag.stands_in(source.rest.own_namespace());
        source.closings = Closings::open(clock).ok();
        Ok(source)
    }

    /// Opens the source that reads `/proc/net` in place of asking over netlink, for this reason.
    pub(super) fn open_proc_net(reason: Option<Limit>) -> Result<Self, Error> {
        let (procfs, clock) = (procfs()?, Clock::start());
        let net = Net::open(OWN_TABLES).map_err(|errno| Error::SocketFiles(errno.into()))?;
        let diag = Diag::of_files(net);
        let mut source = Self::reading(SourceKind::ProcNet, procfs, clock, diag);
        source.rest = Rest::open(&source.procfs, Families::of_proc_net());
        source.always.extend(reason);
        source.always.push(Limit {
            kind: LimitKind::Metrics,
            detail: Text::from(
                "connections have no counters and listeners no backlog: /proc/net does not tell them",
            ),
            remedy: None,
        });
        Ok(source)
    }

    fn reading(kind: SourceKind, procfs: Procfs, clock: Clock, diag: Diag) -> Self {
        let users = Users::from_file(PASSWD.into());
        let packages = Packages::of_system(Path::new("/"));
        let boot = host::boot();
        let (euid, user_uid) = host::users();
        Self {
            clock,
            diag,
            rest: Rest::open(&procfs, Families::open()),
            kind,
            always: Vec::new(),
            closings: None,
            governor: Governor::default(),
            sockets: Sockets::default(),
            owners: Owners::new(),
            processes: Processes::new(users, packages, boot),
            procfs,
            machine: Machine::default(),
            watched: Vec::new(),
            named_at: None,
            has_unnamed: false,
            limits: Vec::new(),
            sent: ending::Sent::default(),
            closings_missed: None,
            euid,
            user_uid,
            declared: Some(Places::of_system(Path::new("/"))),
            cost: None,
        }
    }

    fn failure(&self, errno: Errno) -> Error {
        match self.kind {
            SourceKind::ProcNet => Error::SocketFiles(errno.into()),
            SourceKind::SockDiag | SourceKind::Portable => Error::SocketTable(errno.into()),
        }
    }

    /// Brings the sockets up to date, by a pass over all of them or without; returns those that were closed.
    fn bring_up_to_date(&mut self, now: Duration) -> Result<Vec<Arc<SampledSocket>>, Error> {
        let news = self.fetch();
        // What a pass is about to tell is not asked for one by one.
        let is_certain = self.governor.is_certain(now);
        let explained = (!is_certain).then(|| self.look_up_watched() + self.explained_by(&news));
        // The first pass makes room by them; later they only say what was opened, beside news of what was closed.
        let has_use = self.closings.is_some() || self.sockets.is_empty();
        let counters = if self.sockets.is_empty() {
            Counters::of_sockets(&self.procfs)
        } else if has_use {
            Counters::read(&self.procfs)
        } else {
            None
        };
        let is_pass = self.governor.decide(
            now,
            Seen {
                // Without news of closings the counts do not tell what was opened.
                counters: counters.filter(|_| self.closings.is_some()),
                explained,
                in_time_wait: u64::from(self.sockets.accounts().in_time_wait()),
            },
        );
        if !is_pass {
            return Ok(self.settle(news.closed));
        }
        let began = spent(ClockId::ThreadCPUTime);
        let expected = counters.map_or(0, |counters| counters.in_use + counters.in_time_wait);
        let gone = self.pass(news, usize::try_from(expected).unwrap_or(0))?;
        self.watch_the_busiest();
        let cost = spent(ClockId::ThreadCPUTime).saturating_sub(began);
        self.governor.passed(now, cost);
        Ok(gone)
    }

    /// Fetches the news of closings.
    fn fetch(&mut self) -> News {
        self.hear(Closings::fetch)
    }

    /// Takes news of closings, and notes what of it was missed.
    fn hear(&mut self, take: impl FnOnce(&mut Closings) -> News) -> News {
        let news = self.closings.as_mut().map(take).unwrap_or_default();
        let is_missed = news.lost || news.more > 0;
        if is_missed {
            self.closings_missed = Some(self.closings_missed.unwrap_or(0) + news.more);
        }
        let closed = news.closed.len() + news.more;
        self.governor.heard(closed as u64, is_missed);
        news
    }

    /// Reads all of the kernel's tables, where about so many sockets are expected.
    fn pass(&mut self, mut news: News, expected: usize) -> Result<Vec<Arc<SampledSocket>>, Error> {
        self.sockets.begin(expected);
        let read = self.read_tables();
        let gone = self.sockets.end();
        self.owners.pass();
        let limits = read.map_err(|errno| self.failure(errno))?;
        news.extend(self.fetch());
        self.limits = limits;
        Ok(self.close(news.closed, gone))
    }

    /// Gives the sockets what the kernel has of each; returns what is missing.
    fn read_tables(&mut self) -> Result<Vec<Limit>, Errno> {
        let mut limits = Vec::new();
        let found = match self.diag.read_files(&mut limits) {
            Some(found) => found?,
            None => Vec::new(),
        };
        if self.kind == SourceKind::SockDiag {
            let (now, named_at) = (self.clock.elapsed(), self.named_at);
            let within = if self.has_unnamed {
                NAMED_FIRST
            } else {
                NAMED_AGAIN
            };
            let is_due = named_at.is_none_or(|at| now.saturating_sub(at) >= within);
            let algorithms = if is_due {
                Algorithms::Named
            } else {
                Algorithms::AsBefore
            };
            let sockets = &mut self.sockets;
            limits = self
                .diag
                .dump(algorithms, &mut |raw, decoder| sockets.take(raw, decoder))?;
            if is_due {
                (self.named_at, self.has_unnamed) = (Some(now), false);
            }
            self.name_new();
        }
        let mut sockets = self.rest.named(found);
        self.rest.read(&self.procfs, &mut sockets, &mut limits);
        for socket in sockets {
            self.sockets.take_decoded(socket);
        }
        Ok(limits)
    }

    fn read_machine(&mut self, now: Duration) {
        let read_at = self.machine.read_at;
        if read_at.is_some_and(|at| now.saturating_sub(at) < FRESH) {
            return;
        }
        self.machine = Machine {
            read_at: Some(now),
            host: Some(host::name()),
            ephemeral_ports: host::ephemeral_ports(&self.procfs),
            addresses: host::addresses(),
            sees_everybody: host::sees_everybody(),
            is_contained: host::is_contained(),
        };
    }

    /// These sockets on this machine, with nobody who holds them.
    fn sample_of(
        &mut self,
        (taken_at, elapsed): (Timestamp, Duration),
        sockets: Arc<Vec<Arc<SampledSocket>>>,
        coverage: Coverage,
    ) -> Sample {
        Sample {
            source: self.kind,
            host: self.machine.host.clone().unwrap_or_else(host::name),
            taken_at,
            elapsed,
            euid: Some(self.euid),
            user_uid: Some(self.user_uid),
            ephemeral_ports: self.machine.ephemeral_ports,
            addresses: self.machine.addresses.clone(),
            sockets,
            ended: Vec::new(),
            processes: Vec::new(),
            users: self.processes.names(self.sockets.accounts().users()),
            declared: Vec::new(),
            coverage,
        }
    }
}

fn procfs() -> Result<Procfs, Error> {
    Procfs::open(Path::new(PROC)).map_err(|errno| Error::Processes(errno.into()))
}

/// The processor time that this thread has used, or this program.
fn spent(by: ClockId) -> Duration {
    Duration::try_from(clock_gettime(by)).unwrap_or_default()
}

/// So many sockets are shown before their owners are known.
const MANY: usize = 5000;

impl Source for SockDiag {
    fn sample(&mut self) -> Result<Option<Sample>, Error> {
        let (taken_at, elapsed) = self.clock.read();
        let began = spent(ClockId::ProcessCPUTime);
        let cost = || spent(ClockId::ProcessCPUTime).saturating_sub(began);
        self.sockets.begin_sample(elapsed);
        self.read_machine(elapsed);
        let mut ended = self.bring_up_to_date(elapsed)?;
        let has_owners = self.attribute();
        let of_sockets = cost();
        self.rest.count(&self.procfs, self.owners.pids());
        let late = self.fetch();
        ended.extend(self.settle(late.closed));
        let mut coverage = self.coverage(has_owners);
        if let Some(more) = self.closings_missed.take() {
            coverage.limits.push(coverage::missed_closings(more));
        }
        let wanted = Wanted {
            accounts: self.sockets.accounts(),
            ended: &ended,
        };
        let processes = self
            .processes
            .read(&self.procfs, &mut self.owners, &wanted, elapsed);
        let declared = self.declared.take().map(|places| places.read());
        let sockets = self.sockets.all();
        self.cost = Some(Cost {
            sockets: of_sockets,
            whole: cost(),
        });
        Ok(Some(Sample {
            ended,
            processes,
            declared: declared.unwrap_or_default(),
            ..self.sample_of((taken_at, elapsed), sockets, coverage)
        }))
    }

    fn sketch(&mut self) -> Result<Option<Sample>, Error> {
        let (taken_at, elapsed) = self.clock.read();
        self.read_machine(elapsed);
        self.bring_up_to_date(elapsed)?;
        let sockets = self.sockets.all();
        if sockets.len() < MANY {
            // Their owners are there before anybody has read a line. The tables are not read again for them.
            return Ok(None);
        }
        let coverage = Coverage {
            owners: OwnersSeen::NotYet,
            unreadable_processes: 0,
            limits: self.limits.clone(),
            other_namespaces: 0,
        };
        Ok(Some(self.sample_of((taken_at, elapsed), sockets, coverage)))
    }

    fn extend(&mut self, extent: Extent) {
        self.rest.extend(extent);
        self.governor.hurry();
    }

    fn hurry(&mut self) {
        self.governor.hurry();
    }

    fn cost(&self) -> Option<Cost> {
        self.cost
    }

    fn look_only_at(&mut self, pids: &[u32]) -> bool {
        self.procfs.list_only(pids.to_vec());
        true
    }

    fn settle(&mut self, sample: &mut Sample, what: Thoroughly, within: Duration) {
        let left = self.processes.settle(&mut sample.processes, what, within);
        if left > 0 {
            let programs = plural(left, "program");
            sample.coverage.limits.push(Limit {
                kind: LimitKind::Programs,
                detail: Text::from(format!(
                    "{programs} could not be compared with the package in time"
                )),
                remedy: None,
            });
        }
    }
}

#[cfg(test)]
mod tests;
