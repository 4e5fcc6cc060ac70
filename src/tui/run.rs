//! The loop: draw; wait for one message; update with everything that is waiting; draw once.

mod deeds;
mod inbox;
mod screen;
mod signals;
#[cfg(test)]
mod tests;
mod work;

use super::{
    app::{
        App, Setup,
        page::{Page, Subject},
    },
    ascii::GraphSigns,
    effect::{Effect, Job},
    input::{Heard, QUESTION, Reader, SHORTEST},
    keymap::Keymap,
    message::Message,
    remembered::Remembered,
    terminal::Session,
    theme::{ColorDepth, Theme},
    tty,
    view::Look,
};
use crate::{
    act::Actions,
    collect::{
        self, Collector, Command,
        names::{self, Resolver},
    },
    model::{
        self, Connection, Elevator, Entry, Event, Extent, Fact, Inspection, Outcome, Past, Process,
        SampledSocket, Socket, Text,
    },
    query,
    registry::Registry,
};
use deeds::Hands;
pub use deeds::Witness;
use inbox::Inbox;
use jiff::{Timestamp, tz::TimeZone};
use screen::{Real, Screen};
use signals::Signals;
use std::{io, sync::Arc, time::Duration};
use tokio::sync::{mpsc, watch};

/// How long the input thread may take to read an answer that has come; it takes that long on a busy machine only.
const ANSWERS: Duration = Duration::from_millis(200);

/// What the dashboard reads from and acts on.
pub struct Wiring {
    /// The thread that reads the machine.
    pub collector: Collector,
    /// What it says.
    pub latest: watch::Receiver<collect::Latest>,
    /// What can be done to the machine.
    pub actions: Arc<dyn Actions>,
    /// What sees the surroundings of a process, and keeps what was done.
    pub witness: Arc<dyn Witness>,
    /// Where what a person decides is kept.
    pub decisions: Arc<dyn Decisions>,
    /// What asks listeners.
    pub asker: Arc<dyn Asker>,
    /// What reads single processes.
    pub inspector: Arc<dyn Inspector>,
    /// The port registry.
    pub registry: &'static Registry,
}

/// Reads what is read only while somebody looks at it. Each of these may take a moment.
pub trait Inspector: Send + Sync {
    /// Reads a process, and what the history has of it; `None` where nobody recorded.
    fn inspect(&self, process: &Process) -> (Inspection, Option<Vec<Event>>);

    /// Asks for the last lines that the journal has of a process.
    fn journal(&self, process: &Process) -> Fact<Vec<Text>>;

    /// Asks what is told of a connection now.
    fn connection(&self, socket: &SampledSocket) -> Fact<Connection>;

    /// Reads who waited on a port since then; `None` where nobody recorded.
    fn past(&self, port: u16, since: Timestamp) -> Option<Past>;
}

/// Asks a listener what it speaks.
pub trait Asker: Send + Sync {
    /// Asks it, and keeps what it answered. Returns that in words, and what is to be judged by.
    ///
    /// # Errors
    ///
    /// Says why it did not answer.
    fn ask(&self, socket: &Socket) -> Result<(String, Option<model::Heard>), String>;
}

/// Keeps what a person accepts. An error is a fragment that says why not.
pub trait Decisions: Send + Sync {
    /// Writes `entry` down. Returns whether it is new.
    ///
    /// # Errors
    ///
    /// Says why it could not be written.
    fn accept(&self, entry: &Entry) -> Result<bool, String>;

    /// Forgets `entry` again. Returns whether it was there.
    ///
    /// # Errors
    ///
    /// Says why it could not be forgotten.
    fn take_back(&self, entry: &Entry) -> Result<bool, String>;

    /// The file that is written, escaped; `None` when there is none to write.
    fn place(&self) -> Option<String>;
}

