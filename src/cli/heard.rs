//! What listeners of this machine answered when somebody asked them: kept in the history, where there is one, and told
//! to whoever judges.

#![expect(clippy::disallowed_methods, reason = "when it was asked")]

use super::{context::Context, error, history, machine};
use crate::{
    model::{Event, EventKind, Heard, Probed, Protocol, Snapshot, Socket, State, Text},
    monitor::{Monitor, events},
    probe::{self, agreement},
    registry::Registry,
    rules::speaks_otherwise,
    store::{self, Store},
    tui::Asker,
};
use jiff::Timestamp;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

/// The most answers that are taken from the history, the newest.
const MOST: usize = 4096;
/// How long the dashboard waits for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Writes down what listeners of this machine answered, where somebody began a history.
pub(super) fn keep(context: &Context, probed: &[Probed]) {
    let Some(path) = machine::history_of(context) else {
        return;
    };
    let answers = probed.iter().filter_map(|one| {
        let answer = one.outcome.as_ref().ok()?;
        answer.spoke?;
        Some((one.address?, answer))
    });
    let answers: Vec<_> = answers.collect();
    if answers.is_empty() {
        return;
    }
    let ports: Vec<u16> = answers.iter().map(|(address, _)| address.port()).collect();
    let snapshot = machine::about(context, &ports, &|all| {
        let there = |(address, _): &(SocketAddr, _)| listener(all, *address);
        answers.iter().filter_map(there).collect()
    });
    let Ok(snapshot) = snapshot else {
        return;
    };
    let now = Timestamp::now();
    let events = answers.iter().filter_map(|(address, answer)| {
        let socket = listener(&snapshot, *address)?;
        let heard = Heard::of(answer, socket.owner()?.program(), now)?;
        Some(event(socket, &heard))
    });
    let events: Vec<Event> = events.collect();
    if events.is_empty() {
        return;
    }
    let written = Store::add(&path, &events);
    if let Err(why) = written
        && !context.quiet
    {
        let why = Text::from(why.to_string());
        error::print(format_args!(
            "note: what was heard could not be written to the history: {why}"
        ));
    }
}

/// Tells the monitor what listeners answered before, the newest last.
pub(super) fn recall(
    store: &Store,
    registry: &'static Registry,
    monitor: &mut Monitor,
) -> Result<(), store::Error> {
    for event in store.of_kind(EventKind::Heard, MOST)? {
        let words = event.detail.as_deref().and_then(Heard::parts);
        let (Some(program), Some((spoke, greeting))) = (event.exe, words) else {
            continue;
        };
        let (protocol, port) = (event.protocol, event.local.port);
        let heard = Heard {
            at: event.at,
            program,
            spoke: Text::from(spoke),
            agreement: agreement(Some(spoke), &registry.service(port, protocol)),
            greeting: Text::from(greeting),
        };
        monitor.heard(protocol, port, heard);
    }
    Ok(())
}

fn event(socket: &Socket, heard: &Heard) -> Event {
    let words = Some(Text::from(heard.words()));
    events::of_socket(heard.at, EventKind::Heard, socket, words)
}

/// The listener of this machine that answers at an address.
///
/// One on every address answers at those of other machines as little as one on loopback does: an address that is not
/// this machine's for certain has none.
fn listener(snapshot: &Snapshot, address: SocketAddr) -> Option<&Socket> {
    let ip = address.ip().to_canonical();
    let answers = |socket: &&Socket| {
        let raw = &socket.raw;
        let own = raw.local().canonical();
        let is_there = own == ip || ip.is_loopback() && own.is_unspecified();
        raw.protocol == Protocol::Tcp
            && raw.state == State::Listen
            && !raw.is_elsewhere()
            && raw.local().port == address.port()
            && is_there
    };
    let mut sockets = snapshot.sockets.iter().map(|socket| &**socket);
    let exact = |socket: &Socket| socket.raw.local().canonical() == ip;
    let all: Vec<&Socket> = sockets.by_ref().filter(answers).collect();
    let first = all.iter().find(|socket| exact(socket)).or(all.first());
    first.copied()
}

/// Where a listener of this machine answers.
fn address_of(socket: &Socket) -> SocketAddr {
    let local = socket.raw.local();
    let address: IpAddr = match local.address {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        IpAddr::V4(_) | IpAddr::V6(_) => local.address,
    };
    (address, local.port).into()
}

/// Asks for the dashboard, and writes into the history.
#[derive(Debug)]
pub(super) struct Asking {
    registry: &'static Registry,
    history: Option<PathBuf>,
}

impl Asking {
    pub(super) fn of(context: &Context) -> Self {
        let path = history::path(context, None).ok();
        Self {
            registry: context.registry(),
            history: path.filter(|_| !context.is_recording),
        }
    }
}

impl Asker for Asking {
    fn ask(&self, socket: &Socket) -> Result<(String, Option<Heard>), String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        let raw = &socket.raw;
        let service = self.registry.service(raw.local().port, raw.protocol);
        let asked = probe::ask(address_of(socket), PATIENCE, service);
        let answer = runtime
            .block_on(asked)
            .map_err(|error| super::probe::words(&error))?;
        let place = format!("{}/{}", raw.local().port, raw.protocol.name());
        let Some(spoke) = answer.spoke else {
            let words = if answer.greeting.is_empty() {
                format!("{place} took the connection and said nothing")
            } else {
                format!("{place} said what is not known: {}", answer.greeting)
            };
            return Ok((words, None));
        };
        let words = match speaks_otherwise::of_answer(service, &answer) {
            Some(finding) => finding.title,
            None => format!("{place} speaks {spoke}: {}", answer.greeting),
        };
        let owner = socket.owner();
        let heard = owner.and_then(|owner| Heard::of(&answer, owner.program(), Timestamp::now()));
        if let (Some(heard), Some(path)) = (&heard, &self.history)
            && matches!(path.try_exists(), Ok(true))
        {
            let written = Store::add(path, &[event(socket, heard)]);
            if let Err(why) = written {
                tracing::warn!(%why, "what was heard could not be written to the history");
            }
        }
        Ok((words, heard))
    }
}
