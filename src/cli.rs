//! Commands, exit codes, the words of the errors.
//!
//! The only module that prints. Each command is a short caller of the middle: take a snapshot, ask it,
//! write it.

pub mod args;

mod check;
mod error;
mod explain;
mod generate;
mod kill;
mod list;
mod log;
mod machine;
mod output;
mod record;

use args::{Cli, Command};
use clap::Parser as _;
use error::Failure;
use std::{io::IsTerminal as _, process::ExitCode};

/// How a command ended, when nothing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// As asked: exit code 0.
    Well,
    /// As asked, and the answer is no: exit code 1.
    Negative,
}

/// Runs the program: parses, runs, says what went wrong.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return error::usage(&error),
    };
    match run(&cli) {
        Ok(Ending::Well) => ExitCode::SUCCESS,
        Ok(Ending::Negative) => ExitCode::from(1),
        Err(failure) => failure.report(),
    }
}

fn run(cli: &Cli) -> Result<Ending, Failure> {
    let global = &cli.global;
    log::start(global)?;
    match &cli.command {
        Some(Command::List(args)) => list::run(global, args),
        Some(Command::Explain(args)) => explain::run(global, args),
        Some(Command::Check(args)) => check::run(global, args),
        Some(Command::Kill(args)) => kill::run(global, args),
        Some(Command::Record(args)) => record::run(global, args),
        Some(Command::Completions { shell }) => generate::completions(*shell),
        Some(Command::Man { directory }) => generate::manual(directory.as_deref()),
        None => without_command(cli),
    }
}

/// The dashboard on a terminal; elsewhere what it would show, as text.
fn without_command(cli: &Cli) -> Result<Ending, Failure> {
    let expression = cli.filter.join(" ");
    let query = error::filter(&expression)?;
    let on_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    match query.port_only() {
        Some(port) if !on_terminal => explain::run(&cli.global, &args::Explain::of_port(port)),
        _ if !on_terminal => list::run(&cli.global, &args::List::of_filter(cli.filter.clone())),
        _ => list::run(&cli.global, &args::List::of_filter(cli.filter.clone())),
    }
}