/// How the dashboard looks and begins.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of the command line by itself"
)]
pub struct Options {
    /// Colours of the terminal.
    pub depth: ColorDepth,
    /// The theme; `None` for what fits the terminal's background.
    pub theme: Option<Theme>,
    /// The terminal may be asked for its background.
    pub ask: bool,
    /// What was remembered of the run before.
    pub remembered: Remembered,
    /// Why nothing will be remembered of this run, and where that would be, if that is so.
    pub unremembered: Option<String>,
    /// Ask from the start what other machines are called.
    pub resolve: bool,
    /// Draw nothing but ASCII.
    pub ascii: bool,
    /// What graphs are drawn with.
    pub graph: GraphSigns,
    /// Take clicks and the wheel.
    pub mouse: bool,
    /// Let nothing be done to any process.
    pub readonly: bool,
    /// How long new rows are marked; zero turns all marks off.
    pub highlight: Duration,
    /// How often the machine is read.
    pub interval: Duration,
    /// Nobody chose that: a machine where reading is dear may be read less often.
    pub paces: bool,
    /// How much of the machine is read at least.
    pub extent: Extent,
    /// Which keys mean what.
    pub keymap: Keymap,
    /// Saved filters, each with its name.
    pub filters: Vec<(String, String)>,
    /// The columns of the table of sockets, in their order.
    pub columns: Vec<query::Column>,
    /// How rows are sorted at first.
    pub order: query::Order,
    /// The filter at first.
    pub filter: String,
    /// Where to begin.
    pub start: Start,
    /// The name of the recording that is shown in place of the machine.
    pub source_words: Option<String>,
    /// For times of day.
    pub local_time: TimeZone,
    /// Panic after the first frame: how a test sees that even then the terminal is given back.
    pub panic: bool,
}

/// Where the dashboard begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At the table of sockets.
    Table,
    /// On the page of a port.
    Port(u16),
}

/// What keeps the dashboard from running.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No runtime.
    #[error("start the dashboard's runtime")]
    Runtime(#[source] io::Error),
    /// No input thread or signal handlers.
    #[error("read from the terminal")]
    Input(#[source] io::Error),
    /// The terminal could not be taken over or written to.
    #[error("draw on the terminal")]
    Draw(#[source] io::Error),
}

/// Runs the dashboard until it is left. The terminal is as before when this returns.
///
/// Returns what to remember for the next run.
pub fn run(options: Options, wiring: Wiring) -> Result<Remembered, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::Runtime)?;
    let result = runtime.block_on(run_here(options, wiring));
    // An order that still waits for its process must not keep the person waiting.
    runtime.shutdown_background();
    result
}

async fn run_here(options: Options, wiring: Wiring) -> Result<Remembered, Error> {
    let before = options.remembered.clone();
    let ask = options.ask && options.theme.is_none() && options.depth != ColorDepth::Mono;
    tty::await_foreground();
    let signals = Signals::listen().map_err(Error::Input)?;
    let mut session = Session::start(options.mouse).map_err(Error::Draw)?;
    let mut waiting = 0;
    if ask {
        session.ask(QUESTION).map_err(Error::Draw)?;
        // A terminal that said nothing the last time does not keep the first frame waiting.
        if !before.silent {
            waiting = tty::await_answer();
        }
    }
    let (reader, mut events) = Reader::start().map_err(Error::Input)?;
    let (light, early) = if waiting >= SHORTEST {
        background(&mut events).await
    } else {
        (None, vec![])
    };
    let collector = wiring.collector;
    let ports = Ports {
        commands: &|command| collector.tell(command),
        actions: wiring.actions,
        witness: wiring.witness,
        decisions: wiring.decisions,
        asker: wiring.asker,
        inspector: wiring.inspector,
        lookup: names::of_system,
    };
    let mut inbox = Inbox::new(events, wiring.latest, signals);
    inbox.early = early.into();
    let panic = options.panic;
    let (ascii, graph) = (options.ascii, options.graph);
    let mut app = app(options, wiring.registry);
    app.asked = ask;
    if let Some(light) = light {
        // The first frame has this theme; there is no other one yet to be changed.
        drop(app.update(Message::Background(light)));
    }
    let themes = app.setup.themes.clone();
    let theme = themes.get(app.theme).copied().unwrap_or_else(Theme::mono);
    let mut screen = Real {
        session,
        reader,
        look: Look {
            theme,
            ascii,
            graph,
        },
        themes,
        modes: None,
    };
    if panic {
        screen.draw(&app).map_err(Error::Draw)?;
        panic_on_demand();
    }
    match drive(&mut screen, inbox, ports, app).await {
        // With nobody left to draw for, leaving is what was asked.
        Err(_) if tty::hung_up() => Ok(before),
        result => result.map(|app| app.to_remember()).map_err(Error::Draw),
    }
}

