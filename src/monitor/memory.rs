//! What is remembered of programs and ports, so that rules can judge what takes time to show.
//!
//! Bounded in every direction: the programs, the contacts of each, the calls to each peer, the ports.
//! Only connections that began while we looked count, since nobody knows when the others did.

mod beats;
mod calls;
mod strangers;

use super::sides::{Gate, Side, gate};
use crate::{
    model::{
        Direction, Endpoint, Heard, PortRange, Process, ProcessKey, Protocol, SampledSocket,
        SocketKey, State, Text,
    },
    rules::past::{Former, NOTHING, NOTHING_OF_PORT, Past, PortPast},
};
use beats::Beats;
use calls::Caller;
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use strangers::Strangers;

const MOST_PROGRAMS: usize = 1024;
const MOST_PORTS: usize = 4096;
/// The most programs that are remembered of one port.
const MOST_FORMER: usize = 8;
/// Directories that packages and administrators fill: a program may move there from version to version.
const INSTALLED: [&str; 6] = ["/usr/", "/bin/", "/sbin/", "/opt/", "/snap/", "/nix/store/"];

/// What is remembered.
#[derive(Debug, Default)]
pub(super) struct Memory {
    callers: HashMap<Program, Caller>,
    beats: Beats,
    strangers: Strangers,
    /// The moment that was taken in last, and how long before it the one before was.
    moment: Option<(Duration, Duration)>,
    ports: HashMap<Gate, Service>,
    /// Ports that answered since the last moment.
    answered: HashSet<Gate>,
    /// What follows, for the processes there is something to say about.
    past: HashMap<ProcessKey, Past>,
}

/// One socket, as this moment shows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight<'a> {
    pub(super) raw: &'a SampledSocket,
    /// The process that has held it longest; `None` where nobody is seen to hold it.
    pub(super) owner: Option<&'a Arc<Process>>,
    pub(super) side: Side,
    /// It began since the moment before. What was there when we began to look may have begun at any time.
    pub(super) is_new: bool,
    /// Somebody chose the port; the kernel did not give it by chance.
    pub(super) is_chosen: bool,
}

/// What is judged otherwise than a moment ago because of what is remembered.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Moved {
    /// Processes whose past says something else now.
    pub(super) processes: HashSet<ProcessKey>,
    /// Ports of which something else is known now.
    pub(super) ports: HashSet<Gate>,
}

/// What tells one program at work from every other: its file, its user, its unit, who started it.
///
/// Children that a program starts one after the other to make its calls are one, so that a loop around
/// `curl` is seen.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Program {
    file: Text,
    uid: Option<u32>,
    unit: Option<Text>,
    parent: Option<ProcessKey>,
}

impl Program {
    fn of(process: &Process) -> Self {
        Self {
            file: process.program().clone(),
            uid: process.uid,
            unit: process.unit.clone(),
            parent: process.ancestors.first().map(|parent| parent.key),
        }
    }
}

/// Who serves a port, and who did.
#[derive(Debug)]
struct Service {
    now: Text,
    until: Timestamp,
    known: Vec<Text>,
    past: PortPast,
}

impl Memory {
    /// Takes over what is known of a port from before: a program, and when it last served there.
    pub(super) fn knew(&mut self, port: Gate, program: &Text, until: Timestamp) {
        if self.ports.len() >= MOST_PORTS && !self.ports.contains_key(&port) {
            return;
        }
        let service = self
            .ports
            .entry(port)
            .or_insert_with(|| Service::new(program, until));
        if service.until < until {
            (service.now, service.until) = (program.clone(), until);
        }
        service.remember(program);
    }

    /// Takes in what a program answered on a port when somebody asked it.
    pub(super) fn heard(&mut self, port: Gate, heard: Heard) {
        if self.ports.len() >= MOST_PORTS && !self.ports.contains_key(&port) {
            return;
        }
        let service = self
            .ports
            .entry(port)
            .or_insert_with(|| Service::new(&heard.program, heard.at));
        service.past.heard = Some(heard);
        self.answered.insert(port);
    }

