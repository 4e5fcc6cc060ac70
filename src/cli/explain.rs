//! `explain`: the page of a port.

use super::{
    Ending,
    args::{Explain, PageFormat},
    context::Context,
    error::{self, Failure},
    machine, output,
};
use crate::{
    model::{Declared, HereNow, Page, Protocol, Snapshot, Socket, Text},
    registry::{
        Registry,
        target::{self, Target, TargetError},
    },
    report::{
        explain::{Entry, write_json, write_markdown, write_text},
        list::word,
        socket::SocketJson,
    },
};
use std::io::Write as _;

pub(super) fn run(context: &Context, args: &Explain) -> Result<Ending, Failure> {
    let registry = context.registry();
    let (targets, unknown) = targets(&args.targets, registry)?;
    let pages: Vec<_> = targets
        .iter()
        .map(|target| registry.page(target.port, target.protocol))
        .collect();
    // What is true here now is worth having, but the page is known without it.
    let mut ports: Vec<u16> = targets.iter().map(|target| target.port).collect();
    ports.dedup();
    let snapshot = machine::about(context, &ports, &|all| {
        let about = |target: &Target| sockets(all, *target);
        targets.iter().flat_map(about).collect()
    })
    .ok();
    let here = |target: &Target| {
        snapshot
            .as_deref()
            .map(|snapshot| sockets(snapshot, *target))
    };
    let here: Vec<Option<Vec<&Socket>>> = targets.iter().map(here).collect();
    let declared: Vec<Vec<&Declared>> = targets
        .iter()
        .map(|target| declared(snapshot.as_deref(), *target))
        .collect();
    let mut out = output::stdout();
    match args.format {
        PageFormat::Text | PageFormat::Markdown => {
            let here: Vec<_> = here
                .iter()
                .map(|list| list.as_ref().map(|list| words(list)))
                .collect();
            let entries = entries(&pages, &here, &declared);
            if args.format == PageFormat::Text {
                write_text(&mut out, &entries, context.style())?;
            } else {
                write_markdown(&mut out, &entries)?;
            }
        }
        PageFormat::Json => {
            let here: Vec<Option<Vec<_>>> = here
                .iter()
                .map(|list| {
                    list.as_ref()
                        .map(|list| list.iter().map(|socket| SocketJson::new(socket)).collect())
                })
                .collect();
            let entries = entries(&pages, &here, &declared);
            write_json(&mut out, &entries)?;
        }
    }
    out.flush()?;
    for name in &unknown {
        error::print(format_args!("error: {name}"));
    }
    Ok(if unknown.is_empty() {
        Ending::Well
    } else {
        Ending::Negative
    })
}

/// Puts each page together with what is true of its port here.
fn entries<'a, T>(
    pages: &'a [Page],
    here: &'a [Option<Vec<T>>],
    declared: &'a [Vec<&'a Declared>],
) -> Vec<Entry<'a, T>> {
    let entry = |((page, here), declared): ((&'a Page, &'a Option<Vec<T>>), &'a Vec<_>)| Entry {
        page,
        here_now: here.as_deref(),
        declared,
    };
    pages.iter().zip(here).zip(declared).map(entry).collect()
}

/// Reads what was asked for; what is well formed but names nothing comes second.
fn targets(
    texts: &[String],
    registry: &Registry,
) -> Result<(Vec<Target>, Vec<TargetError>), Failure> {
    let mut targets = vec![];
    let mut unknown = vec![];
    for text in texts {
        match target::parse(text, registry) {
            Ok(found) => targets.extend(found),
            Err(error @ TargetError::Syntax { .. }) => {
                let place = error
                    .place()
                    .map_or(String::new(), |place| format!("\n{place}"));
                return Err(Failure::Usage(format!("{error}{place}")));
            }
            Err(error) => unknown.push(error),
        }
    }
    Ok((targets, unknown))
}

/// The sockets of this machine on a port, and those that talk to it elsewhere.
fn sockets(snapshot: &Snapshot, target: Target) -> Vec<&Socket> {
    let about = |socket: &&Socket| {
        let is_port = socket.raw.port() == Some(target.port)
            || socket
                .service
                .is_some_and(|service| service.port == target.port);
        is_port
            && target
                .protocol
                .is_none_or(|protocol| protocol == socket.raw.protocol)
    };
    snapshot.open().filter(about).collect()
}

/// What files of this machine say about a port.
fn declared(snapshot: Option<&Snapshot>, target: Target) -> Vec<&Declared> {
    let wanted = |one: &&Declared| target.protocol.is_none_or(|wanted| wanted == one.protocol);
    let about = |protocol| snapshot.map(|snapshot| snapshot.declared_for(target.port, protocol));
    [Protocol::Tcp, Protocol::Udp]
        .into_iter()
        .filter_map(about)
        .flatten()
        .filter(wanted)
        .collect()
}

fn words(sockets: &[&Socket]) -> Vec<HereNow> {
    let one = |socket: &&Socket| {
        let raw = &socket.raw;
        let peer = raw
            .connected_to()
            .map_or(String::new(), |peer| format!(" - {peer}"));
        HereNow {
            socket: format!(
                "{} {} {} {}{peer}",
                word(socket.assessment.verdict),
                raw.protocol.name(),
                raw.state.name(),
                raw.bound_to()
            ),
            owner: socket
                .owner()
                .map(|process| Text::from(format!("{} {}", process.name, process.key.pid))),
        }
    };
    sockets.iter().map(one).collect()
}
