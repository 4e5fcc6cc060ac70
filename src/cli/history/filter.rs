//! A filter over events: an event is made into the socket that it tells of.

use super::super::error::{self, Failure};
use crate::{
    model::{
        About, Assessment, Coverage, Direction, Event, Executable, Extent, Fact, Family, Few,
        Holdings, Owner, OwnersSeen, Process, ProcessKey, Protocol, SampledSocket, Service,
        Snapshot, Socket, SourceKind, Started, State, Text, ToldSocket, Unseen, Verdict,
    },
    query::Query,
    registry::Registry,
};
use std::{net::IpAddr, sync::Arc, time::Duration};

/// The fields and words that an event can answer.
const KNOWN: [&str; 24] = [
    "port", "lport", "rport", "proto", "family", "state", "dir", "exposure", "addr", "laddr",
    "raddr", "proc", "pid", "user", "exe", "svc", "verdict", "lo", "listen", "estab", "wild", "v4",
    "v6", "tcp",
];

/// What of the history is asked for.
#[derive(Debug)]
pub(in crate::cli) struct Filter {
    query: Query,
    registry: &'static Registry,
    /// The query wants a snapshot as well; what it would take from it is not in [`KNOWN`].
    nowhere: Snapshot,
}

impl Filter {
    /// Reads a filter, and refuses what the history does not know.
    pub(in crate::cli) fn read(text: &str, registry: &'static Registry) -> Result<Self, Failure> {
        let query = error::filter(text)?;
        query
            .looks_only_at(&[&KNOWN[..], &["udp"]].concat(), "the history", text)
            .map_err(|error| error::wrong_filter(&error))?;
        Ok(Self {
            query,
            registry,
            nowhere: nowhere(),
        })
    }

    /// Whether `event` is asked for; one of the recorder is when nothing is asked.
    pub(in crate::cli) fn matches(&self, event: &Event) -> bool {
        self.query.is_empty()
            || event.is_about_socket()
                && self
                    .query
                    .matches(&socket(event, self.registry), &self.nowhere)
    }
}

/// The socket an event tells of; unknown is what the history does not keep.
fn socket(event: &Event, registry: &Registry) -> Socket {
    let process = event.pid.map(|pid| Arc::new(process(event, pid)));
    let family = match (event.protocol, event.local.address) {
        (Protocol::Unix, _) => Family::Unix,
        (Protocol::Packet, _) => Family::Packet,
        (_, IpAddr::V4(_)) => Family::Ipv4,
        (_, IpAddr::V6(_)) => Family::Ipv6,
    };
    let raw = SampledSocket::from(ToldSocket {
        peer: event.peer,
        owners: process
            .iter()
            .map(|process| Owner {
                process: process.key,
                fds: Few::default(),
            })
            .collect(),
        ..ToldSocket::new(event.protocol, family, state(event), event.local)
    });
    let about = About {
        exposure: raw.exposure(),
        processes: process.into_iter().collect(),
        direction: event.direction.unwrap_or(Direction::Listen),
        service: service(event, registry),
        user: event.user.clone(),
        before_us: true,
        changed_at: None,
        closed_at: None,
        assessment: Arc::new(Assessment {
            verdict: event.verdict.unwrap_or(Verdict::Unknown),
            reason: None,
            findings: vec![],
            accepted: vec![],
        }),
    };
    Socket {
        raw: Arc::new(raw),
        about: Arc::new(about),
        first_seen: event.at.into(),
        rates: None,
    }
}

/// The recorder always knows the state; what else wrote the file may not.
fn state(event: &Event) -> State {
    event.state.unwrap_or(match event.protocol {
        protocol if protocol.is_datagram() => State::Unconnected,
        _ => State::Close,
    })
}

