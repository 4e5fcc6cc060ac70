//! The history on disk: an `SQLite` file that only its owner can read.
//!
//! Owns the file and its schema. Knows no clock; decides nothing about what is worth keeping.

mod file;
mod row;
mod seen;

pub use file::Alone;

use crate::model::{Direction, Event, EventKind, Gap, Past, Protocol, Text};
use jiff::Timestamp;
use row::{COLUMNS, COLUMNS_OF_OPEN};
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, params};
use std::{
    io,
    path::{Path, PathBuf},
};

/// The sockets that were open at ?1: `opened` is how each began, `last` how it was then.
const OPEN_AT: &str = "FROM event AS opened JOIN event AS last ON last.id =
       (SELECT max(id) FROM event WHERE socket = opened.socket AND at <= ?1)
     WHERE opened.kind = ?2 AND opened.at <= ?1
       AND opened.id > coalesce((SELECT max(id) FROM event WHERE
                                 (kind = ?4 AND at <= ?1) OR (kind = ?5 AND at < ?1)), 0)
       AND NOT EXISTS (SELECT 1 FROM event AS later
                       WHERE later.socket = opened.socket AND later.kind IN (?2, ?3)
                         AND later.at <= ?1 AND later.id > opened.id)";

/// ?2 to ?5 of [`OPEN_AT`].
const KINDS_OF_OPEN: [EventKind; 4] = [
    EventKind::Opened,
    EventKind::Closed,
    EventKind::Began,
    EventKind::Ended,
];

/// The most events that are looked at for what one port had: some tenths of a second of reading.
const MOST_LOOKED_AT: i64 = 200_000;

/// The most times of beginning and ending that gaps are looked for between.
const MOST_RUNS: usize = 1000;

/// The most bytes of events; beyond that what is oldest is forgotten, however long it was to be kept. A busy server makes
/// some gigabytes of them a day.
const LARGEST: i64 = 1 << 30;
/// One part of so many of the history is forgotten at once, so that it is done rarely; a larger one where that was too little.
const PARTS_FORGOTTEN: [i64; 4] = [16, 8, 4, 2];

/// The history.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    largest: i64,
    /// How large it has to be for something to be forgotten.
    forgets_at: i64,
}

/// What could not be done with the history.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The directory or the file could not be made.
    #[error("open the history {}", path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A newer portwise wrote it.
    #[error(
        "open the history {}: its format {found} is newer than {}, the newest this program knows",
        path.display(), file::VERSION
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of its schema.
        found: i64,
    },
    /// Another recorder writes into it.
    #[error("record into the history {}: another recorder does so already", path.display())]
    Recorded {
        /// The file.
        path: PathBuf,
    },
    /// It is something else, or broken.
    #[error("read the history {}: it is damaged, or no history of portwise", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What `SQLite` says, when it says anything.
        #[source]
        source: Option<rusqlite::Error>,
    },
    /// Anything else.
    #[error("use the history {}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What `SQLite` says.
        #[source]
        source: rusqlite::Error,
    },
}

impl Error {
    fn of(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.into();
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Damaged {
                path,
                source: Some(source),
            },
            _ => Self::Sqlite { path, source },
        }
    }
}

