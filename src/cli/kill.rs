//! `kill`: end the owners of the matching sockets.

use super::{
    Ending,
    args::{CheckFormat, Kill},
    context::Context,
    error::{self, Failure},
    machine, output,
};
use crate::{
    act::{Actions as _, System},
    model::{Order, Outcome, Process, ProcessKey, Snapshot},
    query::Query,
    report::{
        acted::{self, Acted},
        plural,
    },
};
use std::{
    collections::BTreeMap,
    io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _},
    sync::Arc,
};

pub(super) fn run(context: &Context, args: &Kill) -> Result<Ending, Failure> {
    let expression = args.filter.join(" ");
    let query = error::filter(&expression)?;
    refuse_what_is_unclear(context, args, &query)?;
    let snapshot = machine::snapshot(context)?;
    let rows = query.select(&snapshot);
    let targets = owners(&snapshot, &rows);
    let ownerless = rows
        .iter()
        .filter_map(|row| snapshot.sockets.get(*row))
        .filter(|socket| socket.processes.is_empty() && socket.raw.state.can_have_owner())
        .count();
    if !args.yes && !args.dry_run && !targets.is_empty() && !asked(&snapshot, &targets, args)? {
        error::print(format_args!("nothing was done"));
        return Ok(Ending::Negative);
    }
    let done = carry_out(&targets, args);
    report(&done, args, &snapshot)?;
    if ownerless > 0 {
        error::print(format_args!(
            "note: {} matched without a visible owner; nothing could be done about that",
            plural(ownerless, "socket")
        ));
    }
    if targets.is_empty() && ownerless == 0 {
        error::print(format_args!("note: no socket matches {expression:?}"));
        return Ok(Ending::Negative);
    }
    let all = ownerless == 0 && done.iter().all(Acted::is_done);
    Ok(if all { Ending::Well } else { Ending::Negative })
}

/// Refuses what could end the wrong process, or end it unasked.
fn refuse_what_is_unclear(context: &Context, args: &Kill, query: &Query) -> Result<(), Failure> {
    if let Some(number) = query.port_only() {
        return Err(Failure::Usage(format!(
            "{number} alone could mean a port's listener, its clients, or a process\n\
             hint: `portwise kill :{number}` ends who listens on port {number}, `pid:{number}` that process"
        )));
    }
    if query.is_empty() {
        return Err(Failure::Usage(
            "an empty filter would end everything\nhint: say whom, such as `:3000`".to_owned(),
        ));
    }
    if context.settings.readonly && !args.dry_run {
        return Err(Failure::Usage("--readonly takes no action".to_owned()));
    }
    if context.is_recording && !args.dry_run {
        return Err(Failure::Usage(
            "the processes of a recording cannot be ended\nhint: add --dry-run".to_owned(),
        ));
    }
    let on_terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
    if !args.yes && !args.dry_run && !on_terminal {
        return Err(Failure::Usage(
            "there is no terminal to ask on\nhint: add --yes, or --dry-run to see whom".to_owned(),
        ));
    }
    Ok(())
}

/// The owners of the matching sockets, each once, by identity.
fn owners(snapshot: &Snapshot, rows: &[usize]) -> Vec<Arc<Process>> {
    let sockets = rows.iter().filter_map(|row| snapshot.sockets.get(*row));
    let owners: BTreeMap<ProcessKey, Arc<Process>> = sockets
        .flat_map(|socket| &socket.processes)
        .map(|process| (process.key, Arc::clone(process)))
        .collect();
    owners.into_values().collect()
}

/// Shows whom it would hit, and asks.
fn asked(snapshot: &Snapshot, targets: &[Arc<Process>], args: &Kill) -> Result<bool, Failure> {
    let mut out = io::stderr().lock();
    for process in targets {
        writeln!(out, "  {}", describe(snapshot, process))?;
    }
    write!(
        out,
        "Send SIG{} to {}? [y/N] ",
        args.signal.name(),
        plural(targets.len(), "process")
    )?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().lock().take(64).read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn carry_out<'a>(targets: &'a [Arc<Process>], args: &Kill) -> Vec<Acted<'a>> {
    let act = |process: &'a Arc<Process>| {
        let order = order(process, args);
        let outcome = (!args.dry_run).then(|| System.signal(&order));
        Acted {
            process,
            signal: args.signal,
            outcome,
        }
    };
    targets.iter().map(act).collect()
}

fn order(process: &Process, args: &Kill) -> Order {
    Order {
        target: process.key,
        executable: process
            .executable
            .known()
            .map(|executable| executable.path.clone()),
        signal: args.signal,
        force: args.force,
        patience: args.timeout,
    }
}

fn report(done: &[Acted<'_>], args: &Kill, snapshot: &Snapshot) -> Result<(), Failure> {
    let mut out = output::stdout();
    match args.format {
        CheckFormat::Json => acted::write_json(&mut out, done)?,
        CheckFormat::Text => {
            for acted in done {
                let words = acted.outcome.as_ref().map_or_else(
                    || format!("would be sent SIG{}", args.signal.name()),
                    |outcome: &Outcome| acted::words(outcome, &order(acted.process, args)),
                );
                writeln!(out, "{}: {words}", describe(snapshot, acted.process))?;
            }
        }
    }
    Ok(out.flush()?)
}

/// A process in a line: who it is, whose, and what it holds open.
fn describe(snapshot: &Snapshot, process: &Process) -> String {
    let user = process
        .user
        .as_ref()
        .map_or(String::new(), |user| format!(" user {user}"));
    let sockets: Vec<_> = snapshot.sockets_of(process.key).collect();
    let listens: Vec<_> = sockets
        .iter()
        .filter(|socket| socket.raw.is_listening())
        .take(5)
        .map(|socket| format!("{}/{}", socket.raw.bound_to(), socket.raw.protocol.name()))
        .collect();
    let listens = if listens.is_empty() {
        String::new()
    } else {
        format!(", listens on {}", listens.join(" "))
    };
    format!(
        "{} pid {}{user} ({}{listens})",
        process.name,
        process.key.pid,
        plural(sockets.len(), "socket")
    )
}
