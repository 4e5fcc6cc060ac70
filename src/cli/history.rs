//! `history`: what happened, and what was open at a time.

mod filter;

use super::{
    Ending,
    args::{History, ListFormat},
    context::{Context, terminal_width},
    error::{self, Failure},
    moment, output,
};
use crate::{
    collect,
    model::Event,
    report::{
        event::{Times, write_csv, write_json, write_ndjson, write_plain, write_table},
        plural,
    },
    store::Store,
};
pub(super) use filter::Filter;
use jiff::Zoned;
use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

/// The most events that are read at once, the newest of them.
const MOST: usize = 1_000_000;

pub(super) fn run(context: &Context, args: &History) -> Result<Ending, Failure> {
    let filter = Filter::read(&args.filter.join(" "), context.registry())?;
    let now = Zoned::now();
    let time = |option: &str, text: &Option<String>| {
        let text = text.as_deref();
        text.map(|text| moment::read(option, text, &now))
            .transpose()
    };
    let (since, until, at) = (
        time("--since", &args.since)?,
        time("--until", &args.until)?,
        time("--at", &args.at)?,
    );
    if since
        .zip(until)
        .is_some_and(|(since, until)| since >= until)
    {
        return Err(Failure::Usage("--since is not before --until".to_owned()));
    }
    let store = open(&path(context, args.history.as_deref())?)?;
    let mut events = match at {
        Some(at) => store.sockets_at(at)?,
        None => store.events(since, until, MOST)?,
    };
    let is_cut = events.len() == MOST;
    events.retain(|event| filter.matches(event));
    let times = Times {
        zone: now.time_zone().clone(),
        at,
    };
    write(context, args, &events, &times)?;
    if !context.quiet {
        if is_cut {
            let most = plural(MOST, "event");
            error::print(format_args!(
                "note: only the newest {most} were looked at; add --since"
            ));
        }
        note_if_unseen(&store, &times)?;
    }
    Ok(Ending::Well)
}

/// Where the history lies: `asked` for, in the state directory, or that of the system for root.
pub(super) fn path(context: &Context, asked: Option<&Path>) -> Result<PathBuf, Failure> {
    let environment = &context.environment;
    let of_root = || {
        let is_root = collect::euid() == Some(0) && environment.state_home.is_none();
        is_root.then(|| PathBuf::from("/var/lib/portwise"))
    };
    if let Some(path) = asked {
        return Ok(path.to_owned());
    }
    let directory = of_root().or_else(|| environment.state_directory());
    directory
        .map(|directory| directory.join("history.db"))
        .ok_or_else(|| {
            Failure::Usage(
                "there is no home directory for the history\nhint: add --history FILE".to_owned(),
            )
        })
}

/// Opens a history that somebody began; looking must not begin one.
fn open(path: &Path) -> Result<Store, Failure> {
    if matches!(path.try_exists(), Ok(false)) {
        return Err(Failure::Usage(format!(
            "there is no history {}\nhint: `portwise record` begins one, --history FILE names another",
            path.display()
        )));
    }
    Ok(Store::open(path)?)
}

fn write(
    context: &Context,
    args: &History,
    events: &[Event],
    times: &Times,
) -> Result<(), Failure> {
    let format = args.format.unwrap_or(if context.environment.is_dumb() {
        ListFormat::Plain
    } else {
        ListFormat::Table
    });
    let mut out = output::stdout();
    match format {
        ListFormat::Table => {
            write_table(&mut out, events, times, context.style(), terminal_width())?;
        }
        ListFormat::Plain => write_plain(&mut out, events, times)?,
        ListFormat::Json => write_json(&mut out, events, times)?,
        ListFormat::Ndjson => write_ndjson(&mut out, events, times)?,
        ListFormat::Csv => write_csv(&mut out, events)?,
    }
    Ok(out.flush()?)
}

/// An empty list of a time at which nobody looked must not be taken for an empty machine, nor what was open before a
/// recorder was killed for what was open later.
fn note_if_unseen(store: &Store, times: &Times) -> Result<(), Failure> {
    let Some(at) = times.at else { return Ok(()) };
    match store.looked_until(at)? {
        None => error::print(format_args!("note: nothing was recorded at that time")),
        Some(until) if until < at => {
            let until = until.to_zoned(times.zone.clone());
            let until = until.strftime("%F %T");
            error::print(format_args!(
                "note: the recorder stopped unexpectedly: nobody is known to have looked after {until}, and this was open then"
            ));
        }
        Some(_) => {}
    }
    Ok(())
}
