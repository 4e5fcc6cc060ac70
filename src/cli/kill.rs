//! `kill`: end the owners of the matching sockets.

mod aftermath;
mod whom;

use super::{
    Ending,
    args::{CheckFormat, Kill},
    ask,
    context::Context,
    deeds, elevate,
    error::{self, Failure},
    machine, output,
};
use crate::{
    act::{Actions as _, System},
    collect,
    model::{Acted, Deed, Hold, Order, Outcome, Request, Snapshot},
    query::Query,
    report::{acted, plural},
};
use std::io::Write as _;
use whom::Whom;

pub(super) fn run(context: &Context, args: &Kill) -> Result<Ending, Failure> {
    let expression = args.filter.join(" ");
    let query = error::filter(&expression)?;
    refuse_what_is_unclear(&query)?;
    error::refuse_unclear_words(&expression)?;
    ask::refuse_unless_permitted(context, args.dry_run, args.yes)?;
    let snapshot = match query.listener_only() {
        Some(port) => machine::about(context, &[port], &|all| {
            let rows = query.select(all);
            rows.iter()
                .filter_map(|row| all.sockets.get(*row).map(|socket| &**socket))
                .collect()
        })?,
        None => machine::snapshot(context)?,
    };
    let rows = query.select(&snapshot);
    let targets = whom::targets(&snapshot, &rows, args.tree);
    let ownerless = rows
        .iter()
        .filter_map(|row| snapshot.sockets.get(*row))
        .filter(|socket| socket.processes.is_empty() && socket.raw.state.can_have_owner())
        .count();
    let system = System::protecting(&context.settings.protected);
    // From here on the numbers of the processes mean nothing: these get the signal, or nobody.
    let held = if args.dry_run {
        vec![]
    } else {
        let all: Vec<_> = targets.iter().map(|one| one.target.clone()).collect();
        system.hold(&all)
    };
    if !args.yes && !args.dry_run && !targets.is_empty() && !is_wanted(&targets, args)? {
        error::print(format_args!("nothing was done"));
        return Ok(Ending::Negative);
    }
    let mut done = if args.unit {
        stop(&system, &targets, args)
    } else {
        signal(&system, &targets, &held, args)
    };
    if !args.dry_run {
        offer_privilege(&system, (&targets, &held), &mut done, args)?;
        aftermath::look(context, &snapshot, &targets, &mut done);
        let sockets = targets
            .iter()
            .map(|one| deeds::socket_of(&snapshot, one.target.key));
        deeds::write(context, &sockets.zip(&done).collect::<Vec<_>>());
    }
    report(&done, args)?;
    say_what_was_left_out(&expression, &snapshot, ownerless, done.is_empty());
    let all = ownerless == 0 && !done.is_empty() && done.iter().all(Acted::is_done);
    Ok(if all { Ending::Well } else { Ending::Negative })
}

/// Refuses what could end the wrong process.
fn refuse_what_is_unclear(query: &Query) -> Result<(), Failure> {
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
    Ok(())
}

/// Shows whom it would hit and what goes with them, and asks.
fn is_wanted(targets: &[Whom], args: &Kill) -> Result<bool, Failure> {
    let lines = targets.iter().flat_map(|one| {
        let consequences = one.consequences.iter().map(|line| format!("    {line}"));
        std::iter::once(format!("  {}", one.words)).chain(consequences)
    });
    let question = if args.unit {
        format!("Stop what runs {}?", plural(targets.len(), "process"))
    } else {
        format!(
            "Send SIG{} to {}?",
            args.signal.name(),
            plural(targets.len(), "process")
        )
    };
    ask::is_wanted(lines, &question)
}

fn signal(system: &System, targets: &[Whom], held: &[Hold], args: &Kill) -> Vec<Acted> {
    let orders: Vec<Order> = targets.iter().map(|one| order(one, args)).collect();
    let outcomes: Vec<Option<Outcome>> = if args.dry_run {
        orders.iter().map(|_order| None).collect()
    } else {
        let sent = system.signal(&orders).into_iter();
        // What had gone when it was first looked at may have given its number to somebody since.
        sent.zip(held)
            .map(|(outcome, hold)| {
                Some(if *hold == Hold::Gone {
                    Outcome::Gone
                } else {
                    outcome
                })
            })
            .collect()
    };
    let deed = Deed::Signal(args.signal, args.timeout);
    targets
        .iter()
        .zip(outcomes)
        .map(|(one, outcome)| one.acted(deed.clone(), outcome))
        .collect()
}

