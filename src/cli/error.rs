//! What went wrong, in words, and its exit code.

use crate::{
    collect, config,
    model::Text,
    query::{self, Query},
    store,
};
use std::{fmt, io, io::Write as _, process::ExitCode};

/// Why a command did not do what was asked. Always exit code 2, but for a closed pipe.
#[derive(Debug)]
pub(super) enum Failure {
    /// The reader of our output has gone: no failure at all.
    ClosedPipe,
    /// What was typed is wrong: the whole message, which names the place.
    Usage(String),
    /// Something could not be done: what was tried, the cause behind it, and what to do.
    Operation {
        error: anyhow::Error,
        hint: Option<String>,
    },
}

impl Failure {
    /// What went wrong, in words, with what to do.
    pub(super) fn words(self) -> String {
        match self {
            Self::ClosedPipe => "nobody reads the output".to_owned(),
            Self::Usage(message) => message,
            Self::Operation { error, hint: None } => format!("could not {error:#}"),
            Self::Operation {
                error,
                hint: Some(hint),
            } => format!("could not {error:#}; {hint}"),
        }
    }

    /// Prints the failure on stderr and returns its exit code.
    pub(super) fn report(self) -> ExitCode {
        let (message, hint) = match self {
            Self::ClosedPipe => return ExitCode::SUCCESS,
            Self::Usage(message) => (message, None),
            Self::Operation { error, hint } => (format!("could not {error:#}"), hint),
        };
        print(format_args!("error: {message}"));
        if let Some(hint) = hint {
            print(format_args!("hint: {hint}"));
        }
        ExitCode::from(2)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::ClosedPipe
        } else {
            Self::Operation {
                error: anyhow::Error::new(error).context("write the output"),
                hint: None,
            }
        }
    }
}

impl From<collect::Error> for Failure {
    fn from(error: collect::Error) -> Self {
        let is_there = matches!(
            &error,
            collect::Error::WriteRecording { source, .. } if source.kind() == io::ErrorKind::AlreadyExists
        );
        let hint = "name a file that is not there yet: nothing is overwritten";
        let hint = is_there.then(|| hint.to_owned());
        Self::Operation {
            error: error.into(),
            hint,
        }
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Self::Operation {
            error: error.into(),
            hint: None,
        }
    }
}

impl From<config::Error> for Failure {
    fn from(error: config::Error) -> Self {
        let config::Error::Misfit(misfit) = error else {
            let hint = hint(&error);
            let error = error.into();
            return Self::Operation { error, hint };
        };
        let hint = misfit
            .hint
            .as_ref()
            .map_or(String::new(), |hint| format!("\nhint: {hint}"));
        Self::Usage(format!("{misfit}\n{}{hint}", misfit.pointed()))
    }
}

/// What to do about a file that cannot be used.
fn hint(error: &config::Error) -> Option<String> {
    let hint = match error {
        config::Error::Distrusted { path, .. }
        | config::Error::DistrustedConfiguration { path, .. } => format!(
            "look at what stands in it, then `chmod o-w` or `chown` it: ls -l {}",
            Text::from(path.display().to_string())
        ),
        config::Error::WritePolicy { source, .. }
            if source.kind() == io::ErrorKind::PermissionDenied =>
        {
            "write to a file of your own with --policy FILE".to_owned()
        }
        config::Error::NoHome => "name a file with --policy FILE".to_owned(),
        config::Error::Read { .. }
        | config::Error::TooLarge { .. }
        | config::Error::ReadPolicy { .. }
        | config::Error::WritePolicy { .. }
        | config::Error::Misfit(_) => return None,
    };
    Some(hint)
}

/// Prints one line on stderr. A stderr that is gone is no reason to fail.
pub(super) fn print(line: fmt::Arguments<'_>) {
    let mut stderr = io::stderr().lock();
    let _unheard: io::Result<()> = writeln!(stderr, "{line}");
}

/// Prints what clap has to say, on the stream it belongs to, and returns its exit code.
pub(super) fn usage(error: &clap::Error) -> ExitCode {
    let _unheard: io::Result<()> = error.print();
    if error.use_stderr() {
        ExitCode::from(2)
    } else {
        ExitCode::SUCCESS
    }
}

/// Reads a filter that was typed, for whoever asks nobody what hosts are called.
pub(super) fn filter(expression: &str) -> Result<Query, Failure> {
    let query = filter_with_hosts(expression)?;
    let checked = query.looks_at_no_host(expression);
    checked.map_err(|error| wrong_filter(&error))?;
    Ok(query)
}

/// Reads a filter that was typed, which may ask what hosts are called.
pub(super) fn filter_with_hosts(expression: &str) -> Result<Query, Failure> {
    Query::parse(expression).map_err(|error| wrong_filter(&error))
}

/// Refuses words of a filter that could find more than was meant, for whoever acts on what it finds.
pub(super) fn refuse_unclear_words(expression: &str) -> Result<(), Failure> {
    Query::means_one_thing(expression).map_err(|error| wrong_filter(&error))
}

/// A filter that cannot be used.
pub(super) fn wrong_filter(error: &query::Error) -> Failure {
    let hint = error
        .hint
        .as_ref()
        .map_or(String::new(), |hint| format!("\nhint: {hint}"));
    Failure::Usage(format!(
        "the filter is not valid\n{}{hint}",
        error.pointed()
    ))
}
