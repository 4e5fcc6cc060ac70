//! Until when a recorder is known to have looked while nothing happened.
//!
//! In a table of its own, one row for each recorder: programs that do not know it leave it alone.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

const TABLE: &str = "CREATE TABLE IF NOT EXISTS seen (
    began INTEGER PRIMARY KEY,  -- microseconds since 1970
    until INTEGER NOT NULL      -- the same
) STRICT";

const NAME: &str = "seen";

/// Notes that the recorder that began at `began` still looked at `at`.
pub(super) fn note(
    connection: &Connection,
    began: Timestamp,
    at: Timestamp,
) -> rusqlite::Result<()> {
    connection.execute(TABLE, [])?;
    let sql = "INSERT INTO seen (began, until) VALUES (?1, ?2)
         ON CONFLICT (began) DO UPDATE SET until = excluded.until";
    connection.execute(sql, params![began.as_microsecond(), at.as_microsecond()])?;
    Ok(())
}

/// Until when the recorder that began at `began` is known to have looked; `None` where it did not say.
pub(super) fn until(
    connection: &Connection,
    began: Timestamp,
) -> rusqlite::Result<Option<Timestamp>> {
    if !connection.table_exists(None, NAME)? {
        return Ok(None);
    }
    let sql = "SELECT until FROM seen WHERE began = ?1";
    let until: Option<i64> = connection
        .query_row(sql, params![began.as_microsecond()], |row| row.get(0))
        .optional()?;
    Ok(until.and_then(|until| Timestamp::from_microsecond(until).ok()))
}

/// Forgets those that looked no later than before `time`.
pub(super) fn forget_before(connection: &Connection, time: Timestamp) -> rusqlite::Result<()> {
    if connection.table_exists(None, NAME)? {
        let sql = "DELETE FROM seen WHERE until < ?1";
        connection.execute(sql, params![time.as_microsecond()])?;
    }
    Ok(())
}
