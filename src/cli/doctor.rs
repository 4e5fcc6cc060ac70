//! `doctor`: what works on this machine, what does not, and what would change that.

use super::{
    Ending,
    args::{CheckFormat, Doctor, Global},
    context::Context,
    error::Failure,
    history, output,
};
use crate::{
    collect,
    config::{self, ColorDepth, Environment, Layer},
    model::{Ability, Works},
    registry::{
        Registry, SNAPSHOT,
        installed::{self, Origin},
    },
    report::doctor::{write_json, write_text},
    store::Store,
};
use std::{io::Write as _, path::Path};

pub(super) fn run(global: &Global, args: &Doctor) -> Result<Ending, Failure> {
    let environment = Environment::read();
    // A configuration that cannot be used is one of the things to tell of.
    let (layer, configuration) = configuration(global.config.as_deref(), &environment);
    let context = Context::of_layer(global, environment, layer)?;
    let abilities = examine(&context, configuration);
    let everything = collect::every_privilege().filter(|_| {
        let by_setcap = |ability: &&Ability| {
            let remedy = ability.remedy.as_deref();
            remedy.is_some_and(|remedy| remedy.starts_with("sudo setcap"))
        };
        abilities.iter().filter(by_setcap).count() > 1
    });
    let mut out = output::stdout();
    match args.format {
        CheckFormat::Text => {
            write_text(&mut out, &abilities, everything.as_deref(), context.style())?;
        }
        CheckFormat::Json => write_json(&mut out, &abilities, everything.as_deref())?,
    }
    out.flush()?;
    let is_missing = |ability: &Ability| matches!(ability.works, Works::Partly | Works::No);
    Ok(if abilities.iter().any(is_missing) {
        Ending::Negative
    } else {
        Ending::Well
    })
}

/// Tries everything; `configuration` is what came of reading that.
fn examine(context: &Context, configuration: Ability) -> Vec<Ability> {
    let mut abilities = collect::abilities(&context.source);
    abilities.extend([
        terminal(context),
        colours(context),
        clipboard(&context.environment),
        registry(&context.environment),
        configuration,
        policy(context),
        history_file(context),
    ]);
    abilities
}

/// The same while the dashboard runs, which has read its configuration.
pub(super) fn abilities(context: &Context) -> Vec<Ability> {
    let (_, configuration) = configuration(context.config.as_deref(), &context.environment);
    examine(context, configuration)
}

fn configuration(given: Option<&Path>, environment: &Environment) -> (Layer, Ability) {
    let usual = config::usual_path(environment, collect::euid());
    let path = given.or(usual.as_deref());
    match config::load(given, environment, collect::euid()) {
        Ok(layer) => {
            let words = match path {
                Some(path) if path.exists() => format!("{} is in use", path.display()),
                Some(path) => format!("defaults: there is no {}", path.display()),
                None => "defaults: there is no home directory".to_owned(),
            };
            (layer, Ability::works("config", words))
        }
        Err(error) => {
            let words = Failure::from(error).words();
            let ability = Ability::fails("config", format!("not used: {words}"));
            (Layer::default(), ability.needing("that file, put right"))
        }
    }
}

fn terminal(context: &Context) -> Ability {
    let environment = &context.environment;
    let term = environment.term.as_deref().unwrap_or("not set");
    if !environment.terminal {
        return Ability::untried("terminal", "output goes to no terminal");
    }
    if !environment.can_draw() {
        return Ability::partly(
            "terminal",
            format!("TERM is {term}: lists and pages only, no dashboard"),
        )
        .needing("a terminal that can move its cursor, and TERM to say so")
        .cured_by("export TERM=xterm-256color");
    }
    if context.settings.ascii && environment.utf8 && environment.is_console() {
        return Ability::works(
            "terminal",
            "the console of Linux: drawn in ASCII alone, its fonts have few other signs",
        );
    }
    if context.settings.ascii && environment.utf8 {
        return Ability::works(
            "terminal",
            format!("TERM is {term}; drawn in ASCII alone, as the settings have it"),
        );
    }
    let locale = environment.locale.as_deref().unwrap_or("no locale is set");
    if environment.utf8 {
        return Ability::works("terminal", format!("TERM is {term}; UTF-8, by {locale}"));
    }
    Ability::partly(
        "terminal",
        format!("TERM is {term}; drawn in ASCII alone: no UTF-8, by {locale}"),
    )
    .needing("a locale with UTF-8")
    .cured_by("export LC_ALL=C.UTF-8")
}

