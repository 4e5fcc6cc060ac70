//! The dashboard, with everything it needs.

use super::{
    Ending,
    args::Arrangement,
    context::Context,
    error::{Failure, print},
    heard::Asking,
    list::unknown_column,
    machine,
    witness::OfMachine,
};
use crate::{
    act,
    collect::{self, Collector, SourceChoice},
    config::{self, Environment, PolicyFile, State, StateFile, ThemeName},
    model::{
        Connection, Entry, Event, Fact, Inspection, Past, Process, ProcessKey, SampledSocket, Text,
        inspection::Answers,
    },
    monitor::Monitor,
    query::{Column, Order, Query},
    store::Store,
    tui::{
        ColorDepth, Decisions, GraphSigns, Keymap, Options, Remembered, Start, Theme, Wiring, run,
    },
};
use jiff::{Timestamp, tz::TimeZone};
use std::{
    io,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// The policy's file; else why it cannot be written.
struct Kept {
    policy: Result<PolicyFile, String>,
}

impl Kept {
    fn new(context: &Context) -> Self {
        Self {
            policy: context.policy_to_write().map_err(|_why| {
                "it cannot be read; `portwise learn --dry-run` says why".to_owned()
            }),
        }
    }
}

impl Decisions for Kept {
    fn accept(&self, entry: &Entry) -> Result<bool, String> {
        let policy = self.policy.as_ref().map_err(Clone::clone)?;
        let written = policy.add(std::slice::from_ref(entry));
        written.map_err(|error| why(&error))
    }

    fn take_back(&self, entry: &Entry) -> Result<bool, String> {
        let policy = self.policy.as_ref().map_err(Clone::clone)?;
        let removed = policy.remove(entry);
        removed.map_err(|error| why(&error))
    }

    fn place(&self) -> Option<String> {
        let path = self.policy.as_ref().ok()?.path()?;
        Some(Text::from(path.display().to_string()).to_string())
    }
}

/// Why the policy was not changed: the cause first, since a narrow screen cuts the end.
fn why(error: &config::Error) -> String {
    use config::Error::{ReadPolicy, WritePolicy};
    let words = if let ReadPolicy { path, source } | WritePolicy { path, source } = error {
        format!("{source}: {}", path.display())
    } else {
        error.to_string()
    };
    Text::from(words).to_string()
}

/// Reads single processes, one at a time, and what the history has of them.
struct Reader {
    inspector: Mutex<collect::Inspector>,
    /// What others told of the process that was looked at last: they are asked once.
    answers: Mutex<Option<(ProcessKey, Answers)>>,
    connections: Mutex<collect::Connections>,
    history: Option<PathBuf>,
}

/// How long the page of a process waits for a checksum; it asks again.
const PATIENCE: Duration = Duration::from_secs(1);
/// The most events of the history that a page tells.
const MOST_EVENTS: usize = 12;
/// The same of a port.
const MOST_OF_A_PORT: usize = 200;

impl Reader {
    fn new(context: &Context) -> Self {
        Self {
            inspector: Mutex::default(),
            answers: Mutex::default(),
            connections: Mutex::default(),
            history: machine::history_of(context),
        }
    }
}

impl Reader {
    fn answers(&self, process: &Process) -> Answers {
        let mut known = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((key, answers)) = &*known
            && *key == process.key
        {
            return answers.clone();
        }
        let mut asked = process.clone();
        collect::complete(&mut asked);
        let answers = Answers {
            package: asked.package,
            container_name: asked.background.container_name.clone(),
        };
        *known = Some((process.key, answers.clone()));
        answers
    }
}

impl run::Inspector for Reader {
    fn inspect(&self, process: &Process) -> (Inspection, Option<Vec<Event>>) {
        // One who failed while reading left nothing half done that the next would take for whole.
        let mut inspector = self
            .inspector
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut inspection = inspector.inspect(process.key, PATIENCE);
        inspection.answers = Some(self.answers(process));
        let store = self
            .history
            .as_ref()
            .and_then(|path| Store::open(path).ok());
        let events = store.and_then(|store| {
            let events = store.events_of(process.key.pid, process.started_at, MOST_EVENTS);
            events.ok()
        });
        (inspection, events)
    }

    fn journal(&self, process: &Process) -> Fact<Vec<Text>> {
        collect::journal(process)
    }

    fn connection(&self, socket: &SampledSocket) -> Fact<Connection> {
        let connections = self.connections.lock();
        let mut connections = connections.unwrap_or_else(PoisonError::into_inner);
        connections.ask(socket)
    }

    fn past(&self, port: u16, since: Timestamp) -> Option<Past> {
        let store = Store::open(self.history.as_ref()?).ok()?;
        // Before somebody recorded, nobody looked.
        let since = store.recorded_from(since).ok()??;
        store.listeners_of(port, since, MOST_OF_A_PORT).ok()
    }
}

/// What the command line says of the table, `None` where it says nothing.
#[derive(Debug, Clone)]
struct Asked {
    columns: Option<Vec<Column>>,
    column: Option<Column>,
    reverse: bool,
}

impl Asked {
    fn new(table: &Arrangement) -> Result<Self, Failure> {
        let names = Column::ALL.map(Column::name);
        let parse = |option: &str, name: &String| {
            let column = Column::parse(name.trim());
            column.map_err(|near| unknown_column(option, name, near, &names))
        };
        let columns = table.columns.iter().map(|name| parse("--columns", name));
        let mut columns = columns.collect::<Result<Vec<_>, _>>()?;
        let mut seen = vec![];
        columns.retain(|column| {
            !seen.contains(column) && {
                seen.push(*column);
                true
            }
        });
        let sort = table.sort.as_ref().map(|name| parse("--sort", name));
        Ok(Self {
            columns: (!columns.is_empty()).then_some(columns),
            column: sort.transpose()?,
            reverse: table.reverse,
        })
    }

    /// The order to begin with, where another one would be without the command line.
    fn order(&self, otherwise: Order) -> Order {
        match self.column {
            Some(column) => Order {
                column,
                reverse: self.reverse,
            },
            None => Order {
                reverse: otherwise.reverse != self.reverse,
                ..otherwise
            },
        }
    }

    /// Whether it says anything of the order.
    fn sorts(&self) -> bool {
        self.column.is_some() || self.reverse
    }
}

pub(super) fn run(
    context: &Context,
    query: &Query,
    table: &Arrangement,
) -> Result<Ending, Failure> {
    let registry = context.registry();
    let settings = &context.settings;
    let asked = Asked::new(table)?;
    let state = StateFile::of(&context.environment, collect::euid());
    let before = remembered(state.as_ref());
    let unremembered = state.as_ref().and_then(unremembered);
    // The command line comes before the configuration, and that before what is remembered.
    let columns = before.columns.clone().filter(|_| !settings.names_columns);
    let columns = columns.unwrap_or_else(|| settings.columns.clone());
    let order = before.order.filter(|_| !settings.names_order);
    let order = order.unwrap_or(settings.sort);
    let (first_columns, first_order) =
        (asked.columns.clone().unwrap_or(columns), asked.order(order));
    let extent = query.extent(context.extent);
    let source = collect::open(&context.source, extent)?;
    let mut policy = context.policy()?;
    let mut monitor = Monitor::new(registry);
    monitor.set_policy(policy.policy());
    monitor.extend(extent);
    // The history is read when the first frame stands.
    let mut past = machine::history_of(context);
    let mut reads = 0_u32;
    let reread = Box::new(move |monitor: &mut Monitor| {
        reads = reads.saturating_add(1);
        if reads > 1
            && let Some(path) = past.take()
        {
            machine::remember(&path, registry, monitor);
        }
        if let Some(changed) = policy.changed() {
            monitor.set_policy(changed);
        }
    });
    let (collector, latest) = Collector::start_with(source, monitor, settings.interval, reread)?;
    let recording = recording(context);
    let options = Options {
        depth: depth(settings.depth),
        theme: theme(context)?,
        ask: asks(&context.environment),
        remembered: Remembered {
            columns: None,
            order: None,
            ..before.clone()
        },
        unremembered: unremembered.clone(),
        ascii: settings.ascii,
        graph: match settings.graph {
            config::GraphSigns::Block => GraphSigns::Block,
            config::GraphSigns::Braille => GraphSigns::Braille,
            config::GraphSigns::Ascii => GraphSigns::Ascii,
        },
        resolve: settings.resolve,
        mouse: settings.mouse,
        // The processes of a recording are not those of this machine.
        readonly: settings.readonly || recording.is_some(),
        highlight: settings.highlight,
        interval: settings.interval,
        // A recording costs nothing to read, and goes on as it was taken.
        paces: !settings.names_interval && recording.is_none(),
        extent: context.extent,
        keymap: Keymap::new(&settings.keys).map_err(|error| {
            // Its words are a whole sentence, which "could not" would not fit before.
            Failure::Usage(format!("{error}; see [keys] in the configuration"))
        })?,
        filters: settings.filters.clone(),
        columns: first_columns.clone(),
        order: first_order,
        filter: match query.port_only() {
            Some(_) => String::new(),
            None => query.expression().to_owned(),
        },
        start: query.port_only().map_or(Start::Table, Start::Port),
        source_words: recording,
        local_time: TimeZone::system(),
        // A released program has no such switch.
        panic: cfg!(debug_assertions) && std::env::var_os("PORTWISE_TEST_PANIC").is_some(),
    };
    let wiring = Wiring {
        decisions: Arc::new(Kept::new(context)),
        inspector: Arc::new(Reader::new(context)),
        asker: Arc::new(Asking::of(context)),
        witness: Arc::new(OfMachine::of(context)),
        collector,
        latest,
        actions: Arc::new(act::System::protecting(&context.settings.protected)),
        registry,
    };
    let mut left = run::run(options, wiring).map_err(|error| Failure::Operation {
        error: error.into(),
        hint: None,
    })?;
    // What was asked for once, and not chosen, is no memory.
    if asked.columns.is_some() && left.columns.as_ref() == Some(&first_columns) {
        left.columns = before.columns;
    }
    if asked.sorts() && left.order == Some(first_order) {
        left.order = before.order;
    }
    if let Some(file) = &state {
        keep(file, &left, unremembered.is_some());
    }
    Ok(Ending::Well)
}

/// Writes down what the dashboard was left with. That it could not be is no reason to fail, and is told unless it
/// `is_told` already: what was not remembered is chosen again.
fn keep(file: &StateFile, left: &Remembered, is_told: bool) {
    let Err(error) = file.write(&to_write(left)) else {
        return;
    };
    tracing::warn!("could not write the state of the dashboard: {error}");
    if !is_told {
        let why = not_written(file, &error);
        print(format_args!("what was chosen is not remembered: {why}"));
    }
}

/// The name of the recording that is shown in place of the machine.
fn recording(context: &Context) -> Option<String> {
    match &context.source {
        SourceChoice::Recording(path) => Some(Text::from(path.display().to_string()).to_string()),
        SourceChoice::Auto
        | SourceChoice::SockDiag
        | SourceChoice::ProcNet
        | SourceChoice::Portable => None,
    }
}

/// The theme that was asked for; `None` for what fits the terminal.
fn theme(context: &Context) -> Result<Option<Theme>, Failure> {
    let fitting = |light| Theme::fitting(light, depth(context.settings.depth));
    let name = match &context.settings.theme {
        ThemeName::Auto => return Ok(None),
        ThemeName::Dark => return Ok(Some(fitting(false))),
        ThemeName::Light => return Ok(Some(fitting(true))),
        ThemeName::Mono => return Ok(Some(Theme::mono())),
        ThemeName::Ansi => return Ok(Some(Theme::ansi())),
        ThemeName::AnsiLight => return Ok(Some(Theme::ansi_light())),
        ThemeName::Named(name) => name,
    };
    if context.settings.depth == config::ColorDepth::Mono {
        return Ok(None);
    }
    let text = config::theme(name, &context.environment, collect::euid());
    let text = text.map_err(|error| Failure::Operation {
        error: anyhow::Error::new(error).context(format!("read the theme {name}")),
        hint: Some(
            "the themes are auto, dark, light, ansi, ansi-light and mono; any other is a file of your own"
                .to_owned(),
        ),
    })?;
    let theme = Theme::parse(name, &text).map_err(|error| Failure::Operation {
        error: anyhow::Error::new(error).context(format!("read the theme {name}")),
        hint: Some("the themes of portwise show how one is written: assets/themes".to_owned()),
    })?;
    Ok(Some(theme))
}

fn depth(depth: config::ColorDepth) -> ColorDepth {
    match depth {
        config::ColorDepth::Mono => ColorDepth::Mono,
        config::ColorDepth::Ansi16 => ColorDepth::Ansi16,
        config::ColorDepth::Indexed => ColorDepth::Indexed,
        config::ColorDepth::TrueColor => ColorDepth::Truecolor,
    }
}

/// Whether the terminal may be asked for its background: those that print the question may not.
fn asks(environment: &Environment) -> bool {
    let term = environment.term.as_deref().unwrap_or_default();
    !(term.is_empty() || term.starts_with("linux") || term.starts_with("vt"))
}

/// Why nothing will be remembered of this run, if that is so.
fn unremembered(file: &StateFile) -> Option<String> {
    let error = file.try_out().err()?;
    tracing::warn!("could not write the state of the dashboard: {error}");
    Some(not_written(file, &error))
}

/// The cause first, since a narrow screen cuts the end.
fn not_written(file: &StateFile, error: &io::Error) -> String {
    Text::from(format!("{error}: {}", file.path().display())).to_string()
}

/// What was remembered of the run before.
fn remembered(file: Option<&StateFile>) -> Remembered {
    let Some(state) = file.map(StateFile::read) else {
        return Remembered::default();
    };
    let column = state
        .sort
        .as_deref()
        .and_then(|name| Column::parse(name).ok());
    let order = column.map(|column| Order {
        column,
        reverse: state.reverse.unwrap_or(false),
    });
    Remembered {
        columns: state.known_columns(),
        order,
        view: state.view,
        group: state.group,
        details: state.details,
        light: match state.background.as_deref() {
            Some("light") => Some(true),
            Some("dark") => Some(false),
            _ => None,
        },
        silent: state.background.as_deref() == Some("unknown"),
        unit: state.unit,
        port_names: state.port_names.unwrap_or(false),
        notice_read: state.notice_read.unwrap_or(false),
        filters: state.filters.into_iter().collect(),
    }
}

/// What is written down of what the dashboard was left with.
fn to_write(left: &Remembered) -> State {
    let columns = left.columns.as_ref();
    State {
        view: left.view.clone(),
        columns: columns.map(|all| all.iter().map(|one| one.name().to_owned()).collect()),
        sort: left.order.map(|order| order.column.name().to_owned()),
        reverse: left.order.map(|order| order.reverse),
        group: left.group.clone(),
        details: left.details,
        background: match (left.silent, left.light) {
            (true, _) => Some("unknown".to_owned()),
            (false, Some(true)) => Some("light".to_owned()),
            (false, Some(false)) => Some("dark".to_owned()),
            (false, None) => None,
        },
        unit: left.unit.clone(),
        port_names: Some(left.port_names),
        notice_read: Some(left.notice_read),
        filters: left.filters.iter().cloned().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;

    #[test]
    fn why_the_policy_was_not_changed_names_the_cause_before_the_file() {
        let error = config::Error::WritePolicy {
            path: "/etc/portwise/\u{1b}policy.toml".into(),
            source: ErrorKind::PermissionDenied.into(),
        };
        let said = why(&error);
        assert!(
            said.starts_with("permission denied: /etc/portwise/"),
            "{said}"
        );
        assert!(!said.contains('\u{1b}'), "{said}");
    }
}