impl Store {
    /// Opens the history at `path`, or begins one there.
    ///
    /// A directory that has to be made is 0700, the file 0600.
    ///
    /// # Errors
    ///
    /// Refuses what a newer program wrote and what is no history.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let connection = file::open(path)?;
        Ok(Self {
            connection,
            path: path.into(),
            largest: LARGEST,
            forgets_at: LARGEST,
        })
    }

    /// Writes `events` into the history in `path`, which it begins where there is none.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open) and [`append`](Self::append).
    pub fn add(path: &Path, events: &[Event]) -> Result<(), Error> {
        Self::open(path)?.append(events)
    }

    /// Adds events: all of them or none. In a history that has grown too large it forgets what is oldest.
    pub fn append(&mut self, events: &[Event]) -> Result<(), Error> {
        let path = &self.path;
        append(&mut self.connection, events).map_err(|source| Error::of(path, source))?;
        self.keep_within()
    }

    /// Forgets what is oldest when there is too much.
    fn keep_within(&mut self) -> Result<(), Error> {
        let mut length = self.length()?;
        if length <= self.forgets_at {
            return Ok(());
        }
        // What is open still is not forgotten, and can be most of what is old.
        for part in PARTS_FORGOTTEN {
            if let Some(time) = self.end_of_oldest(part)? {
                self.forget_before(time)?;
            }
            length = self.length()?;
            if length <= self.largest {
                self.forgets_at = self.largest;
                return Ok(());
            }
        }
        self.forgets_at = length + self.largest / PARTS_FORGOTTEN[0];
        Ok(())
    }

    fn length(&self) -> Result<i64, Error> {
        file::length(&self.connection).map_err(|source| Error::of(&self.path, source))
    }

    /// When the oldest part of what is in the history ends, one of so many.
    fn end_of_oldest(&self, parts: i64) -> Result<Option<Timestamp>, Error> {
        let sql = "SELECT at FROM event ORDER BY at LIMIT 1 OFFSET
             (SELECT count(*) / ?1 FROM event)";
        let end = self.connection.query_row(sql, [parts], |row| row.get(0));
        let end = end.optional();
        let end = end.map_err(|source| Error::of(&self.path, source))?;
        Ok(end.and_then(|at| Timestamp::from_microsecond(at).ok()))
    }

    /// What happened from `since` on and before `until`, in order; the newest `limit` of it.
    pub fn events(
        &self,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<Event>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM event WHERE at >= ?1 AND at < ?2
             ORDER BY at DESC, id DESC LIMIT ?3"
        );
        let since = since.map_or(i64::MIN, Timestamp::as_microsecond);
        let until = until.map_or(i64::MAX, Timestamp::as_microsecond);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut events = self.select(&sql, params![since, until, limit])?;
        events.reverse();
        Ok(events)
    }

    /// What happened to the sockets of the process `pid` from `since` on, in order; the newest `limit` of it.
    ///
    /// Numbers are given again: `since` is when the process began.
    pub fn events_of(
        &self,
        pid: u32,
        since: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<Event>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM event WHERE pid = ?1 AND at >= ?2
             ORDER BY at DESC, id DESC LIMIT ?3"
        );
        let since = since.map_or(i64::MIN, Timestamp::as_microsecond);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut events = self.select(&sql, params![pid, since, limit])?;
        events.reverse();
        Ok(events)
    }

    /// Who came to the listeners of `port` and who left them from `since` on: the newest `limit` of it.
    ///
    /// Of many events only the newest are looked at: the answer says since when it is whole.
    pub fn listeners_of(&self, port: u16, since: Timestamp, limit: usize) -> Result<Past, Error> {
        let failed = |source| Error::of(&self.path, source);
        let earliest = "SELECT at FROM event WHERE at >= ?1 ORDER BY at DESC LIMIT 1 OFFSET ?2";
        let earliest: Option<i64> = self
            .connection
            .query_row(
                earliest,
                params![since.as_microsecond(), MOST_LOOKED_AT],
                |row| row.get(0),
            )
            .optional()
            .map_err(failed)?;
        let earliest = earliest.and_then(|at| Timestamp::from_microsecond(at).ok());
        let mut since = earliest.unwrap_or(since);
        let sql = format!(
            "SELECT {COLUMNS} FROM event WHERE at >= ?1 AND local_port = ?2 AND direction = ?3
               AND kind IN (?4, ?5, ?6) ORDER BY at DESC, id DESC LIMIT ?7"
        );
        let [opened, closed, owner] =
            [EventKind::Opened, EventKind::Closed, EventKind::Owner].map(EventKind::name);
        let most = i64::try_from(limit).unwrap_or(i64::MAX);
        let listens = Direction::Listen.name();
        let mut events = self.select(
            &sql,
            params![
                since.as_microsecond(),
                port,
                listens,
                opened,
                closed,
                owner,
                most
            ],
        )?;
        events.reverse();
        // What was left out lies before the first that is told.
        if events.len() >= limit {
            since = events.first().map_or(since, |first| first.at);
        }
        let (gaps, known_from) = self.gaps(since)?;
        let since = since.max(known_from);
        events.retain(|event| event.at >= since);
        Ok(Past {
            events,
            since,
            gaps,
        })
    }

    /// When nobody is known to have recorded from `since` on, in order, and from when on that is all: of many runs
    /// only the newest are looked at.
    fn gaps(&self, since: Timestamp) -> Result<(Vec<Gap>, Timestamp), Error> {
        let runs = self.runs(since)?;
        let first = runs.len().saturating_sub(MOST_RUNS);
        let runs = runs.get(first..).unwrap_or_default();
        let since = match runs.first() {
            Some((at, _)) if first > 0 => since.max(*at),
            Some(_) | None => since,
        };
        let nexts = runs.iter().skip(1).map(Some).chain([None]);
        let mut gaps = vec![];
        for ((at, began), next) in runs.iter().zip(nexts) {
            let from = if *began {
                self.seen_until(*at, next.copied())?
            } else {
                Some(*at)
            };
            gaps.extend(from.map(|from| Gap {
                from: from.max(since),
                until: next.map(|(at, _)| *at),
            }));
        }
        Ok((gaps, since))
    }

    /// Until when a recorder is known to have looked that began at `began` and was killed; `None` of one that ended
    /// itself or still runs. `next` is what the next one did, or it itself.
    fn seen_until(
        &self,
        began: Timestamp,
        next: Option<(Timestamp, bool)>,
    ) -> Result<Option<Timestamp>, Error> {
        match next {
            Some((_, false)) => return Ok(None),
            None if file::is_locked(&self.path) => return Ok(None),
            Some((_, true)) | None => {}
        }
        let wrote = self.last_before(next.map(|(at, _)| at))?;
        let said = seen::until(&self.connection, began);
        let said = said.map_err(|source| Error::of(&self.path, source))?;
        Ok([wrote, said].into_iter().flatten().max().or(Some(began)))
    }

    /// Notes that the recorder that began at `began` still looked at `at`, when nothing happened. One that is killed
    /// cannot say so any more.
    pub fn saw(&self, began: Timestamp, at: Timestamp) -> Result<(), Error> {
        seen::note(&self.connection, began, at).map_err(|source| Error::of(&self.path, source))
    }

    /// When the last event before `until` was that a recorder wrote down.
    fn last_before(&self, until: Option<Timestamp>) -> Result<Option<Timestamp>, Error> {
        let sql = "SELECT at FROM event WHERE at < ?1 AND kind NOT IN (?2, ?3)
             ORDER BY at DESC LIMIT 1";
        let [action, heard] = [EventKind::Action, EventKind::Heard].map(EventKind::name);
        let until = until.map_or(i64::MAX, Timestamp::as_microsecond);
        let last: Option<i64> = self
            .connection
            .query_row(sql, params![until, action, heard], |row| row.get(0))
            .optional()
            .map_err(|source| Error::of(&self.path, source))?;
        Ok(last.and_then(|at| Timestamp::from_microsecond(at).ok()))
    }

    /// From when on, not before `since`, somebody recorded; `None` when nobody did. What else is in the history was
    /// written by who ended or asked something.
    pub fn recorded_from(&self, since: Timestamp) -> Result<Option<Timestamp>, Error> {
        let runs = self.runs(since)?;
        let first = runs.iter().find(|(_, began)| *began);
        Ok(first.map(|(at, _)| (*at).max(since)))
    }

    /// When the recorder began or ended, in order: the last time until `since`, and each after it; `true` where it began. Of very many
    /// the newest.
    ///
    /// One that was killed did not end, as far as is known, before it began again.
    fn runs(&self, since: Timestamp) -> Result<Vec<(Timestamp, bool)>, Error> {
        let failed = |source| Error::of(&self.path, source);
        // They have no socket: by that they are found without a look at all the others.
        let sql =
            "SELECT at, kind FROM event WHERE socket = '' AND kind IN (?2, ?3) AND at >= coalesce(
               (SELECT max(at) FROM event WHERE socket = '' AND kind IN (?2, ?3) AND at <= ?1), ?1)
             ORDER BY at DESC, id DESC LIMIT ?4";
        let [began, ended] = [EventKind::Began, EventKind::Ended].map(EventKind::name);
        let mut statement = self.connection.prepare(sql).map_err(failed)?;
        let rows = statement.query_map(
            params![since.as_microsecond(), began, ended, MOST_LOOKED_AT],
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)),
        );
        let mut runs = vec![];
        for row in rows.map_err(failed)? {
            let (at, kind) = row.map_err(failed)?;
            let at = Timestamp::from_microsecond(at).ok();
            runs.extend(at.map(|at| (at, kind == began)));
        }
        runs.reverse();
        Ok(runs)
    }

    /// The newest `limit` events of one kind, in order.
    pub fn of_kind(&self, kind: EventKind, limit: usize) -> Result<Vec<Event>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM event WHERE kind = ?1 ORDER BY at DESC, id DESC LIMIT ?2"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut events = self.select(&sql, params![kind.name(), limit])?;
        events.reverse();
        Ok(events)
    }

    /// The sockets that were open at `time`, in the order they were opened: each opened when it was, and
    /// else as it was then.
    ///
    /// What was open before the recorder began for the last time and was not seen then is not among
    /// them; after the recorder ended, nothing is.
    pub fn sockets_at(&self, time: Timestamp) -> Result<Vec<Event>, Error> {
        let sql = format!("SELECT {COLUMNS_OF_OPEN} {OPEN_AT} ORDER BY opened.at, opened.id");
        let [opened, closed, began, ended] = KINDS_OF_OPEN.map(EventKind::name);
        let time = time.as_microsecond();
        self.select(&sql, params![time, opened, closed, began, ended])
    }

    /// Until when, and no later than `time`, the recorder looked that ran then: of one that was killed, until it is known
    /// to have looked. `None` when none ran.
    pub fn looked_until(&self, time: Timestamp) -> Result<Option<Timestamp>, Error> {
        let sql = "SELECT at, kind FROM event
             WHERE (kind = ?2 AND at <= ?1) OR (kind = ?3 AND at < ?1) ORDER BY id DESC LIMIT 1";
        let [began, ended] = [EventKind::Began, EventKind::Ended].map(EventKind::name);
        let last: Option<(i64, String)> = self
            .connection
            .query_row(sql, params![time.as_microsecond(), began, ended], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()
            .map_err(|source| Error::of(&self.path, source))?;
        let last = last.filter(|(_, kind)| kind == began);
        let Some(began) = last.and_then(|(at, _)| Timestamp::from_microsecond(at).ok()) else {
            return Ok(None);
        };
        let next = self.runs(began)?.into_iter().find(|(at, _)| *at > began);
        let until = self.seen_until(began, next)?;
        Ok(Some(until.map_or(time, |until| until.min(time))))
    }

    /// The programs that are known from before to have listened on each port, each with when it was last seen.
    ///
    /// One that came to a port after `recently`, when another one was there before it, is not known yet.
    pub fn known_listeners(
        &self,
        recently: Timestamp,
    ) -> Result<Vec<(Protocol, u16, Text, Timestamp)>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM event JOIN
               (SELECT max(id) AS newest, min(at) AS came, min(min(at)) OVER
                       (PARTITION BY protocol, local_port) AS first
                FROM event WHERE direction = ?2 AND exe IS NOT NULL
                GROUP BY protocol, local_port, exe)
             ON id = newest WHERE came < ?1 OR came = first ORDER BY id"
        );
        let events = self.select(
            &sql,
            params![recently.as_microsecond(), Direction::Listen.name()],
        )?;
        let known = events
            .into_iter()
            .filter_map(|event| Some((event.protocol, event.local.port, event.exe?, event.at)));
        Ok(known.collect())
    }

    /// Forgets what happened before `time` and says how much that was.
    ///
    /// What was open then and had not closed keeps its opening and how it was last, so that what was
    /// open at a later time can still be said.
    pub fn forget_before(&mut self, time: Timestamp) -> Result<usize, Error> {
        let sql = format!(
            "DELETE FROM event WHERE at <= ?1 AND id NOT IN (
               SELECT opened.id {OPEN_AT} UNION SELECT last.id {OPEN_AT}
               UNION SELECT coalesce(max(id), 0) FROM event WHERE kind IN (?4, ?5) AND at <= ?1)"
        );
        let [opened, closed, began, ended] = KINDS_OF_OPEN.map(EventKind::name);
        let until = time.as_microsecond().saturating_sub(1);
        let forgotten = self
            .connection
            .execute(&sql, params![until, opened, closed, began, ended])
            .and_then(|count| seen::forget_before(&self.connection, time).map(|()| count));
        forgotten.map_err(|source| Error::of(&self.path, source))
    }

    /// Makes this the only recorder of the history, until what is returned is dropped.
    ///
    /// # Errors
    ///
    /// [`Error::Recorded`] when another process records into it.
    pub fn record_alone(&self) -> Result<Alone, Error> {
        file::lock(&self.path)
    }

    fn select(&self, sql: &str, values: impl rusqlite::Params) -> Result<Vec<Event>, Error> {
        let failed = |source| Error::of(&self.path, source);
        let mut statement = self.connection.prepare(sql).map_err(failed)?;
        let mut rows = statement.query(values).map_err(failed)?;
        let mut events = vec![];
        while let Some(row) = rows.next().map_err(failed)? {
            let event = row::read(row).map_err(failed)?;
            events.push(event.ok_or_else(|| Error::Damaged {
                path: self.path.clone(),
                source: None,
            })?);
        }
        Ok(events)
    }
}

fn append(connection: &mut Connection, events: &[Event]) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    {
        let mut statement = transaction.prepare(row::INSERT)?;
        for event in events {
            row::write(&mut statement, event)?;
        }
    }
    transaction.commit()
}

#[cfg(test)]
mod tests;
