//! Who had a port before: out of the history what was before the dashboard began, and since then what it saw.

use super::Context;
use crate::{
    model::{Event, EventKind, Past, Protocol, Socket},
    tui::{
        app::{
            looked::{LOOKS_BACK, Looked, Recorded},
            timeline::Happened,
        },
        document::Document,
        theme::Role,
        words,
    },
};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// The most holders that are told; the rest is counted.
const MOST: usize = 6;

/// One who waited on the port came or left.
struct Step<'a> {
    at: Timestamp,
    left: bool,
    who: Who<'a>,
}

/// One who waits on a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Who<'a> {
    protocol: Protocol,
    program: Option<&'a str>,
    pid: Option<u32>,
}

/// For how long somebody waited on the port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stay<'a> {
    who: Who<'a>,
    /// `None` when that was not seen.
    from: Option<Timestamp>,
    /// `None` when that was not seen.
    until: Option<Timestamp>,
}

/// Adds who had the port before those who have it now.
pub(super) fn add(
    document: &mut Document,
    context: &Context<'_>,
    (port, here): (u16, &[&Socket]),
    looked: &Looked,
) {
    let seen_since = context.timeline.since();
    let past = match &looked.past {
        Recorded::Past(past) => Some(past),
        Recorded::NotAsked | Recorded::Never => None,
    };
    let before = |event: &&Event| seen_since.is_none_or(|since| event.at < since);
    let recorded = past.into_iter().flat_map(|past| &past.events);
    let recorded = recorded.filter(before).filter_map(of_history);
    let seen = context.timeline.of_listeners(port).filter_map(of_memory);
    let mut stays = stays(recorded.chain(seen));
    let now: Vec<Who<'_>> = here.iter().flat_map(|socket| holders(socket)).collect();
    leave_out(&mut stays, &now);
    stays.reverse();
    document.heading(&format!("Seen before, {}", span(context, past)));
    for stay in stays.iter().take(MOST) {
        document.text(2, Role::Text, words_of(context, stay));
    }
    match stays.len().checked_sub(MOST) {
        Some(more) if more > 0 => document.text(2, Role::Dim, format!("… and {more} before")),
        _ if stays.is_empty() => {
            let words = never(
                context,
                here,
                past.is_some_and(|past| !past.gaps.is_empty()),
            );
            document.text(2, Role::Dim, words);
        }
        _ => {}
    }
    if let Some(words) = past.and_then(|past| unrecorded(context, past)) {
        document.text(2, Role::Dim, words);
    }
    if matches!(looked.past, Recorded::Never) {
        let hint = "`portwise record` keeps a longer history";
        document.text(2, Role::Dim, hint);
    }
}

/// Leaves out those who have it `now`. Who is hidden may be anybody: somebody hidden who left is not who has it now, and
/// whoever has not left may be.
fn leave_out(stays: &mut Vec<Stay<'_>>, now: &[Who<'_>]) {
    let is_hidden = now.iter().any(|who| who.program.is_none());
    stays.retain(|stay| {
        let has_it = now.contains(&stay.who);
        match stay.until {
            None => !is_hidden && !has_it,
            Some(_) => stay.who.program.is_none() || !has_it,
        }
    });
}

/// Since when is told who had it.
fn span(context: &Context<'_>, past: Option<&Past>) -> String {
    let now = context.snapshot.taken_at;
    let seen_since = context.timeline.since().unwrap_or(now);
    let since = past.map_or(seen_since, |past| past.since.min(seen_since));
    let has_gaps = past.is_some_and(|past| !past.gaps.is_empty());
    let gaps = if has_gaps { ", with gaps" } else { "" };
    // The history was asked some time ago.
    let about = SignedDuration::from_mins(2);
    if (now.duration_since(since) - LOOKS_BACK).abs() <= about {
        format!("last 24 h{gaps}")
    } else {
        format!("since {}{gaps}", words::time(since, now, context.zone))
    }
}

