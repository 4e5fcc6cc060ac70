//! The log: a file, only when asked for.

use super::{args::Global, error::Failure};
use crate::given::without_waiting;
use std::fs::OpenOptions;
use tracing::Level;

/// Opens the log that was asked for; nothing when none was.
pub(super) fn start(global: &Global) -> Result<(), Failure> {
    let Some(path) = &global.log else {
        return Ok(());
    };
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // Standard error is a fine place for it, a pipe that nobody reads is none.
    let file = without_waiting(&mut options, path).map_err(|error| Failure::Operation {
        error: anyhow::Error::new(error).context(format!("open the log {}", path.display())),
        hint: None,
    })?;
    let level = match global.verbose {
        0 => Level::INFO,
        1 => Level::DEBUG,
        2.. => Level::TRACE,
    };
    tracing_subscriber::fmt()
        .with_writer(file)
        .with_ansi(false)
        .with_max_level(level)
        .init();
    Ok(())
}
