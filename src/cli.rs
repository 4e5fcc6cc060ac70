//! Commands, exit codes, the words of the errors.
//!
//! The only module that prints. Each command is a short caller of the middle: take a snapshot, ask it,
//! write it.

mod act;
pub mod args;
mod ask;

mod check;
mod close;
mod context;
mod dashboard;
mod deeds;
mod doctor;
mod elevate;
mod error;
mod explain;
mod follow;
mod generate;
mod heard;
mod history;
mod inspect;
mod kill;
mod learn;
mod list;
mod log;
mod machine;
mod moment;
mod output;
mod probe;
mod record;
mod registry;
mod watch;
mod witness;

use args::{Cli, Command};
use clap::Parser as _;
use context::Context;
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
    if cli.command.is_some() && !cli.filter.is_empty() {
        let filter = cli.filter.join(" ");
        return Err(Failure::Usage(format!(
            "a command comes before its filter, and {filter:?} stands before the command\n\
             hint: portwise COMMAND {filter}; a word that is a command's name is searched for in quotes: '\"list\"'"
        )));
    }
    if cli.command.is_some() && cli.table != args::Arrangement::default() {
        return Err(Failure::Usage(
            "--columns, --sort and --reverse come after the command\n\
             hint: portwise list --sort rx; without a command they are the dashboard's"
                .to_owned(),
        ));
    }
    // Needs no settings, so that a broken configuration cannot stand in its way.
    if let Some(Command::Completions { shell }) = &cli.command {
        return generate::completions(*shell);
    }
    if let Some(Command::Man { directory }) = &cli.command {
        return generate::manual(directory.as_deref());
    }
    let log = log::start(&cli.global)?;
    let ending = run_logged(cli);
    if let Some(log) = log {
        log.finish(cli.global.quiet);
    }
    ending
}

/// Runs what may be logged.
fn run_logged(cli: &Cli) -> Result<Ending, Failure> {
    if let Some(Command::Doctor(args)) = &cli.command {
        return doctor::run(&cli.global, args);
    }
    let context = Context::new(&cli.global)?;
    match &cli.command {
        Some(Command::List(args)) => list::run(&context, args),
        Some(Command::Explain(args)) => explain::run(&context, args),
        Some(Command::Inspect(args)) => inspect::run(&context, args),
        Some(Command::Check(args)) => check::run(&context, args),
        Some(Command::Learn(args)) => learn::run(&context, args),
        Some(Command::Watch(args)) => watch::run(&context, args),
        Some(Command::Kill(args)) => kill::run(&context, args),
        Some(Command::Close(args)) => close::run(&context, args),
        Some(Command::Act(what)) => act::run(&context, what),
        Some(Command::Record(args)) => record::run(&context, args),
        Some(Command::Registry(command)) => registry::run(&context, command),
        Some(Command::History(args)) => history::run(&context, args),
        Some(Command::Probe(args)) => probe::run(&context, args),
        Some(Command::Completions { .. } | Command::Man { .. } | Command::Doctor(_)) => {
            Ok(Ending::Well)
        }
        None => without_command(&context, cli),
    }
}

/// The dashboard on a terminal; elsewhere what it would show, as text.
fn without_command(context: &Context, cli: &Cli) -> Result<Ending, Failure> {
    let query = error::filter(&cli.filter.join(" "))?;
    let on_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if on_terminal && context.environment.can_draw() {
        return dashboard::run(context, &query, &cli.table);
    }
    match query.port_only() {
        Some(port) => explain::run(context, &args::Explain::of_port(port)),
        None => list::run(
            context,
            &args::List::of_filter(cli.filter.clone(), cli.table.clone()),
        ),
    }
}
