//! Standard output, and whether it is a terminal.

use super::args::{Global, When};
use crate::report::Style;
use std::io::{self, BufWriter, IsTerminal as _, StdoutLock};

/// Standard output behind a buffer that holds a screenful and more.
///
/// Whoever writes flushes it, so that a full disk is noticed.
pub(super) fn stdout() -> BufWriter<StdoutLock<'static>> {
    BufWriter::with_capacity(64 * 1024, io::stdout().lock())
}

/// Whether to colour what is printed.
pub(super) fn style(global: &Global, environment: &Environment) -> Style {
    let color = match global.color {
        Some(When::Always) => true,
        Some(When::Never) => false,
        Some(When::Auto) | None if environment.no_color => false,
        Some(When::Auto) | None if environment.force_color => true,
        Some(When::Auto) | None => !environment.dumb && io::stdout().is_terminal(),
    };
    Style { color }
}

/// Columns of the terminal, when output goes to one.
pub(super) fn width() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let (columns, _) = crossterm::terminal::size().ok()?;
    Some(usize::from(columns)).filter(|columns| *columns > 0)
}

/// temp
pub(super) struct Environment { pub(super) no_color: bool, pub(super) force_color: bool, pub(super) dumb: bool }
impl Environment { pub(super) fn read() -> Self { Self { no_color: std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()), force_color: false, dumb: false } } }
