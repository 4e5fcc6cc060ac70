//! What every command works with: the settings, and where they come from.

use super::{
    args::{self, Global},
    error::{self, Failure},
};
use crate::{
    collect::{self, SourceChoice},
    config::{self, Ascii, Color, Environment, Layer, PolicyFile, Settings},
    model::{Extent, SourceKind, Text},
    registry::{Registry, installed::InUse},
    report::Style,
};
use jiff::tz::TimeZone;
use std::{
    cell::OnceCell,
    io::{self, IsTerminal as _},
    path::PathBuf,
};

/// What every command works with.
#[derive(Debug, Clone)]
pub(super) struct Context {
    pub(super) settings: Settings,
    pub(super) environment: Environment,
    pub(super) source: SourceChoice,
    pub(super) extent: Extent,
    pub(super) is_recording: bool,
    policy: Option<PathBuf>,
    /// The configuration that was named on the command line.
    pub(super) config: Option<PathBuf>,
    pub(super) quiet: bool,
    pub(super) verbose: bool,
    in_use: OnceCell<InUse>,
}

impl Context {
    /// Puts the defaults, the user's file and the flags together.
    pub(super) fn new(global: &Global) -> Result<Self, Failure> {
        let environment = Environment::read();
        let file = config::load(global.config.as_deref(), &environment, collect::euid())?;
        Self::of_layer(global, environment, file)
    }

    /// The same with what the user's file says.
    pub(super) fn of_layer(
        global: &Global,
        environment: Environment,
        file: Layer,
    ) -> Result<Self, Failure> {
        let settings =
            Settings::resolve(config::defaults()?, Some(file), flags(global), &environment);
        let source = match (&global.recording, settings.source) {
            (Some(path), _) => SourceChoice::Recording(path.clone()),
            (None, Some(SourceKind::SockDiag)) => SourceChoice::SockDiag,
            (None, Some(SourceKind::ProcNet)) => SourceChoice::ProcNet,
            (None, Some(SourceKind::Portable)) => SourceChoice::Portable,
            (None, None) => SourceChoice::Auto,
        };
        let all_namespaces = settings.all_namespaces;
        Ok(Self {
            settings,
            environment,
            source,
            extent: Extent {
                unix: false,
                all_namespaces,
            },
            is_recording: global.recording.is_some(),
            policy: global.policy.clone(),
            config: global.config.clone(),
            quiet: global.quiet,
            verbose: global.verbose > 0,
            in_use: OnceCell::new(),
        })
    }

    /// The registry that is used, and where it is from. A broken update is told of, once, and not used.
    pub(super) fn registry_in_use(&self) -> &InUse {
        self.in_use.get_or_init(|| {
            let directory = self.environment.registry_directory();
            let (used, broken) = Registry::in_use(directory.as_deref());
            if let Some(error) = broken
                && !self.quiet
            {
                let error = anyhow::Error::new(error);
                error::print(format_args!(
                    "note: could not {}; the compiled-in registry is used",
                    Text::from(format!("{error:#}"))
                ));
            }
            used
        })
    }

    /// The registry that is used.
    pub(super) fn registry(&self) -> &'static Registry {
        self.registry_in_use().registry
    }

    /// The policy in use, and its file.
    pub(super) fn policy(&self) -> Result<PolicyFile, Failure> {
        let path = self.policy.as_deref();
        let euid = collect::euid();
        let zone = TimeZone::system;
        Ok(PolicyFile::open(path, &self.environment, euid, zone)?)
    }

    /// The same for one who writes it: the file need not be there yet.
    pub(super) fn policy_to_write(&self) -> Result<PolicyFile, Failure> {
        let path = self.policy.as_deref();
        let euid = collect::euid();
        let zone = TimeZone::system;
        Ok(PolicyFile::open_to_write(
            path,
            &self.environment,
            euid,
            zone,
        )?)
    }

    /// Whether to colour what is printed, and how wide it may be.
    pub(super) fn style(&self) -> Style {
        Style {
            color: self.settings.depth != config::ColorDepth::Mono,
            columns: terminal_width(),
        }
    }
}

/// Columns of the terminal, when output goes to one.
pub(super) fn terminal_width() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let (columns, _) = crossterm::terminal::size().ok()?;
    Some(usize::from(columns)).filter(|columns| *columns > 0)
}

/// What the command line says.
fn flags(global: &Global) -> Layer {
    Layer {
        interval: global.interval,
        source: global.source.map(|source| match source {
            args::Source::Auto => config::Source::Auto,
            args::Source::SockDiag => config::Source::SockDiag,
            args::Source::ProcNet => config::Source::ProcNet,
            args::Source::Portable => config::Source::Portable,
        }),
        color: global.color.map(|when| match when {
            args::When::Auto => Color::Auto,
            args::When::Always => Color::Always,
            args::When::Never => Color::Never,
            args::When::Sixteen => Color::Sixteen,
            args::When::TrueColor => Color::TrueColor,
        }),
        theme: global.theme.clone(),
        all_namespaces: global.all_namespaces.then_some(true),
        resolve: global.resolve.then_some(true),
        ascii: global.ascii.then_some(Ascii::On),
        mouse: global.no_mouse.then_some(false),
        readonly: global.readonly.then_some(true),
        ..Layer::default()
    }
}