/// Takes what was heard until the terminal's background is known, for at most [`ANSWERS`]; returns that, and what
/// else was heard.
async fn background(events: &mut mpsc::Receiver<Vec<Heard>>) -> (Option<bool>, Vec<Heard>) {
    let mut early = vec![];
    let end = tokio::time::Instant::now() + ANSWERS;
    while let Ok(Some(heard)) = tokio::time::timeout_at(end, events.recv()).await {
        let mut light = None;
        for one in heard {
            match one {
                Heard::Light(is_light) => light = Some(is_light),
                Heard::Event(_) => early.push(one),
            }
        }
        if light.is_some() {
            return (light, early);
        }
    }
    (None, early)
}

#[expect(clippy::panic, reason = "it was asked for")]
fn panic_on_demand() {
    panic!("asked to panic");
}

fn app(options: Options, registry: &'static Registry) -> App {
    let setup = Setup {
        registry,
        readonly: options.readonly,
        can_suspend: tty::stop_signal().is_some(),
        extent: options.extent,
        keymap: options.keymap,
        filters: options.filters,
        themes: themes(options.theme, options.depth),
        highlight: options.highlight,
        recording: options.source_words.map(Text::from),
        unremembered: options.unremembered.map(Text::from),
        graph: if options.ascii {
            GraphSigns::Ascii
        } else {
            options.graph
        },
        zone: options.local_time,
    };
    let mut app = App::new(setup, options.order, options.interval);
    app.said = app.setup.keymap.taken();
    app.mouse = options.mouse;
    app.pace.is_free = options.paces;
    app.columns = options.columns;
    app.theme_follows = options.theme.is_none();
    app.writing.host_names = options.resolve;
    app.remember(options.remembered);
    app.set_filter(&options.filter);
    if let Start::Port(port) = options.start {
        app.pages.push(Page::new(Subject::Port(port, None)));
    }
    app
}

/// The themes that can be had, the one to begin with first.
fn themes(chosen: Option<Theme>, depth: ColorDepth) -> Vec<Theme> {
    let mut themes = Theme::all(depth);
    if let Some(chosen) = chosen {
        themes.retain(|theme| *theme != chosen);
        themes.insert(0, chosen);
    }
    themes
}

/// What the loop acts on.
struct Ports<'a> {
    commands: &'a dyn Fn(Command),
    actions: Arc<dyn Actions>,
    witness: Arc<dyn Witness>,
    decisions: Arc<dyn Decisions>,
    asker: Arc<dyn Asker>,
    inspector: Arc<dyn Inspector>,
    lookup: names::Lookup,
}

