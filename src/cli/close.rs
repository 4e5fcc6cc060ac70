//! `close`: end single TCP connections and leave their processes alone.

use super::{
    Ending,
    args::{CheckFormat, Close},
    ask,
    context::Context,
    deeds,
    error::{self, Failure},
    machine, output,
};
use crate::{
    act::{Actions as _, System},
    model::{Closing, Outcome, Protocol, Socket, SocketKey, State},
    report::{
        acted::{self, Acted, Deed},
        plural,
    },
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
    let done: Vec<Acted> = connections
        .iter()
        .map(|socket| close(socket, args))
        .collect();
    if !args.dry_run {
        let sockets = connections.iter().map(|socket| Some(&***socket));
        deeds::write(context, &sockets.zip(&done).collect::<Vec<_>>());
    }
    let mut out = output::stdout();
    match args.format {
        CheckFormat::Json => acted::write_json(&mut out, &done)?,
        CheckFormat::Text => acted::write_text(&mut out, &done)?,
    }
    out.flush()?;
    say_what_was_left_out(&expression, &done, matching.len() - connections.len());
    let all = !done.is_empty() && done.iter().all(Acted::is_done);
    Ok(if all { Ending::Well } else { Ending::Negative })
}

/// Whether there is a connection to close: one in `time-wait` is closed already.
fn is_connection(socket: &Socket) -> bool {
    socket.raw.protocol == Protocol::Tcp
        && socket.raw.peer.is_some()
        && !matches!(socket.raw.state, State::Listen | State::TimeWait)
}

fn close(socket: &Socket, args: &Close) -> Acted {
    let owner = socket.owner();
    Acted {
        pid: owner.map(|owner| owner.key.pid),
        start_time: owner.and_then(|owner| owner.started_at),
        name: owner.map(|owner| owner.name.clone()),
        socket: Some(socket.key.to_string()),
        target: describe(socket),
        deed: Deed::Close,
        outcome: (!args.dry_run).then(|| outcome(socket)),
        aftermath: vec![],
    }
}

fn outcome(socket: &Socket) -> Outcome {
    let (SocketKey::Cookie(cookie), Some(peer)) = (socket.key, socket.raw.peer) else {
        return Outcome::Failed(
            "this source does not tell which connection it is; use --source sock-diag".into(),
        );
    };
    System::default().close(&Closing {
        cookie,
        family: socket.raw.family,
        local: socket.raw.local,
        peer,
    })
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

fn say_what_was_left_out(expression: &str, done: &[Acted], others: usize) {
    if others > 0 {
        error::print(format_args!(
            "note: {} left out: only open TCP connections can be closed",
            plural(others, "socket")
        ));
    } else if done.is_empty() {
        error::print(format_args!("note: no socket matches {expression:?}"));
    }
    if done
        .iter()
        .any(|one| matches!(one.outcome, Some(Outcome::Denied(_))))
    {
        let quoted = expression.replace('\'', r"'\''");
        error::print(format_args!("hint: sudo portwise close '{quoted}'"));
    }
}
