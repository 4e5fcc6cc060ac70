//! Events one after another, each written as soon as it is known.

use super::{COLUMNS, EventJson, TABLE, Times, cells, sentence};
use crate::{
    model::{Event, Socket},
    report::{
        Style,
        list::{cut, put},
        socket::{SCHEMA_VERSION, SocketJson},
    },
};
use serde::Serialize;
use std::io;

/// How many columns each cell of a table has. No row can wait for a wider one.
const WIDTHS: [usize; 12] = [19, 7, 5, 11, 21, 21, 14, 15, 7, 8, 10, 0];

/// How events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns, cut to `width`.
    Table {
        /// Colours.
        style: Style,
        /// Columns of the terminal.
        width: Option<usize>,
    },
    /// One sentence a line.
    Plain,
    /// One object, which is whole when the stream has ended.
    Json,
    /// One object a line.
    Ndjson,
    /// RFC 4180.
    Csv,
}

/// An event, with its socket where it is known.
#[derive(Debug, Clone, Copy)]
pub struct Happening<'a> {
    /// What happened.
    pub event: &'a Event,
    /// To which socket, as it was then.
    pub socket: Option<&'a Socket>,
}

#[derive(Serialize)]
struct HappeningJson<'a> {
    at: jiff::Timestamp,
    kind: &'static str,
    socket: SocketJson<'a>,
    detail: Option<&'a str>,
}

/// A writer of events.
#[derive(Debug)]
pub struct Stream<W> {
    out: W,
    format: Format,
    times: Times,
    is_first: bool,
}

impl<W: io::Write> Stream<W> {
    /// Begins: writes what stands above the first event.
    pub fn begin(mut out: W, format: Format, times: Times) -> io::Result<Self> {
        match format {
            Format::Table { style, width } => {
                let header = line(&COLUMNS.map(str::to_uppercase), width);
                writeln!(out, "{}", style.heading(&header))?;
            }
            Format::Csv => record(&mut out, COLUMNS)?,
            Format::Json => write!(out, "{{\"schema_version\":{SCHEMA_VERSION},\"events\":[")?,
            Format::Plain | Format::Ndjson => {}
        }
        out.flush()?;
        Ok(Self {
            out,
            format,
            times,
            is_first: true,
        })
    }

    /// Writes events, and hands them on at once.
    pub fn write(&mut self, happened: &[Happening<'_>]) -> io::Result<()> {
        if happened.is_empty() {
            return Ok(());
        }
        for one in happened {
            self.write_one(*one)?;
        }
        self.out.flush()
    }

    fn write_one(&mut self, one: Happening<'_>) -> io::Result<()> {
        let event = one.event;
        let out = &mut self.out;
        match self.format {
            Format::Table { width, .. } => {
                let cells = cells(event, self.times.local(event.at));
                writeln!(out, "{}", line(&cells, width))
            }
            Format::Plain => writeln!(out, "{} {}", self.times.local(event.at), sentence(event)),
            Format::Csv => record(out, cells(event, event.at.to_string())),
            Format::Json => {
                if !std::mem::replace(&mut self.is_first, false) {
                    write!(out, ",")?;
                }
                json(out, one)
            }
            Format::Ndjson => {
                json(out, one)?;
                writeln!(out)
            }
        }
    }

    /// Ends: writes what stands below the last event.
    pub fn end(mut self) -> io::Result<()> {
        if self.format == Format::Json {
            writeln!(self.out, "]}}")?;
        }
        self.out.flush()
    }
}

fn json(out: &mut impl io::Write, one: Happening<'_>) -> io::Result<()> {
    let event = one.event;
    match one.socket {
        Some(socket) => serde_json::to_writer(
            out,
            &HappeningJson {
                at: event.at,
                kind: event.kind.name(),
                socket: SocketJson::new(socket),
                detail: event.detail.as_deref(),
            },
        ),
        None => serde_json::to_writer(out, &EventJson::new(event)),
    }
    .map_err(io::Error::from)
}

fn record(out: &mut impl io::Write, cells: [impl AsRef<[u8]>; 13]) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(cells)?;
    writer.flush()
}

fn line(cells: &[String; 13], width: Option<usize>) -> String {
    let mut line = String::new();
    for (at, column) in TABLE.iter().zip(WIDTHS) {
        put(
            &mut line,
            cells.get(*at).map_or("", String::as_str),
            column,
            false,
        );
    }
    cut(line.trim_end(), width).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EventKind, Text, fixture};
    use jiff::tz::TimeZone;

    fn written(format: Format, happened: &[Happening<'_>]) -> String {
        let mut out = vec![];
        let times = Times {
            zone: TimeZone::UTC,
            at: None,
        };
        let mut stream = Stream::begin(&mut out, format, times).unwrap();
        happened
            .chunks(1)
            .for_each(|one| stream.write(one).unwrap());
        stream.end().unwrap();
        String::from_utf8(out).unwrap()
    }

    fn event() -> Event {
        Event {
            kind: EventKind::Opened,
            socket: Text::from("cookie-1"),
            ..Event::of_recorder(EventKind::Began, fixture::NOW)
        }
    }

    #[test]
    fn json_is_one_document_with_the_sockets_of_list() {
        let (event, socket) = (event(), fixture::listener(1587).build());
        let known = Happening {
            event: &event,
            socket: Some(&socket),
        };
        let unknown = Happening {
            socket: None,
            ..known
        };
        let json = written(Format::Json, &[known, unknown]);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["events"][0]["socket"]["service"]["port"], 1587);
        assert_eq!(json["events"][1]["socket"]["id"], "cookie-1");
        let none = written(Format::Json, &[]);
        let none: serde_json::Value = serde_json::from_str(&none).unwrap();
        assert_eq!(none["events"], serde_json::json!([]));
    }

    #[test]
    fn each_event_is_a_line_below_the_header() {
        let event = event();
        let one = Happening {
            event: &event,
            socket: None,
        };
        let table = Format::Table {
            style: Style::default(),
            width: Some(60),
        };
        for (format, above) in [
            (table, 1),
            (Format::Csv, 1),
            (Format::Plain, 0),
            (Format::Ndjson, 0),
        ] {
            let text = written(format, &[one, one]);
            assert_eq!(text.lines().count(), above + 2, "{text}");
            assert!(text.lines().last().unwrap().contains("opened"), "{text}");
        }
    }
}
