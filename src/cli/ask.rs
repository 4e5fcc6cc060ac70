//! What `kill` and `close` have in common: when they may act, and asking first.

use super::{context::Context, error::Failure};
use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};

/// Refuses to act where nobody permitted it: read-only, on a recording, or unasked.
pub(super) fn refuse_unless_permitted(
    context: &Context,
    dry_run: bool,
    yes: bool,
) -> Result<(), Failure> {
    if dry_run {
        return Ok(());
    }
    if context.settings.readonly {
        return Err(Failure::Usage("--readonly takes no action".to_owned()));
    }
    if context.is_recording {
        return Err(Failure::Usage(
            "nothing can be done to what a recording shows\nhint: add --dry-run".to_owned(),
        ));
    }
    if !yes && !on_terminal() {
        return Err(Failure::Usage(
            "there is no terminal to ask on\nhint: add --yes, or --dry-run to see whom".to_owned(),
        ));
    }
    Ok(())
}

/// Whether there is somebody to ask.
pub(super) fn on_terminal() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Shows `lines` and asks; anything but a yes means no.
pub(super) fn is_wanted(
    lines: impl Iterator<Item = String>,
    question: &str,
) -> Result<bool, Failure> {
    let mut out = io::stderr().lock();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    drop(out);
    let answer = answer(&format!("{question} [y/N] "))?;
    Ok(matches!(answer.as_str(), "y" | "Y" | "yes"))
}

/// Asks `question`, and returns the line that is answered, without blanks around it.
pub(super) fn answer(question: &str) -> Result<String, Failure> {
    let mut out = io::stderr().lock();
    write!(out, "{question}")?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().lock().take(64).read_line(&mut answer)?;
    Ok(answer.trim().to_owned())
}