fn of_history(event: &Event) -> Option<Step<'_>> {
    Some(Step {
        at: event.at,
        left: left(event.kind)?,
        who: Who {
            protocol: event.protocol,
            program: event.program.as_deref(),
            pid: event.pid,
        },
    })
}

fn of_memory(one: &Happened) -> Option<Step<'_>> {
    Some(Step {
        at: one.at,
        left: left(one.kind)?,
        who: holders(&one.socket).next()?,
    })
}

/// Whether one left the port with this; `None` when nobody came nor left.
fn left(kind: EventKind) -> Option<bool> {
    match kind {
        EventKind::Opened | EventKind::Owner => Some(false),
        EventKind::Closed => Some(true),
        EventKind::Began
        | EventKind::Ended
        | EventKind::State
        | EventKind::Finding
        | EventKind::Cleared
        | EventKind::Action
        | EventKind::Heard => None,
    }
}

/// Who has a socket, the first of them alone where nobody can be named.
fn holders(socket: &Socket) -> impl Iterator<Item = Who<'_>> {
    let protocol = socket.raw.protocol;
    let nobody = socket.processes.is_empty().then_some(Who {
        protocol,
        program: None,
        pid: None,
    });
    let owners = socket.processes.iter().map(move |owner| Who {
        protocol,
        program: Some(&*owner.name),
        pid: Some(owner.key.pid),
    });
    owners.chain(nobody)
}

/// Joins what came and left; several sockets of one holder are one stay. The last to come is the last.
fn stays<'a>(steps: impl Iterator<Item = Step<'a>>) -> Vec<Stay<'a>> {
    let mut stays: Vec<Stay<'a>> = vec![];
    // Where the last one of each is.
    let mut last: HashMap<Who<'a>, usize> = HashMap::new();
    for step in steps {
        let its = last.get(&step.who).and_then(|at| stays.get_mut(*at));
        match (its, step.left) {
            (Some(stay), true) => stay.until = Some(step.at),
            (Some(stay), false) if stay.until.is_none() => {}
            (_, left) => {
                last.insert(step.who, stays.len());
                stays.push(Stay {
                    who: step.who,
                    from: Some(step.at).filter(|_| !left),
                    until: Some(step.at).filter(|_| left),
                });
            }
        }
    }
    stays
}

fn words_of(context: &Context<'_>, stay: &Stay<'_>) -> String {
    let Who {
        protocol,
        program,
        pid,
    } = stay.who;
    let name = program.unwrap_or("nobody visible");
    let pid = pid.map(|pid| format!(" {pid}")).unwrap_or_default();
    let now = context.snapshot.taken_at;
    let time = |at| words::time(at, now, context.zone);
    let when = match (stay.from, stay.until) {
        (Some(from), Some(until)) => {
            let ago = words::age(words::since(until, now));
            // The day is said once where it is the same.
            let until = words::time(until, from, context.zone);
            format!("{} to {until} ({ago} ago)", time(from))
        }
        (None, Some(until)) => format!("until {}", words::moment(until, now, context.zone)),
        (from, None) => {
            let from = from.map(|from| format!("from {}, ", time(from)));
            format!("{}its end was not seen", from.unwrap_or_default())
        }
    };
    format!("{} {name}{pid}  {when}", protocol.name())
}

/// When nobody is known to have recorded, until the dashboard began to look; `None` where somebody always did.
fn unrecorded(context: &Context<'_>, past: &Past) -> Option<String> {
    let now = context.snapshot.taken_at;
    let seen_since = context.timeline.since().unwrap_or(now);
    let gaps = past.gaps.iter().filter_map(|gap| {
        // Since it began, the dashboard itself has seen what there was.
        let until = gap.until.unwrap_or(seen_since).min(seen_since);
        (gap.from < until).then_some((gap.from, until))
    });
    let gaps: Vec<_> = gaps.collect();
    let (from, until) = *gaps.last()?;
    let from = words::time(from, now, context.zone);
    let until = words::time(until, now, context.zone);
    let last = format!("from {from} to {until}");
    Some(match gaps.len() - 1 {
        0 => format!("not known to be recorded: {last}"),
        more => {
            let times = words::plural(more, "time");
            format!("not known to be recorded: {last}, and {times} before")
        }
    })
}

