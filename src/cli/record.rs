//! `record`: what happens into the history, or samples into a file, until told to stop.

use super::{
    Ending,
    args::Record,
    context::Context,
    error::{self, Failure},
    follow::{Follower, each_sample},
    history,
};
use crate::{
    collect::recording::Writer,
    model::{Event, EventKind, Sample},
    monitor::events,
    report::plural,
    store::{Alone, Store},
};
use jiff::{SignedDuration, Timestamp};
use std::{ops::ControlFlow, time::Duration};

/// How often what is old is forgotten, by the time of the samples.
const BETWEEN_FORGETTING: SignedDuration = SignedDuration::from_hours(1);

/// How long nothing is written while nothing happens: by so much may a recorder that is killed be believed to have
/// ended too early. A minute is some 6 MB a day that are written.
const QUIET: SignedDuration = SignedDuration::from_mins(1);

pub(super) fn run(context: &Context, args: &Record) -> Result<Ending, Failure> {
    let (count, noun, path) = if let Some(path) = &args.to {
        let mut writer = Writer::create(path)?;
        let mut count = 0;
        each_sample(context, args.span, |sample| {
            writer.append(&sample)?;
            count += 1;
            Ok(ControlFlow::Continue(()))
        })?;
        (count, "sample", path.clone())
    } else {
        let path = history::path(context, args.history.as_deref())?;
        let mut recorder =
            Recorder::begin(Store::open(&path)?, Follower::new(context)?, args.keep)?;
        each_sample(context, args.span, |sample| {
            recorder.take(sample)?;
            Ok(ControlFlow::Continue(()))
        })?;
        recorder.end()?;
        (recorder.written, "event", path)
    };
    if !context.quiet {
        error::print(format_args!(
            "{} in {}",
            plural(count, noun),
            path.display()
        ));
    }
    Ok(Ending::Well)
}

/// Writes down what happened between one sample and the next.
struct Recorder {
    follower: Follower,
    store: Store,
    /// How long what happened is kept.
    keep: SignedDuration,
    /// When what is old was last forgotten.
    forgot_at: Option<Timestamp>,
    /// When it began; `None` before the first sample.
    began: Option<Timestamp>,
    /// Until when the history says that it looked.
    noted_at: Option<Timestamp>,
    written: usize,
    _alone: Alone,
}

impl Recorder {
    fn begin(store: Store, follower: Follower, keep: Duration) -> Result<Self, Failure> {
        Ok(Self {
            follower,
            _alone: store.record_alone()?,
            store,
            keep: SignedDuration::try_from(keep).unwrap_or(SignedDuration::MAX),
            forgot_at: None,
            began: None,
            noted_at: None,
            written: 0,
        })
    }

    fn take(&mut self, sample: Sample) -> Result<(), Failure> {
        let Some(step) = self.follower.take(sample) else {
            return Ok(());
        };
        let at = step.now.taken_at;
        let events: Vec<Event> = if step.before.is_none() {
            events::beginning(&step.now)
        } else {
            let changes = events::gathered(step.changes);
            changes.iter().map(|one| events::event(at, one)).collect()
        };
        if step.before.is_none() {
            self.began = Some(at);
        }
        self.write(&events)?;
        self.note(at, !events.is_empty())?;
        self.forget(at)
    }

    /// Notes now and then that it still looks, when nothing that happened says so.
    fn note(&mut self, at: Timestamp, is_written: bool) -> Result<(), Failure> {
        let is_quiet = self
            .noted_at
            .is_some_and(|before| at.duration_since(before).abs() >= QUIET);
        if let Some(began) = self.began.filter(|_| is_quiet && !is_written) {
            self.store.saw(began, at)?;
        }
        if is_quiet || is_written {
            self.noted_at = Some(at);
        }
        Ok(())
    }

    /// Forgets now and then what is older than is to be kept.
    fn forget(&mut self, now: Timestamp) -> Result<(), Failure> {
        let is_due = self
            .forgot_at
            .is_none_or(|before| now.duration_since(before) >= BETWEEN_FORGETTING);
        // What would reach beyond the beginning of time keeps everything.
        if is_due && let Ok(oldest) = now.checked_sub(self.keep) {
            let forgotten = self.store.forget_before(oldest)?;
            tracing::debug!(forgotten, "old events");
            self.forgot_at = Some(now);
        }
        Ok(())
    }

    /// Writes down that nobody looked after the last sample.
    fn end(&mut self) -> Result<(), Failure> {
        match self.follower.last() {
            Some(last) => {
                let ended = Event::of_recorder(EventKind::Ended, last.taken_at);
                self.write(&[ended])
            }
            None => Ok(()),
        }
    }

    fn write(&mut self, events: &[Event]) -> Result<(), Failure> {
        if !events.is_empty() {
            self.store.append(events)?;
            self.written += events.len();
        }
        Ok(())
    }
}