fn process(event: &Event, pid: u32) -> Process {
    let unknown = Unseen::NotAsked;
    let name = event.program.clone().unwrap_or_else(|| Text::from(""));
    Process {
        key: ProcessKey {
            pid,
            started: Started::Ticks(0),
        },
        comm: name.clone(),
        name,
        executable: match &event.exe {
            Some(path) => Fact::Known(Executable {
                path: path.clone(),
                deleted: false,
                file_at_path: true,
                memfd: false,
                shared_directory: None,
            }),
            None => Fact::Unknown(unknown),
        },
        cmdline: Fact::Unknown(unknown),
        cwd: Fact::Unknown(unknown),
        uid: None,
        user: None,
        ppid: None,
        ancestors: vec![],
        started_at: None,
        terminal: Fact::Unknown(unknown),
        unit: None,
        container: None,
        package: Fact::Unknown(unknown),
        streams: Fact::Unknown(unknown),
        shells: vec![],
        background: Arc::default(),
    }
}

/// The service whose name the event carries, as the registry knows it now: of one of the two ports.
fn service(event: &Event, registry: &Registry) -> Option<Service> {
    let name = event.service.as_deref()?;
    let ends = [Some(event.local), event.peer];
    let services = ends
        .into_iter()
        .flatten()
        .map(|end| registry.service(end.port, event.protocol));
    services
        .into_iter()
        .find(|service| service.label() == Some(name))
}

fn nowhere() -> Snapshot {
    Snapshot {
        holdings: Holdings::default(),
        source: SourceKind::Portable,
        host: Text::from(""),
        taken_at: jiff::Timestamp::UNIX_EPOCH,
        elapsed: Duration::ZERO,
        euid: None,
        ephemeral_ports: None,
        extent: Extent::default(),
        sockets: vec![],
        closed: vec![],
        ended: vec![],
        short_lived: vec![],
        lately: vec![],
        processes: vec![],
        policy: Arc::default(),
        declared: Arc::default(),
        coverage: Coverage {
            owners: OwnersSeen::None,
            unreadable_processes: 0,
            limits: vec![],
            other_namespaces: 0,
        },
        owners_hidden: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EventKind, fixture};

    fn opened() -> Event {
        Event {
            local: fixture::endpoint("10.0.0.5:43210"),
            peer: Some(fixture::endpoint("192.0.2.7:6379")),
            state: Some(State::Established),
            direction: Some(Direction::Outbound),
            user: Some(Text::from("deploy")),
            program: Some(Text::from("redis-cli")),
            pid: Some(812),
            exe: Some(Text::from("/usr/bin/redis-cli")),
            service: Some(Text::from("redis")),
            verdict: Some(Verdict::Notable),
            ..Event::of_recorder(EventKind::Opened, fixture::NOW)
        }
    }

    fn matches(filter: &str, event: &Event) -> bool {
        Filter::read(filter, Registry::bundled())
            .unwrap()
            .matches(event)
    }

    #[test]
    fn an_event_is_found_by_what_it_knows() {
        for filter in [
            "",
            "port:6379",
            "rport:6379",
            "raddr:192.0.2.0/24",
            "proc:redis",
            "exe:/usr/bin",
            "pid:812",
            "812",
            "user:deploy",
            "svc:redis",
            "verdict:>=notable",
            "state:established",
            "estab",
            "dir:outbound",
            "tcp v4 !lo !listen !udp",
            "redis-cli",
            "\"192.0.2.7\"",
        ] {
            assert!(matches(filter, &opened()), "{filter}");
        }
        for filter in ["port:22", "listen", ":43210", "user:root", "wild", "lo"] {
            assert!(!matches(filter, &opened()), "{filter}");
        }
    }

    #[test]
    fn what_the_history_does_not_keep_is_refused_and_pointed_at() {
        for (filter, place) in [
            ("port:22 cmd:x", "cmd"),
            ("lo | (v4 !mine)", "mine"),
            ("rx:>1M", "rx"),
            ("new", "new"),
        ] {
            let Err(Failure::Usage(message)) = Filter::read(filter, Registry::bundled()) else {
                panic!("{filter} was taken")
            };
            let column = filter.find(place).unwrap();
            let carets = format!("{}{}", " ".repeat(column), "^".repeat(place.len()));
            assert!(
                message.contains(&format!("\n{carets}\n{place}")),
                "{message}"
            );
        }
        assert!(matches("\"new\" | redis", &opened()));
    }

    #[test]
    fn the_recorder_s_own_events_answer_no_filter() {
        let began = Event::of_recorder(EventKind::Began, fixture::NOW);
        assert!(matches("", &began));
        assert!(!matches("!port:22", &began));
    }
}