fn order(one: &Whom, args: &Kill) -> Order {
    Order {
        target: one.target.clone(),
        signal: args.signal,
        force: args.force,
        patience: args.timeout,
        then_kill: args.then_kill,
    }
}

/// Asks each manager once to stop what it runs.
fn stop(system: &System, targets: &[Whom], args: &Kill) -> Vec<Acted> {
    let mut asked: Vec<(String, Outcome)> = vec![];
    let act = |one: &Whom| {
        let Some(manager) = &one.manager else {
            let why = "no unit and no container runs it: leave out --unit".to_owned();
            return one.acted(Deed::Stop(String::new()), Some(Outcome::Failed(why)));
        };
        let deed = Deed::Stop(manager.command(collect::euid()).join(" "));
        let protected = system.protection(std::slice::from_ref(&one.target));
        if let Some(Some(why)) = protected.into_iter().next()
            && !args.force
            && !args.dry_run
        {
            return one.acted(deed, Some(Outcome::Refused(why)));
        }
        if args.dry_run {
            return one.acted(deed, None);
        }
        let name = manager.name();
        let known = asked.iter().find(|(other, _)| *other == name);
        let outcome = known.map_or_else(
            || system.stop(manager, args.timeout),
            |(_, outcome)| outcome.clone(),
        );
        asked.push((name, outcome.clone()));
        one.acted(deed, Some(outcome))
    };
    targets.iter().map(act).collect()
}

fn report(done: &[Acted], args: &Kill) -> Result<(), Failure> {
    let mut out = output::stdout();
    match args.format {
        CheckFormat::Json => acted::write_json(&mut out, done)?,
        CheckFormat::Text => acted::write_text(&mut out, done)?,
    }
    Ok(out.flush()?)
}

/// Offers to have done with more privilege what was denied: for each manager, or for all processes at once.
fn offer_privilege(
    system: &System,
    (targets, held): (&[Whom], &[Hold]),
    done: &mut [Acted],
    args: &Kill,
) -> Result<(), Failure> {
    let denied = elevate::denied(done);
    if denied.is_empty() {
        return Ok(());
    }
    for one in denied.iter().filter_map(|at| done.get(*at)) {
        error::print(format_args!("{}: {}", one.target, one.words()));
    }
    if !args.unit {
        let orders = denied.iter().filter_map(|at| {
            let mut order = order(targets.get(*at)?, args);
            if let Some(Hold::Held(number)) = held.get(*at) {
                order.target.pidfs = *number;
            }
            Some(order)
        });
        let request = Request::Signal(orders.collect());
        if let Some(outcomes) = elevate::offer(system, &request, !args.yes)? {
            elevate::take_over(done, &denied, outcomes);
        }
        return Ok(());
    }
    let mut asked: Vec<(String, Option<Vec<Outcome>>)> = vec![];
    for at in denied {
        let Some(manager) = targets.get(at).and_then(|one| one.manager.clone()) else {
            continue;
        };
        let name = manager.name();
        let known = asked.iter().position(|(other, _)| *other == name);
        if known.is_none() {
            let request = Request::Stop(manager, args.timeout);
            asked.push((name, elevate::offer(system, &request, !args.yes)?));
        }
        let outcomes = known.map_or_else(|| asked.last(), |at| asked.get(at));
        if let Some((_, Some(outcomes))) = outcomes {
            elevate::take_over(done, &[at], outcomes.clone());
        }
    }
    Ok(())
}

fn say_what_was_left_out(expression: &str, snapshot: &Snapshot, ownerless: usize, nothing: bool) {
    if ownerless > 0 {
        let mut limits = snapshot.coverage.limits.iter();
        let remedy = limits
            .find_map(|limit| limit.remedy.as_ref())
            .map_or_else(String::new, |remedy| format!("; to see it: {remedy}"));
        error::print(format_args!(
            "note: {} matched without a visible owner; nothing could be done about that{remedy}",
            plural(ownerless, "socket")
        ));
    } else if nothing {
        error::print(format_args!("note: no socket matches {expression:?}"));
    }
}
