//! `close`: end single TCP connections and leave their processes alone.

use super::{
    Ending,
    args::{CheckFormat, Close},
    ask,
    context::Context,
    deeds, elevate,
    error::{self, Failure},
    machine, output,
};
use crate::{
    act::{Actions as _, System},
    model::{Acted, Closing, Deed, Outcome, Request, Socket, consequences::can_be_closed},
    report::{acted, plural},
};
use std::{io::Write as _, sync::Arc};

pub(super) fn run(context: &Context, args: &Close) -> Result<Ending, Failure> {
    let expression = args.filter.join(" ");
    let query = error::filter(&expression)?;
    if query.is_empty() {
        return Err(Failure::Usage(
            "an empty filter would close everything\nhint: say which, such as `raddr:203.0.113.9`"
                .to_owned(),
        ));
    }
    error::refuse_unclear_words(&expression)?;
    ask::refuse_unless_permitted(context, args.dry_run, args.yes)?;
    let snapshot = machine::snapshot(context)?;
    let matching: Vec<&Arc<Socket>> = query
        .select(&snapshot)
        .into_iter()
        .filter_map(|row| snapshot.sockets.get(row))
        .collect();
    let connections: Vec<&Arc<Socket>> = matching
        .iter()
        .copied()
        .filter(|socket| is_connection(socket))
        .collect();
    let lines = connections
        .iter()
        .map(|socket| format!("  {}", describe(socket)));
    let question = format!("Close {}?", plural(connections.len(), "connection"));
    if !args.yes && !args.dry_run && !connections.is_empty() && !ask::is_wanted(lines, &question)? {
        error::print(format_args!("nothing was done"));
        return Ok(Ending::Negative);
    }
    let mut done: Vec<Acted> = connections
        .iter()
        .map(|socket| close(socket, args))
        .collect();
    if !args.dry_run {
        offer_privilege(&connections, &mut done, args)?;
        let sockets = connections.iter().map(|socket| Some(&***socket));
        deeds::write(context, &sockets.zip(&done).collect::<Vec<_>>());
    }
    let mut out = output::stdout();
    match args.format {
        CheckFormat::Json => acted::write_json(&mut out, &done)?,
        CheckFormat::Text => acted::write_text(&mut out, &done)?,
    }
    out.flush()?;
    say_what_was_left_out(
        &expression,
        done.is_empty(),
        matching.len() - connections.len(),
    );
    let all = !done.is_empty() && done.iter().all(Acted::is_done);
    Ok(if all { Ending::Well } else { Ending::Negative })
}

/// Whether there is a connection to close: one in `time-wait` is closed already.
fn is_connection(socket: &Socket) -> bool {
    let raw = &socket.raw;
    can_be_closed(raw.protocol, raw.state, raw.peer().is_some())
}

/// Offers to have closed with more privilege what was denied, all at once.
fn offer_privilege(
    connections: &[&Arc<Socket>],
    done: &mut [Acted],
    args: &Close,
) -> Result<(), Failure> {
    let denied = elevate::denied(done);
    let closings: Vec<Closing> = denied
        .iter()
        .filter_map(|at| Closing::of(connections.get(*at)?))
        .collect();
    // What was denied was told from others, so each has its number.
    if closings.is_empty() || closings.len() != denied.len() {
        return Ok(());
    }
    for one in denied.iter().filter_map(|at| done.get(*at)) {
        error::print(format_args!("{}: {}", one.target, one.words()));
    }
    let request = Request::Close(closings);
    if let Some(outcomes) = elevate::offer(&System::default(), &request, !args.yes)? {
        elevate::take_over(done, &denied, outcomes);
    }
    Ok(())
}

fn close(socket: &Socket, args: &Close) -> Acted {
    let owner = socket.owner();
    Acted {
        pid: owner.map(|owner| owner.key.pid),
        start_time: owner.and_then(|owner| owner.started_at),
        name: owner.map(|owner| owner.name.clone()),
        socket: Some(socket.key().to_string()),
        target: describe(socket),
        deed: Deed::Close,
        outcome: (!args.dry_run).then(|| outcome(socket)),
        aftermath: vec![],
    }
}

fn outcome(socket: &Socket) -> Outcome {
    match Closing::of(socket) {
        Some(closing) => System::default().close(&closing),
        None => Outcome::Failed(
            "this source does not tell which connection it is; use --source sock-diag".into(),
        ),
    }
}

/// A connection in a line: its ends, and whose it is.
fn describe(socket: &Socket) -> String {
    let raw = &socket.raw;
    let peer = raw
        .connected_to()
        .map_or_else(String::new, |peer| format!(" to {peer}"));
    let owner = socket.owner().map_or_else(String::new, |owner| {
        format!(", {} pid {}", owner.name, owner.key.pid)
    });
    format!("{} {}{peer}{owner}", raw.protocol.name(), raw.bound_to())
}

fn say_what_was_left_out(expression: &str, nothing: bool, others: usize) {
    if others > 0 {
        error::print(format_args!(
            "note: {} left out: only open TCP connections can be closed",
            plural(others, "socket")
        ));
    } else if nothing {
        error::print(format_args!("note: no socket matches {expression:?}"));
    }
}
