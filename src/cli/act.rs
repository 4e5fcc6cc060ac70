//! `act`: one action on targets that are named by identity. What `sudo` and `pkexec` are asked to run.

use super::{
    Ending,
    args::{self, CheckFormat},
    context::Context,
    deeds,
    error::Failure,
    output,
};
use crate::{
    act::{Actions as _, System},
    collect,
    model::{Acted, Closing, Deed, Order, Outcome, Request, SocketKey, Target},
    report::acted,
};
use std::io::Write as _;

pub(super) fn run(context: &Context, what: &args::Act) -> Result<Ending, Failure> {
    if context.settings.readonly {
        return Err(Failure::Usage("--readonly takes no action".to_owned()));
    }
    let (request, format) = match what {
        args::Act::Signal(args) => (Request::Signal(orders(args)), args.format),
        args::Act::Close(args) => (Request::Close(args.connections.clone()), args.format),
    };
    let targets = targets(&request);
    let outcomes = System::protecting(&context.settings.protected).carry_out(&request);
    let done: Vec<Acted> = targets
        .into_iter()
        .zip(outcomes)
        .map(|(one, outcome)| Acted {
            outcome: Some(outcome),
            ..one
        })
        .collect();
    let written: Vec<_> = done.iter().map(|one| (None, one)).collect();
    deeds::write(context, &written);
    let mut out = output::stdout();
    match format {
        CheckFormat::Json => acted::write_json(&mut out, &done)?,
        CheckFormat::Text => acted::write_text(&mut out, &done)?,
    }
    out.flush()?;
    let all = done.iter().all(Acted::is_done);
    Ok(if all { Ending::Well } else { Ending::Negative })
}

fn orders(args: &args::ActSignal) -> Vec<Order> {
    let order = |target: &Target| Order {
        target: target.clone(),
        signal: args.signal,
        force: args.force,
        patience: args.timeout,
        then_kill: args.then_kill,
    };
    args.targets.iter().map(order).collect()
}

/// What each target is called, before anything is done.
fn targets(request: &Request) -> Vec<Acted> {
    match request {
        Request::Signal(orders) => orders.iter().map(process).collect(),
        Request::Close(all) => all.iter().map(connection).collect(),
        Request::Stop(..) => vec![],
    }
}

fn process(order: &Order) -> Acted {
    let target = &order.target;
    let seen = collect::processes(&[target.key.pid]).into_iter();
    let seen = seen.into_iter().find(|one| one.key == target.key);
    let name = seen.as_ref().map(|one| one.name.clone());
    let words = name
        .as_ref()
        .map_or_else(String::new, |name| format!("{name} "));
    Acted {
        pid: Some(target.key.pid),
        start_time: seen.and_then(|one| one.started_at),
        name,
        socket: None,
        target: format!("{words}pid {}", target.key.pid),
        deed: Deed::Signal(order.signal, order.patience),
        outcome: Some(Outcome::Gone),
        aftermath: vec![],
    }
}

fn connection(closing: &Closing) -> Acted {
    Acted {
        pid: None,
        start_time: None,
        name: None,
        socket: Some(SocketKey::Cookie(closing.cookie).to_string()),
        target: format!("tcp {} to {}", closing.local, closing.peer),
        deed: Deed::Close,
        outcome: None,
        aftermath: vec![],
    }
}
