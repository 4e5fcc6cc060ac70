//! The dashboard, with everything it needs.

use super::{Ending, context::Context, error::Failure};
use crate::{
    act,
    collect::{self, Collector, SourceChoice},
    config::{self, ThemeName},
    model::Text,
    monitor::Monitor,
    query::Query,
    tui::{ColorDepth, Options, Start, Wiring, run},
};
use jiff::tz::TimeZone;
use std::sync::Arc;

pub(super) fn run(context: &Context, query: &Query) -> Result<Ending, Failure> {
    let registry = context.registry();
    let settings = &context.settings;
    let extent = query.extent(context.extent);
    let source = collect::open(&context.source, extent)?;
    let mut policy = context.policy()?;
    let mut monitor = Monitor::new(registry);
    monitor.set_policy(policy.policy());
    let reread = Box::new(move |monitor: &mut Monitor| {
        if let Some(changed) = policy.changed() {
            monitor.set_policy(changed);
        }
    });
    let (collector, latest) = Collector::start_with(source, monitor, settings.interval, reread)?;
    let recording = match &context.source {
        SourceChoice::Recording(path) => Some(Text::from(path.display().to_string()).to_string()),
        SourceChoice::Auto
        | SourceChoice::SockDiag
        | SourceChoice::ProcNet
        | SourceChoice::Portable => None,
    };
    let options = Options {
        depth: match settings.depth {
            config::ColorDepth::Mono => ColorDepth::Mono,
            config::ColorDepth::Ansi16 => ColorDepth::Ansi16,
            config::ColorDepth::TrueColor => ColorDepth::Truecolor,
        },
        light: settings.theme == ThemeName::Light,
        ascii: settings.ascii,
        mouse: settings.mouse,
        // The processes of a recording are not those of this machine.
        readonly: settings.readonly || recording.is_some(),
        highlight: settings.highlight,
        interval: settings.interval,
        order: settings.sort,
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
        collector,
        latest,
        actions: Arc::new(act::System::protecting(&context.settings.protected)),
        registry,
    };
    run::run(options, wiring).map_err(|error| Failure::Operation {
        error: error.into(),
        hint: None,
    })?;
    Ok(Ending::Well)
}
