//! `registry`: which port registry is in use, whether it is right, and a newer one.
#![expect(
    clippy::disallowed_methods,
    reason = "how old a registry is, and when a new one came"
)]

use super::{
    Ending,
    args::{RegistryCommand, RegistryImport},
    context::Context,
    error::{self, Failure},
    output,
};
use crate::{
    model::{Status, Text, Transport},
    registry::{
        Registry,
        changes::{self, Change, Kind},
        fetch,
        import::{self, names, plausible},
        installed::{self, InUse, Installed, Origin},
    },
    report::plural,
};
use jiff::{Timestamp, Unit};
use std::{
    error::Error,
    io::Write as _,
    path::{Path, PathBuf},
};

/// The most differences that are shown unless more are asked for.
const SHOWN: usize = 20;

pub(super) fn run(context: &Context, command: &RegistryCommand) -> Result<Ending, Failure> {
    match command {
        RegistryCommand::Info => info(context),
        RegistryCommand::Verify => verify(context),
        RegistryCommand::Update { from } => update(context, from),
        RegistryCommand::Import(import) => write_asset(import),
    }
}

fn info(context: &Context) -> Result<Ending, Failure> {
    let used = context.registry_in_use();
    let mut out = output::stdout();
    match &used.origin {
        Origin::Bundled => {
            let (date, sha256) = Registry::bundled_version();
            writeln!(out, "in use    the registry that is compiled in")?;
            writeln!(out, "state     IANA's of {date}{}", age(date))?;
            writeln!(out, "sha256    {sha256}")?;
        }
        Origin::Updated {
            source,
            imported_at,
            sha256,
        } => {
            let imported = imported_at.to_string();
            let date = imported.get(..10).unwrap_or_default();
            writeln!(out, "in use    the updated registry")?;
            writeln!(out, "from      {source}")?;
            writeln!(out, "imported  {date}{}", age(date))?;
            writeln!(out, "sha256    {sha256}")?;
        }
    }
    if let Some(directory) = context.environment.registry_directory() {
        let file = installed::file(&directory);
        let there = if file.exists() { "" } else { " (not there)" };
        writeln!(out, "updates   {}{there}", shown(&file))?;
    }
    writeln!(out, "holds     {}", holds(used.registry))?;
    for transport in Transport::ALL {
        writeln!(out, "{}", counts(used.registry, transport))?;
    }
    out.flush()?;
    Ok(Ending::Well)
}

/// `, 97 days ago`, for a date.
fn age(date: &str) -> String {
    let day = date.parse::<jiff::civil::Date>();
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let days = day.and_then(|day| today.since((Unit::Day, day)));
    match days.map(|days| days.get_days()) {
        Ok(0) => String::from(", today"),
        Ok(1) => String::from(", 1 day ago"),
        Ok(days) if days > 1 => format!(", {days} days ago"),
        _ => String::new(),
    }
}

fn holds(registry: &Registry) -> String {
    let lines = registry.registrations().count();
    let named = registry
        .registrations()
        .filter(|line| !line.name.is_empty())
        .count();
    format!("{}, {named} with a service name", plural(lines, "line"))
}

fn counts(registry: &Registry, transport: Transport) -> String {
    let mut found = [0_usize; 4];
    for port in 0..=u16::MAX {
        let at = match registry.service(port, transport).status {
            Status::Assigned => 0,
            Status::Reserved => 1,
            Status::Unassigned => 2,
            Status::Dynamic => 3,
        };
        if let Some(count) = found.get_mut(at) {
            *count += 1;
        }
    }
    let [assigned, reserved, unassigned, dynamic] = found;
    format!(
        "{:<10}{assigned} ports assigned, {reserved} reserved, {unassigned} unassigned, {dynamic} dynamic",
        transport.name()
    )
}

fn verify(context: &Context) -> Result<Ending, Failure> {
    let directory = context.environment.registry_directory();
    let updated = directory.as_deref().map_or(Ok(None), installed::read);
    let mut out = output::stdout();
    match updated {
        Ok(Some(installed)) => {
            writeln!(
                out,
                "the updated registry verifies: sha256 {}",
                installed.sha256
            )?;
        }
        Ok(None) => match Registry::verify_bundled() {
            Ok(()) => {
                let (_, sha256) = Registry::bundled_version();
                writeln!(out, "the compiled-in registry verifies: sha256 {sha256}")?;
            }
            Err(error) => return Ok(does_not_verify(&error)),
        },
        Err(error) => return Ok(does_not_verify(&error)),
    }
    out.flush()?;
    Ok(Ending::Well)
}

