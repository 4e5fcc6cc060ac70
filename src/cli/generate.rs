//! Completion scripts and manual pages, made from the same types that are parsed.

use super::{
    Ending,
    args::{Cli, Shell},
    error::Failure,
    output,
};
use clap::CommandFactory as _;
use std::{io::Write as _, path::Path};

pub(super) fn completions(shell: Shell) -> Result<Ending, Failure> {
    // clap_complete panics when its writer fails, so it writes into memory.
    let mut script = vec![];
    clap_complete::generate(shell, &mut Cli::command(), "portwise", &mut script);
    let mut out = output::stdout();
    out.write_all(&script)?;
    out.flush()?;
    Ok(Ending::Well)
}

pub(super) fn manual(directory: Option<&Path>) -> Result<Ending, Failure> {
    if let Some(directory) = directory {
        clap_mangen::generate_to(Cli::command(), directory).map_err(|error| {
            Failure::Operation {
                error: anyhow::Error::new(error)
                    .context(format!("write manual pages into {}", directory.display())),
                hint: None,
            }
        })?;
        return Ok(Ending::Well);
    }
    let mut out = output::stdout();
    clap_mangen::Man::new(Cli::command()).render(&mut out)?;
    out.flush()?;
    Ok(Ending::Well)
}