fn colours(context: &Context) -> Ability {
    let environment = &context.environment;
    let by = match environment.colorterm.as_deref() {
        _ if context.settings.names_depth => "as the settings have it".to_owned(),
        _ if environment.is_direct() => {
            format!(
                "TERM is {}",
                environment.term.as_deref().unwrap_or_default()
            )
        }
        Some(value) => format!("COLORTERM is {value}"),
        None => "COLORTERM is not set".to_owned(),
    };
    match context.settings.depth {
        ColorDepth::TrueColor => Ability::works("colours", format!("any: {by}")),
        ColorDepth::Indexed => Ability::works(
            "colours",
            format!(
                "256: TERM is {}",
                environment.term.as_deref().unwrap_or_default()
            ),
        ),
        ColorDepth::Ansi16 => Ability::works("colours", format!("the terminal's own 16: {by}")),
        ColorDepth::Mono if environment.no_color => {
            Ability::works("colours", "none: NO_COLOR is set")
        }
        ColorDepth::Mono if !environment.terminal => {
            Ability::untried("colours", "none: output goes to no terminal")
        }
        ColorDepth::Mono => {
            Ability::works("colours", "none: as the terminal or the settings have it")
        }
    }
}

/// No terminal says whether it obeys OSC 52, so it is never called tried.
fn clipboard(environment: &Environment) -> Ability {
    if !environment.terminal {
        return Ability::untried("clipboard", "output goes to no terminal");
    }
    if environment.is_console() {
        return Ability::untried("clipboard", "none: the console of Linux has no clipboard");
    }
    if environment.tmux {
        return Ability::untried(
            "clipboard",
            "sent to tmux (OSC 52), which passes it on only when it is told to",
        )
        .needing("tmux 3.2 or newer with `set-clipboard on`")
        .cured_by("tmux set -g set-clipboard on");
    }
    Ability::untried(
        "clipboard",
        "sent to the terminal (OSC 52), also over SSH; none tells whether it takes it",
    )
}

fn registry(environment: &Environment) -> Ability {
    let directory = environment.registry_directory();
    let (used, broken) = Registry::in_use(directory.as_deref());
    if let Some(error) = broken {
        let file = directory.as_deref().map(installed::file);
        let file = file.map_or(String::new(), |file| format!(" ({})", file.display()));
        let error = anyhow::Error::new(error);
        return Ability::partly(
            "registry",
            format!("the compiled-in one, of {SNAPSHOT}: could not {error:#}"),
        )
        .needing(format!("an update that verifies{file}"))
        .cured_by("portwise registry update");
    }
    match used.origin {
        Origin::Bundled => Ability::works("registry", format!("compiled in, IANA's of {SNAPSHOT}")),
        Origin::Updated {
            source,
            imported_at,
            ..
        } => Ability::works(
            "registry",
            format!("updated on {:.10} from {source}", imported_at.to_string()),
        ),
    }
}

fn policy(context: &Context) -> Ability {
    match context.policy() {
        Ok(policy) => Ability::works(
            "policy",
            policy.path().filter(|path| path.exists()).map_or_else(
                || "none: nothing is expected or denied beforehand".to_owned(),
                |path| format!("{} is in use", path.display()),
            ),
        ),
        Err(failure) => Ability::fails("policy", format!("not used: {}", failure.words()))
            .needing("that file, put right: nothing is judged without it"),
    }
}

fn history_file(context: &Context) -> Ability {
    let path = match history::path(context, None) {
        Ok(path) => path,
        Err(failure) => return Ability::fails("history", failure.words()),
    };
    if matches!(path.try_exists(), Ok(false)) {
        return Ability::works(
            "history",
            format!("none yet; `portwise record` begins {}", path.display()),
        );
    }
    match Store::open(&path) {
        Ok(_) => Ability::works("history", format!("{} can be used", path.display())),
        Err(error) => Ability::fails(
            "history",
            format!("could not {:#}", anyhow::Error::new(error)),
        )
        .needing("that file, readable and whole, or another with --history FILE"),
    }
}
