//! Standard output behind a buffer.

use std::io::{self, BufWriter, StdoutLock};

/// Standard output behind a buffer that holds a screenful and more.
///
/// Whoever writes flushes it, so that a full disk is noticed.
pub(super) fn stdout() -> BufWriter<StdoutLock<'static>> {
    BufWriter::with_capacity(64 * 1024, io::stdout().lock())
}