/// Runs until the person leaves or input ends, and returns the last state.
async fn drive(
    screen: &mut impl Screen,
    mut inbox: Inbox,
    ports: Ports<'_>,
    mut app: App,
) -> io::Result<App> {
    let (done, outcomes) = mpsc::channel(8);
    inbox.outcomes = Some(outcomes);
    let hands = Hands {
        actions: ports.actions,
        witness: ports.witness,
        done: done.clone(),
    };
    let answers = done.clone();
    // Nobody wants to know any more when the dashboard was left.
    let tell = move |address, name| drop(answers.blocking_send(Message::Named(address, name)));
    let resolver = Resolver::new(ports.lookup, tell);
    inbox.expect_every(app.interval, app.setup.recording.is_some());
    let mut named = app.to_name();
    // The source was opened with it.
    let mut extent = app.extent();
    loop {
        // A change of size can be missed while the program is stopped.
        let size = screen.size()?;
        if size != app.area.as_size() {
            app.resize(size);
        }
        app.settle();
        while let Some(question) = app.next_question() {
            work::look(&ports.inspector, question, done.clone());
        }
        if app.extent() != extent {
            extent = app.extent();
            (ports.commands)(Command::Extend(extent));
        }
        screen.draw(&app)?;
        let wanted = app.to_name();
        // A filter by host wants thousands, and the same ones until the next snapshot.
        if !Arc::ptr_eq(&wanted, &named) {
            resolver.ask(&wanted);
            named = wanted;
        }
        let mut next = Some(inbox.next().await);
        while let Some(message) = next {
            let effect = app.update(message);
            match effect {
                Some(Effect::Quit) => return Ok(app),
                Some(Effect::Know(dialog, targets)) => hands.know(dialog, targets),
                Some(Effect::Act(job)) => hands.act(*job),
                Some(Effect::Elevate(job, elevator)) => {
                    match away(screen, &mut inbox, &hands, (&job, elevator)).await? {
                        Some(outcomes) => hands.tell(*job, outcomes, false),
                        None => return Ok(app),
                    }
                    break;
                }
                Some(Effect::ReadLog) => hands.read_log(),
                Some(Effect::Examine) => hands.examine(),
                Some(Effect::Ask(socket)) => work::ask(&ports.asker, socket, done.clone()),
                Some(Effect::Heard(protocol, port, heard)) => {
                    (ports.commands)(Command::Heard(protocol, port, heard));
                }
                Some(Effect::Accept(entry)) => {
                    work::decide(&ports.decisions, entry, true, done.clone());
                }
                Some(Effect::TakeBack(entry)) => {
                    work::decide(&ports.decisions, entry, false, done.clone());
                }
                Some(Effect::CopyJson(key)) => {
                    let text = work::json(&app, key);
                    screen.perform(&Effect::Copy(text))?;
                }
                Some(Effect::Export(format)) => {
                    let told = work::export(&app, format);
                    // What was said asks for nothing more.
                    drop(app.update(told));
                }
                Some(Effect::Suspend) => {
                    screen.stop();
                    if inbox.is_told_to_leave().await {
                        return Ok(app);
                    }
                    screen.go_on()?;
                    break;
                }
                Some(Effect::Refresh) => (ports.commands)(Command::Refresh),
                Some(Effect::Interval(span)) => {
                    (ports.commands)(Command::Every(span));
                    inbox.expect_every(span, false);
                }
                Some(effect) => {
                    screen.perform(&effect)?;
                    // The screen may be another one now; look at it before anything else.
                    break;
                }
                None => {}
            }
            next = inbox.next_waiting().await;
        }
    }
}

/// Carries a job out with more privilege while another program has the terminal. `None` when we are to leave.
async fn away(
    screen: &mut impl Screen,
    inbox: &mut Inbox,
    hands: &Hands,
    (job, elevator): (&Job, Elevator),
) -> io::Result<Option<Vec<Outcome>>> {
    let words = hands.actions.elevated(&job.request, elevator);
    screen.give_back(&words.unwrap_or_default().join(" "))?;
    let (actions, request) = (Arc::clone(&hands.actions), job.request.clone());
    let elevated = move || actions.elevate(&request, elevator, &mut io::stderr());
    let outcomes = inbox.while_away(elevated).await;
    screen.take_again()?;
    Ok(outcomes)
}
