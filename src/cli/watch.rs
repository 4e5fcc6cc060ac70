//! `watch`: events as they happen.

use super::{
    Ending,
    args::{ListFormat, Watch},
    context::{Context, terminal_width},
    error::{self, Failure},
    follow::{Follower, Step, each_sample},
    machine, output,
};
use crate::{
    model::{Event, EventKind, Socket},
    monitor::events::{Change, event},
    query::Query,
    report::event::{
        Times,
        stream::{Format, Happening, Stream},
    },
};
use jiff::tz::TimeZone;
use std::{num::NonZeroUsize, ops::ControlFlow};

pub(super) fn run(context: &Context, args: &Watch) -> Result<Ending, Failure> {
    let query = error::filter(&args.filter.join(" "))?;
    let mut follower = Follower::new(context)?;
    let times = Times {
        zone: TimeZone::system(),
        at: None,
    };
    let format = format(context, args);
    let begin = || Stream::begin(output::stdout(), format, times.clone());
    let mut stream = None;
    let mut left = args.count.map_or(usize::MAX, NonZeroUsize::get);
    each_sample(context, args.span, |sample| {
        let Some(step) = follower.take(sample) else {
            return Ok(ControlFlow::Continue(()));
        };
        if step.before.is_none() {
            // What was open before is no event. From now on an interrupt is heard.
            machine::warn_of_gaps(context, &step.now);
            stream = Some(begin()?);
            return Ok(ControlFlow::Continue(()));
        }
        let happened = asked(&query, &step);
        let happened: Vec<_> = happened
            .iter()
            .take(left)
            .map(|(event, socket)| Happening {
                event,
                socket: Some(socket),
            })
            .collect();
        if let Some(stream) = &mut stream {
            stream.write(&happened)?;
        }
        left -= happened.len();
        Ok(if left == 0 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    })?;
    // Whoever waits for a document gets one, even when nothing could be read.
    stream.map_or_else(begin, Ok)?.end()?;
    Ok(Ending::Well)
}

fn format(context: &Context, args: &Watch) -> Format {
    let usual = if context.environment.is_dumb() {
        ListFormat::Plain
    } else {
        ListFormat::Table
    };
    match args.format.unwrap_or(usual) {
        ListFormat::Table => Format::Table {
            style: context.style(),
            width: terminal_width(),
        },
        ListFormat::Plain => Format::Plain,
        ListFormat::Json => Format::Json,
        ListFormat::Ndjson => Format::Ndjson,
        ListFormat::Csv => Format::Csv,
    }
}

/// The changes of sockets that `query` asks for, each as an event with its socket: as it is now, or as it was.
fn asked<'a>(query: &Query, step: &'a Step) -> Vec<(Event, &'a Socket)> {
    let at = step.now.taken_at;
    let is_asked = |change: &&Change| {
        let is_gone = change.kind == EventKind::Closed && !change.socket.is_short_lived();
        let before = step.before.as_deref().filter(|_| is_gone);
        query.matches(&change.socket, before.unwrap_or(&step.now))
    };
    let changes = step.changes.iter().filter(is_asked);
    changes
        .map(|change| (event(at, change), &*change.socket))
        .collect()
}