/// What is said where nobody else had it: no more than what somebody looked at.
fn never(context: &Context<'_>, here: &[&Socket], has_gaps: bool) -> String {
    let known = if has_gaps {
        ", as far as was recorded"
    } else {
        ""
    };
    let first = here
        .iter()
        .map(|socket| (socket.before_us, socket.first_seen()));
    // What was there before us comes first.
    match first.min_by_key(|(before_us, at)| (!before_us, *at)) {
        Some((false, at)) => {
            let now = context.snapshot.taken_at;
            let first = words::time(at, now, context.zone);
            format!("never (first seen {first}){known}")
        }
        Some((true, _)) => format!("nobody but who has it now{known}"),
        None => format!("nobody{known}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    fn at(second: i64) -> Timestamp {
        fixture::NOW + SignedDuration::from_secs(second)
    }

    fn step(second: i64, left: bool, program: &'static str, pid: u32) -> Step<'static> {
        Step {
            at: at(second),
            left,
            who: Who {
                protocol: Protocol::Tcp,
                program: Some(program),
                pid: Some(pid),
            },
        }
    }

    fn joined(steps: Vec<Step<'_>>) -> Vec<(u32, Option<Timestamp>, Option<Timestamp>)> {
        let stays = stays(steps.into_iter()).into_iter();
        let told = stays.map(|stay| (stay.who.pid.unwrap(), stay.from, stay.until));
        told.collect()
    }

    #[test]
    fn two_sockets_of_one_holder_are_one_stay_that_ends_with_the_last() {
        let told = joined(vec![
            step(0, false, "nginx", 1),
            step(0, false, "nginx", 1),
            step(5, true, "nginx", 1),
            step(6, true, "nginx", 1),
        ]);
        assert_eq!(told, [(1, Some(at(0)), Some(at(6)))]);
    }

    #[test]
    fn somebody_hidden_who_left_is_told_though_somebody_hidden_has_it_now() {
        let hidden = |second, left| Step {
            who: Who {
                protocol: Protocol::Tcp,
                program: None,
                pid: None,
            },
            ..step(second, left, "", 0)
        };
        let told = |steps: Vec<Step<'static>>, now: &[Who<'_>]| {
            let mut stays = stays(steps.into_iter());
            leave_out(&mut stays, now);
            stays.len()
        };
        let now = [hidden(0, false).who];
        let left = || vec![hidden(0, false), hidden(5, true)];
        assert_eq!(told(left(), &now), 1);
        assert_eq!(told(vec![hidden(0, false)], &now), 0, "it may be the same");
        // What the recorder saw may be what is hidden now.
        assert_eq!(told(vec![step(0, false, "nginx", 1)], &now), 0);
        let gone = vec![step(0, false, "nginx", 1), step(1, true, "nginx", 1)];
        assert_eq!(told(gone, &now), 1);
        // Nobody is hidden.
        let now = [step(0, false, "nginx", 1).who];
        assert_eq!(told(left(), &now), 1);
        assert_eq!(told(vec![step(0, false, "nginx", 1)], &now), 0);
        assert_eq!(told(vec![step(0, false, "other", 2)], &now), 1);
    }

    #[test]
    fn who_comes_again_stays_again_and_what_was_not_seen_is_left_open() {
        let told = joined(vec![
            step(1, true, "old", 1),
            step(2, false, "nginx", 2),
            step(3, true, "nginx", 2),
            step(4, false, "nginx", 2),
            step(5, false, "other", 3),
        ]);
        assert_eq!(
            told,
            [
                (1, None, Some(at(1))),
                (2, Some(at(2)), Some(at(3))),
                (2, Some(at(4)), None),
                (3, Some(at(5)), None),
            ]
        );
    }
}
