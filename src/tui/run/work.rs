//! Work for the outside that is not about the terminal: files and the policy.

use super::{
    super::effect::{Format, Subject},
    App, Asker, Decisions, Inspector,
};
use crate::{
    model::{Entry, Fact, Inspection, Names, Snapshot, SocketKey, Unseen},
    report::{
        Column, Style,
        list::{Table, write_csv},
        socket::{write_json, write_ndjson},
    },
    tui::{
        app::looked::Question,
        message::{Accepted, Message},
    },
};
use std::{
    fs::OpenOptions,
    io::{self, BufWriter, Write as _},
    sync::Arc,
};
use tokio::sync::mpsc;

/// The socket of `key` as JSON; empty when it has gone.
pub(super) fn json(app: &App, key: SocketKey) -> String {
    let Some(snapshot) = app.feed.shown.as_deref() else {
        return String::new();
    };
    let row = snapshot
        .sockets
        .iter()
        .position(|socket| socket.key() == key);
    let unnamed = Names::default();
    let names = app.host_names().unwrap_or(&unnamed);
    let rows: Vec<usize> = row.into_iter().collect();
    let mut text = vec![];
    // Writing to memory cannot fail.
    drop(write_ndjson(&mut text, snapshot, &rows, names));
    String::from_utf8_lossy(&text).trim_end().to_owned()
}

/// Writes what is shown to a new file in the working directory, and says which, or why not.
pub(super) fn export(app: &App, format: Format) -> Message {
    let Some(snapshot) = app.feed.shown.as_deref() else {
        return Message::Exported(Err("there is nothing yet".to_owned()));
    };
    let taken_at = snapshot.taken_at.to_zoned(app.setup.zone.clone());
    let ending = match format {
        Format::Json => "json",
        Format::Csv => "csv",
    };
    let name = format!("portwise-{}.{ending}", taken_at.strftime("%Y%m%d-%H%M%S"));
    let written = write(app, snapshot, format, &name);
    Message::Exported(written.map(|()| name).map_err(|error| error.to_string()))
}

fn write(app: &App, snapshot: &Snapshot, format: Format, name: &str) -> io::Result<()> {
    let unnamed = Names::default();
    let names = app.host_names().unwrap_or(&unnamed);
    let rows = app.matching();
    // A file that is there is not written over.
    let file = OpenOptions::new().write(true).create_new(true).open(name)?;
    let mut out = BufWriter::new(file);
    match format {
        Format::Json => write_json(&mut out, snapshot, &rows, names)?,
        Format::Csv => {
            let table = Table {
                columns: &Column::USUAL,
                header: true,
                style: Style::default(),
                width: None,
                may_leave_out: false,
                names,
            };
            write_csv(&mut out, snapshot, &rows, &table)?;
        }
    }
    out.flush()
}

/// Changes the policy on a thread where waiting harms nobody.
pub(super) fn decide(
    decisions: &Arc<dyn Decisions>,
    entry: Entry,
    accept: bool,
    done: mpsc::Sender<Message>,
) {
    let decisions = Arc::clone(decisions);
    tokio::spawn(async move {
        let changed = tokio::task::spawn_blocking(move || {
            if accept {
                let written = decisions.accept(&entry)?;
                Ok(if written {
                    Accepted::Written(entry, decisions.place())
                } else {
                    Accepted::Known
                })
            } else {
                decisions.take_back(&entry).map(|_| Accepted::TakenBack)
            }
        });
        let result = changed.await.unwrap_or_else(|error| Err(error.to_string()));
        // Nobody waits for it any more when the dashboard was left.
        drop(done.send(Message::Accepted(result)).await);
    });
}

/// Asks a listener on a thread where waiting harms nobody.
pub(super) fn ask(asker: &Arc<dyn Asker>, socket: Subject, done: mpsc::Sender<Message>) {
    let asker = Arc::clone(asker);
    tokio::spawn(async move {
        let raw = &socket.0.raw;
        let (protocol, port) = (raw.protocol, raw.local().port);
        let outcome = tokio::task::spawn_blocking(move || asker.ask(&socket.0)).await;
        let outcome = outcome.unwrap_or_else(|error| Err(error.to_string()));
        let result = outcome.map(|(words, heard)| (words, heard.map(Box::new)));
        // Nobody waits for it any more when the dashboard was left.
        drop(done.send(Message::Answered(protocol, port, result)).await);
    });
}

/// Reads what a page asks for on a thread where waiting harms nobody.
pub(super) fn look(
    inspector: &Arc<dyn Inspector>,
    question: Question,
    done: mpsc::Sender<Message>,
) {
    let inspector = Arc::clone(inspector);
    tokio::spawn(async move {
        let unread = unread(&question);
        let read = tokio::task::spawn_blocking(move || read(&*inspector, &question)).await;
        // Nobody waits for it any more when the dashboard was left.
        drop(done.send(read.unwrap_or(unread)).await);
    });
}

fn read(inspector: &dyn Inspector, question: &Question) -> Message {
    match question {
        Question::Process(process) => {
            let (inspection, history) = inspector.inspect(process);
            Message::Inspected(Box::new(inspection), history)
        }
        Question::Connection(socket) => {
            let told = match inspector.connection(&socket.raw) {
                Fact::Known(connection) => Fact::Known(Box::new(connection)),
                Fact::Unknown(why) => Fact::Unknown(why),
            };
            Message::Measured(socket.key(), told)
        }
        Question::Journal(process) => Message::Journal(process.key, inspector.journal(process)),
        Question::Port(port, since) => Message::Remembered(*port, inspector.past(*port, *since)),
    }
}

/// What is said when whoever reads failed.
fn unread(question: &Question) -> Message {
    let why = Unseen::NotSupported;
    match question {
        Question::Process(process) => {
            Message::Inspected(Box::new(Inspection::unseen(process.key, why)), None)
        }
        Question::Connection(socket) => Message::Measured(socket.key(), Fact::Unknown(why)),
        Question::Journal(process) => Message::Journal(process.key, Fact::Unknown(why)),
        Question::Port(port, _) => Message::Remembered(*port, None),
    }
}