fn does_not_verify(error: &dyn Error) -> Ending {
    error::print(format_args!("error: could not {}", chain(error)));
    error::print(format_args!(
        "hint: `portwise registry update` fetches it anew; until then the compiled-in one is used"
    ));
    Ending::Negative
}

/// An error and what is behind it, in one line.
fn chain(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    Text::from(words).to_string()
}

fn update(context: &Context, from: &str) -> Result<Ending, Failure> {
    let Some(directory) = context.environment.registry_directory() else {
        return Err(Failure::Usage(String::from(
            "there is no home directory to keep a registry in\nhint: set XDG_DATA_HOME",
        )));
    };
    let bytes = fetch::read(from).map_err(|error| failed(error, &directory))?;
    let table = import::cells(&bytes)
        .map(|cells| import::table(&cells))
        .and_then(|table| plausible::check(&table).map(|()| table))
        .map_err(|error| rejected(from, error))?;
    let new = Installed::new(table, Text::from(from), Timestamp::now());
    let before = context.registry();
    let path = installed::replace(&directory, &new).map_err(|error| failed(error, &directory))?;
    let InUse { registry, .. } = new.into_use();
    report(
        context,
        registry,
        &changes::between(before, registry),
        &path,
    )
}

fn report(
    context: &Context,
    registry: &Registry,
    changes: &[Change],
    path: &Path,
) -> Result<Ending, Failure> {
    let mut out = output::stdout();
    let count = |kind| {
        changes
            .iter()
            .filter(|change| change.kind() == kind)
            .count()
    };
    writeln!(out, "updated: {}, kept in {}", holds(registry), shown(path))?;
    writeln!(
        out,
        "added {}, removed {}, renamed {}",
        count(Kind::Added),
        count(Kind::Removed),
        count(Kind::Renamed)
    )?;
    let most = if context.verbose {
        changes.len()
    } else {
        SHOWN
    };
    for change in changes.iter().take(most) {
        writeln!(out, "  {change}")?;
    }
    if changes.len() > most {
        writeln!(out, "  and {} more; -v shows all", changes.len() - most)?;
    }
    out.flush()?;
    Ok(Ending::Well)
}

fn shown(path: &Path) -> Text {
    Text::from(path.display().to_string())
}

fn failed(error: impl Error + Send + Sync + 'static, directory: &Path) -> Failure {
    Failure::Operation {
        error: anyhow::Error::new(error),
        hint: Some(unchanged(directory)),
    }
}

fn rejected(from: &str, error: import::ImportError) -> Failure {
    Failure::Operation {
        error: anyhow::Error::new(error).context(format!("use {}", Text::from(from))),
        hint: Some(String::from(
            "nothing was changed; IANA's CSV or XML of service-names-port-numbers is expected",
        )),
    }
}

fn unchanged(directory: &Path) -> String {
    let file = installed::file(directory);
    if file.exists() {
        String::from("nothing was changed; the registry of the last update stays in use")
    } else {
        String::from("nothing was changed; the compiled-in registry stays in use")
    }
}

/// Writes the table that is compiled in, out of what its maintainers download.
fn write_asset(args: &RegistryImport) -> Result<Ending, Failure> {
    let operation = |error: anyhow::Error| Failure::Operation { error, hint: None };
    let read = |path: &PathBuf| {
        fetch::read_file(path).map_err(|error| operation(anyhow::Error::new(error)))
    };
    let mut cells =
        import::cells(&read(&args.csv)?).map_err(|error| operation(anyhow::Error::new(error)))?;
    if let Some(path) = &args.names {
        let json = String::from_utf8_lossy(&read(path)?).into_owned();
        names::put_over(&mut cells, &json).map_err(|error| operation(anyhow::Error::new(error)))?;
    }
    let mut out = output::stdout();
    out.write_all(import::table(&cells).as_bytes())?;
    out.flush()?;
    Ok(Ending::Well)
}
