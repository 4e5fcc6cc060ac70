//! The file of the history: who may read it, and which schema it has.

use super::Error;
use crate::given::open_file;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

/// The schema that this program writes.
pub(super) const VERSION: i64 = 1;

/// Marks the file as ours: `prtw` in ASCII.
const APPLICATION: i64 = 0x7072_7477;

/// How long to wait for another process that writes, and for those who ask whether one does: that takes microseconds.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to wait before looking again whether somebody still asks.
const MOMENT: Duration = Duration::from_millis(1);

const SCHEMA: &str = "
    CREATE TABLE event (
        id INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,        -- microseconds since 1970
        kind TEXT NOT NULL,
        socket TEXT NOT NULL,
        protocol TEXT NOT NULL,
        local_address TEXT NOT NULL,
        local_port INTEGER NOT NULL,
        peer_address TEXT,
        peer_port INTEGER,
        state TEXT,
        direction TEXT,
        user TEXT,
        program TEXT,
        pid INTEGER,
        exe TEXT,
        service TEXT,
        verdict TEXT,
        detail TEXT
    ) STRICT;
    CREATE INDEX event_at ON event (at);
    CREATE INDEX event_socket ON event (socket, at);
";

/// Opens the file, and makes it when it is not there.
pub(super) fn open(path: &Path) -> Result<Connection, Error> {
    create(path).map_err(|source| Error::Create {
        path: path.into(),
        source,
    })?;
    let failed = |source| Error::of(path, source);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    let (application, version) = marks(&connection).map_err(failed)?;
    match (application, version) {
        (APPLICATION, VERSION) => {}
        (APPLICATION, found) if found > VERSION => {
            let path = path.into();
            return Err(Error::Newer { path, found });
        }
        (0, 0) => begin(&mut connection, path)?,
        _ => return Err(not_ours(path)),
    }
    // Readers go on while the recorder writes.
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .or_else(unless_busy)
        .and_then(|()| connection.pragma_update(None, "synchronous", "NORMAL"))
        .map_err(failed)?;
    Ok(connection)
}

/// Lets the file keep its journal while another process reads it: switching needs it alone, and
/// `SQLite` does not wait for that. The next one to open it switches.
fn unless_busy(error: rusqlite::Error) -> rusqlite::Result<()> {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Ok(()),
        Some(_) | None => Err(error),
    }
}

/// Writes the schema, unless another process did so just now.
fn begin(connection: &mut Connection, path: &Path) -> Result<(), Error> {
    let failed = |source| Error::of(path, source);
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    if marks(&transaction).map_err(failed)? == (APPLICATION, VERSION) {
        return Ok(());
    }
    let tables = "SELECT count(*) FROM sqlite_schema";
    let tables: i64 = transaction
        .query_row(tables, [], |row| row.get(0))
        .map_err(failed)?;
    if tables > 0 {
        return Err(not_ours(path));
    }
    transaction
        .execute_batch(SCHEMA)
        .and_then(|()| transaction.pragma_update(None, "application_id", APPLICATION))
        .and_then(|()| transaction.pragma_update(None, "user_version", VERSION))
        .and_then(|()| transaction.commit())
        .map_err(failed)
}

/// Reads both marks at one moment: another process may be writing them.
fn marks(connection: &Connection) -> rusqlite::Result<(i64, i64)> {
    let both =
        "SELECT application_id, user_version FROM pragma_application_id, pragma_user_version";
    connection.query_row(both, [], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// How many bytes of the file are in use: what was forgotten leaves room in it, which is written to next.
pub(super) fn length(connection: &Connection) -> rusqlite::Result<i64> {
    let sql = "SELECT (page_count - freelist_count) * page_size
         FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
    connection.query_row(sql, [], |row| row.get(0))
}

fn not_ours(path: &Path) -> Error {
    Error::Damaged {
        path: path.into(),
        source: None,
    }
}

/// Makes the directory and an empty file that only the owner can read; leaves what is there.
fn create(path: &Path) -> io::Result<()> {
    if let Some(directory) = path.parent().filter(|directory| !directory.exists()) {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(directory)?;
    }
    open_file(&mut private(), path).map(drop)
}

/// Being the only recorder of a history; the system ends it with the process.
#[derive(Debug)]
pub struct Alone {
    _lock: File,
}

/// The file beside the history that is locked. Not the history itself: to close it would end the locks of `SQLite`.
fn beside(path: &Path) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    beside.into()
}

/// Makes sure that nobody else records into the history.
pub(super) fn lock(path: &Path) -> Result<Alone, Error> {
    let failed = |source| Error::Create {
        path: path.into(),
        source,
    };
    let lock = open_file(&mut private(), &beside(path)).map_err(failed)?;
    let mut waited = Duration::ZERO;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(Alone { _lock: lock }),
            // Whoever shares it with us only asks, and asks no longer than this.
            Err(TryLockError::WouldBlock) if waited < PATIENCE && is_shared(&lock) => {
                thread::park_timeout(MOMENT);
                waited += MOMENT;
            }
            Err(TryLockError::WouldBlock) => return Err(Error::Recorded { path: path.into() }),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
    }
}

/// Whether nobody holds the lock alone; lets go of it again.
fn is_shared(lock: &File) -> bool {
    lock.try_lock_shared().is_ok_and(|()| lock.unlock().is_ok())
}

/// Whether somebody records into the history just now.
pub(super) fn is_locked(path: &Path) -> bool {
    let lock = open_file(OpenOptions::new().read(true), &beside(path));
    // A recorder that begins just now sees that we only share it, and waits.
    lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// How a file is opened, or made for its owner alone.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