    /// Takes in the sockets of one moment, and says what is judged otherwise because of it.
    ///
    /// `elapsed` is the moment on a clock that never jumps.
    pub(super) fn observe<'a>(
        &mut self,
        sights: impl Iterator<Item = Sight<'a>>,
        processes: &[Arc<Process>],
        (at, elapsed): (Timestamp, Duration),
    ) -> Moved {
        let mut moved = Moved {
            ports: std::mem::take(&mut self.answered),
            ..Moved::default()
        };
        let mut left_open: BTreeMap<ProcessKey, u32> = BTreeMap::new();
        let before = self.moment.map_or(elapsed, |(before, _)| before);
        let look = elapsed.saturating_sub(before);
        self.moment = Some((elapsed, look));
        // Several programs can share a port, each on an address of its own.
        let mut serving: BTreeMap<Gate, BTreeSet<&Text>> = BTreeMap::new();
        for Sight {
            raw,
            owner,
            side,
            is_new,
            is_chosen,
        } in sights
        {
            let peer = raw.peer().filter(|_| side.client && is_new);
            let called = peer.filter(|_| raw.protocol == Protocol::Tcp);
            if let Some(peer) = called.filter(|_| !was_told_of(raw)) {
                let netns = raw.netns_number();
                self.beats.called(netns, peer, owner, (elapsed, look));
            }
            let Some(owner) = owner else {
                continue;
            };
            if raw.state == State::CloseWait {
                *left_open.entry(owner.key).or_default() += 1;
            }
            if side.direction == Direction::Listen {
                if is_chosen {
                    serving
                        .entry(gate(raw))
                        .or_default()
                        .insert(owner.program());
                }
            } else if let Some(peer) = called {
                self.called(Program::of(owner), peer, (elapsed, look));
            }
        }
        for (port, programs) in &serving {
            self.serve(*port, programs, at, &mut moved);
        }
        self.callers.retain(|_, caller| caller.forget(elapsed));
        moved.processes = self.conclude(processes, &left_open);
        moved
    }

    /// Takes in connections of the same moment that this machine asked for and that ended: those that were only `tried`,
    /// so that nobody saw them, and those of which nobody saw the owner, `orphans`. Returns those that completed a sweep,
    /// and the last of those that keep to a beat. `given` are the ports that the kernel hands out.
    pub(super) fn observe_strangers<'a>(
        &mut self,
        tried: impl Iterator<Item = &'a SampledSocket>,
        orphans: impl Iterator<Item = &'a SampledSocket>,
        given: Option<PortRange>,
    ) -> HashMap<SocketKey, Past> {
        let (elapsed, look) = self.moment.unwrap_or_default();
        self.strangers.forget(elapsed);
        self.beats.forget(elapsed);
        let mut pasts = HashMap::new();
        let mut called = BTreeMap::new();
        for raw in tried {
            if let Some(contacts) = self.strangers.tried(raw, given, elapsed) {
                let past = Past {
                    contacts: Some(contacts),
                    ..Past::default()
                };
                pasts.insert(raw.key(), past);
            }
            // Of a connection that failed the kernel forgets the port.
            let peer = raw.peer().filter(|peer| peer.port != 0);
            if let Some(peer) = peer.filter(|_| raw.protocol == Protocol::Tcp) {
                let netns = raw.netns_number();
                self.beats.called(netns, peer, None, (elapsed, look));
                called.insert((netns, peer), raw.key());
            }
        }
        // Those were counted when they were seen.
        for raw in orphans.filter(|raw| raw.protocol == Protocol::Tcp) {
            if let Some(peer) = raw.peer() {
                called.insert((raw.netns_number(), peer), raw.key());
            }
        }
        for ((netns, peer), key) in called {
            if let Some(past) = self.beats.past(netns, peer, elapsed)
                && !self.tells_already(&past, peer)
            {
                pasts.entry(key).or_insert(past);
            }
        }
        pasts
    }

    /// Whether the one that was caught is known to keep the beat, which is told of it then.
    fn tells_already(&self, past: &Past, peer: Endpoint) -> bool {
        let known = past.caught.as_ref().map(|caught| self.past(caught.key));
        known.is_some_and(|known| known.calls.iter().any(|calls| calls.peer == peer))
    }

    /// What a rule may know of a process.
    pub(super) fn past(&self, process: ProcessKey) -> &Past {
        self.past.get(&process).unwrap_or(&NOTHING)
    }

    /// What a rule may know of a port.
    pub(super) fn past_of_port(&self, port: Gate) -> &PortPast {
        self.ports
            .get(&port)
            .map_or(&NOTHING_OF_PORT, |service| &service.past)
    }

    fn called(&mut self, program: Program, peer: Endpoint, (at, look): (Duration, Duration)) {
        if self.callers.len() < MOST_PROGRAMS || self.callers.contains_key(&program) {
            self.callers
                .entry(program)
                .or_default()
                .called(peer, at, look);
        }
    }

    fn serve(&mut self, port: Gate, programs: &BTreeSet<&Text>, at: Timestamp, moved: &mut Moved) {
        let is_room = self.ports.len() < MOST_PORTS;
        let Some(service) = self.ports.get_mut(&port) else {
            if let Some(first) = programs.first().filter(|_| is_room) {
                let mut service = Service::new(first, at);
                for program in programs {
                    service.remember(program);
                }
                self.ports.insert(port, service);
            }
            return;
        };
        if !programs.contains(&service.now)
            && let Some(program) = programs.first()
        {
            service.is_taken_by(program);
            moved.ports.insert(port);
        }
        for program in programs {
            service.remember(program);
        }
        service.until = at;
    }

    fn conclude(
        &mut self,
        processes: &[Arc<Process>],
        left_open: &BTreeMap<ProcessKey, u32>,
    ) -> HashSet<ProcessKey> {
        let mut past: HashMap<ProcessKey, Past> = HashMap::new();
        // Nearly always nobody called, and then no process is looked at.
        if !self.callers.is_empty() {
            for process in processes {
                let caller = self.callers.get(&Program::of(process));
                let concluded = caller.and_then(Caller::conclude);
                past.extend(concluded.map(|concluded| (process.key, concluded)));
            }
        }
        for (process, count) in left_open {
            if *count >= Past::PILE {
                past.entry(*process).or_default().left_open = *count;
            }
        }
        let before = std::mem::replace(&mut self.past, past);
        let differs = |process: &&ProcessKey| before.get(*process) != self.past.get(*process);
        let all = before.keys().chain(self.past.keys());
        all.filter(differs).copied().collect()
    }
}

