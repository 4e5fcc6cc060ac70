//! `watch`: events as they happen.

use super::{
    Ending,
    args::{ListFormat, Watch},
    context::{Context, terminal_width},
    error::{self, Failure},
    follow::{Follower, Step, each_sample},
    history::Filter,
    machine, output,
};
use crate::{
    model::{Event, EventKind, Snapshot, Socket},
    query::Query,
    report::event::{
        Times,
        stream::{Format, Happening, Stream},
    },
};
use jiff::tz::TimeZone;
use std::{collections::HashMap, num::NonZeroUsize, ops::ControlFlow};

pub(super) fn run(context: &Context, args: &Watch) -> Result<Ending, Failure> {
    let asked = Asked::read(context, &args.filter.join(" "))?;
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
        let happened = asked.of(&step);
        let happened = happened.get(..left.min(happened.len())).unwrap_or_default();
        if let Some(stream) = &mut stream {
            stream.write(happened)?;
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

/// What is asked for.
struct Asked {
    query: Query,
    /// For an event whose socket is in no snapshot, where the filter asks for nothing that it lacks.
    alone: Option<Filter>,
}

impl Asked {
    fn read(context: &Context, expression: &str) -> Result<Self, Failure> {
        Ok(Self {
            query: error::filter(expression)?,
            alone: Filter::read(expression, context.registry()).ok(),
        })
    }

    /// The events that are asked for, each with its socket: as it is now, or as it was.
    fn of<'a>(&self, step: &'a Step) -> Vec<Happening<'a>> {
        if step.events.is_empty() {
            return vec![];
        }
        let before = step.before.as_deref().map(sockets).unwrap_or_default();
        let now = sockets(&step.now);
        let happening = |event: &'a Event| {
            let is_gone = event.kind == EventKind::Closed;
            let (first, then) = if is_gone {
                (&before, &now)
            } else {
                (&now, &before)
            };
            let id = event.socket.as_str();
            let socket = first.get(id).or_else(|| then.get(id)).copied();
            let is_asked = match (socket, step.before.as_deref()) {
                (Some(socket), Some(snapshot)) if is_gone => self.query.matches(socket, snapshot),
                (Some(socket), _) => self.query.matches(socket, &step.now),
                (None, _) => self
                    .alone
                    .as_ref()
                    .is_some_and(|filter| filter.matches(event)),
            };
            is_asked.then_some(Happening { event, socket })
        };
        step.events.iter().filter_map(happening).collect()
    }
}

fn sockets(snapshot: &Snapshot) -> HashMap<String, &Socket> {
    snapshot
        .open()
        .map(|socket| (socket.key.to_string(), socket))
        .collect()
}