impl Service {
    fn new(program: &Text, until: Timestamp) -> Self {
        Self {
            now: program.clone(),
            until,
            known: vec![program.clone()],
            past: PortPast::default(),
        }
    }

    fn remember(&mut self, program: &Text) {
        if !self.knows(program) && self.known.len() < MOST_FORMER {
            self.known.push(program.clone());
        }
    }

    fn knows(&self, program: &Text) -> bool {
        self.known.iter().any(|known| is_same(known, program))
    }

    /// Another program has the port now. One that had it before is no news.
    fn is_taken_by(&mut self, program: &Text) {
        let before = std::mem::replace(&mut self.now, program.clone());
        let of_others = |heard: &mut Heard| heard.program != *program;
        self.past.heard.take_if(of_others);
        self.past.former = (!self.knows(program)).then_some(Former {
            program: before,
            until: self.until,
        });
        self.remember(program);
    }
}

/// Whether the kernel told of its end before: what it keeps of a connection has no inode, and is another socket to it.
fn was_told_of(raw: &SampledSocket) -> bool {
    raw.inode().is_none() && matches!(raw.state, State::TimeWait | State::FinWait2)
}

/// Whether two paths are one program: the same, or two versions of what was installed.
fn is_same(one: &str, other: &str) -> bool {
    let file = |path: &str| path.rsplit('/').next().map(ToOwned::to_owned);
    let installed = |path: &str| INSTALLED.iter().any(|folder| path.starts_with(folder));
    one == other || installed(one) && installed(other) && file(one) == file(other)
}

#[cfg(test)]
mod tests;
