//! What happened, and what was open at a time: as a table, as sentences, as CSV and as JSON.

pub mod stream;

use super::{
    Style,
    list::{cut, put},
    socket::SCHEMA_VERSION,
};
use crate::model::{Direction, Endpoint, Event, EventKind, Exposure, State, Verdict};
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use std::{io, net::IpAddr};
use unicode_width::UnicodeWidthStr as _;

/// How times are to be written, and of which time the list is.
#[derive(Debug, Clone)]
pub struct Times {
    /// The zone of tables and sentences; everything else is in UTC.
    pub zone: TimeZone,
    /// The events are the sockets that were open then.
    pub at: Option<Timestamp>,
}

impl Times {
    fn local(&self, at: Timestamp) -> String {
        let at = at.to_zoned(self.zone.clone());
        at.strftime("%Y-%m-%d %H:%M:%S").to_string()
    }
}

const COLUMNS: [&str; 13] = [
    "at", "event", "proto", "state", "local", "remote", "service", "process", "pid", "user", "exe",
    "verdict", "detail",
];

/// The columns of a table: a path is seldom worth the room.
const TABLE: [usize; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12];

/// The text of every column, with `at` as it is to be written; nothing where nothing is known.
fn cells(event: &Event, at: String) -> [String; 13] {
    let about = event.is_about_socket();
    let end = |end: Option<Endpoint>| end.map_or(String::new(), |end| end.to_string());
    let text = |text: &Option<crate::model::Text>| text.as_deref().unwrap_or("").to_owned();
    [
        at,
        event.kind.name().to_owned(),
        if about { event.protocol.name() } else { "" }.to_owned(),
        event.state.map_or("", State::name).to_owned(),
        end(about.then_some(event.local)),
        end(event.peer),
        text(&event.service),
        text(&event.program),
        event.pid.map_or(String::new(), |pid| pid.to_string()),
        text(&event.user),
        text(&event.exe),
        event.verdict.map_or("", Verdict::name).to_owned(),
        text(&event.detail),
    ]
}

/// Writes events as a table with a header, cut to `width` columns where there is one.
pub fn write_table(
    out: &mut dyn io::Write,
    events: &[Event],
    times: &Times,
    style: Style,
    width: Option<usize>,
) -> io::Result<()> {
    let row = |cells: &[String; 13]| TABLE.map(|at| cells.get(at).cloned().unwrap_or_default());
    let header = row(&COLUMNS.map(str::to_uppercase));
    let mut widths = header.each_ref().map(|cell| cell.width());
    // Twice through, so that the text of a million events is not held at once.
    let rows = || {
        events
            .iter()
            .map(|event| row(&cells(event, times.local(event.at))))
    };
    for cells in rows() {
        for (width, cell) in widths.iter_mut().zip(&cells) {
            *width = (*width).max(cell.width());
        }
    }
    let line = |cells: &[String]| {
        let mut line = String::new();
        for (cell, width) in cells.iter().zip(widths) {
            put(&mut line, cell, width, false);
        }
        cut(line.trim_end(), width).into_owned()
    };
    writeln!(out, "{}", style.heading(&line(&header)))?;
    for cells in rows() {
        writeln!(out, "{}", line(&cells))?;
    }
    Ok(())
}

/// Writes events as CSV (RFC 4180), times in UTC.
pub fn write_csv(out: &mut dyn io::Write, events: &[Event]) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(COLUMNS)?;
    for event in events {
        writer.write_record(cells(event, event.at.to_string()))?;
    }
    writer.flush()
}

/// Writes events as sentences, one a line, for screen readers and pipes.
pub fn write_plain(out: &mut dyn io::Write, events: &[Event], times: &Times) -> io::Result<()> {
    for event in events {
        writeln!(out, "{} {}", times.local(event.at), sentence(event))?;
    }
    Ok(())
}

/// One event as a sentence, without its time.
fn sentence(event: &Event) -> String {
    match event.kind {
        EventKind::Began => return "the recorder began".to_owned(),
        EventKind::Ended => return "the recorder ended".to_owned(),
        EventKind::Opened
        | EventKind::Closed
        | EventKind::State
        | EventKind::Owner
        | EventKind::Finding
        | EventKind::Cleared
        | EventKind::Action
        | EventKind::Heard => {}
    }
    let state = event.state.map_or("", State::name);
    let mut words = vec![format!(
        "{}: {} {state} {} port {}",
        event.kind.name(),
        event.protocol.name(),
        event.local.address,
        event.local.port
    )];
    if let Some(peer) = event.peer {
        words.push(format!("peer {} port {}", peer.address, peer.port));
    }
    if let Some(service) = &event.service {
        words.push(format!("service {service}"));
    }
    words.push(match (&event.program, event.pid) {
        (Some(program), Some(pid)) => format!("owner {program} pid {pid}"),
        _ => "owner not visible".to_owned(),
    });
    if let Some(user) = &event.user {
        words.push(format!("user {user}"));
    }
    if let Some(verdict) = event.verdict {
        words.push(format!("verdict {}", verdict.name()));
    }
    if let Some(detail) = &event.detail {
        words.push(detail.as_str().to_owned());
    }
    words.join(", ")
}

#[derive(Serialize)]
struct HistoryJson<'a> {
    schema_version: u32,
    events: Vec<EventJson<'a>>,
}

#[derive(Serialize)]
struct OpenJson<'a> {
    schema_version: u32,
    at: Timestamp,
    sockets: Vec<SocketJson<'a>>,
}

/// One event.
#[derive(Serialize)]
pub(super) struct EventJson<'a> {
    at: Timestamp,
    kind: &'static str,
    socket: Option<SocketJson<'a>>,
    detail: Option<&'a str>,
}

/// The part of a socket's shape in `list` that the history keeps.
#[derive(Serialize)]
struct SocketJson<'a> {
    id: &'a str,
    protocol: &'static str,
    family: &'static str,
    state: Option<&'static str>,
    local: EndJson,
    peer: Option<EndJson>,
    direction: Option<&'static str>,
    exposure: Option<&'static str>,
    user: Option<&'a str>,
    first_seen: Option<Timestamp>,
    processes: Vec<ProcessJson<'a>>,
    service: Option<ServiceJson<'a>>,
    verdict: Option<&'static str>,
}

#[derive(Serialize)]
struct EndJson {
    address: IpAddr,
    port: u16,
}

#[derive(Serialize)]
struct ProcessJson<'a> {
    pid: u32,
    name: Option<&'a str>,
    exe: Option<&'a str>,
}

#[derive(Serialize)]
struct ServiceJson<'a> {
    name: &'a str,
}

impl<'a> EventJson<'a> {
    /// The shape of an event.
    pub(super) fn new(event: &'a Event) -> Self {
        Self {
            at: event.at,
            kind: event.kind.name(),
            socket: event.is_about_socket().then(|| SocketJson::new(event)),
            detail: event.detail.as_deref(),
        }
    }
}

impl<'a> SocketJson<'a> {
    fn new(event: &'a Event) -> Self {
        let end = |end: Endpoint| EndJson {
            address: end.address,
            port: end.port,
        };
        let listens = matches!(event.state, Some(State::Listen | State::Unconnected));
        Self {
            id: &event.socket,
            protocol: event.protocol.name(),
            family: match event.local.address {
                IpAddr::V4(_) => "ipv4",
                IpAddr::V6(_) => "ipv6",
            },
            state: event.state.map(State::name),
            local: end(event.local),
            peer: event.peer.map(end),
            direction: event.direction.map(Direction::name),
            exposure: listens.then(|| Exposure::name(event.local.exposure())),
            user: event.user.as_deref(),
            first_seen: (event.kind == EventKind::Opened).then_some(event.at),
            processes: event
                .pid
                .map(|pid| ProcessJson {
                    pid,
                    name: event.program.as_deref(),
                    exe: event.exe.as_deref(),
                })
                .into_iter()
                .collect(),
            service: event.service.as_deref().map(|name| ServiceJson { name }),
            verdict: event.verdict.map(Verdict::name),
        }
    }
}

/// Writes one JSON object: the events, or the sockets that were open at the time.
pub fn write_json(out: &mut dyn io::Write, events: &[Event], times: &Times) -> io::Result<()> {
    if let Some(at) = times.at {
        let open = OpenJson {
            schema_version: SCHEMA_VERSION,
            at,
            sockets: events.iter().map(SocketJson::new).collect(),
        };
        serde_json::to_writer(&mut *out, &open)?;
    } else {
        let history = HistoryJson {
            schema_version: SCHEMA_VERSION,
            events: events.iter().map(EventJson::new).collect(),
        };
        serde_json::to_writer(&mut *out, &history)?;
    }
    writeln!(out)
}

/// Writes one JSON object a line: an event, or a socket that was open at the time.
pub fn write_ndjson(out: &mut dyn io::Write, events: &[Event], times: &Times) -> io::Result<()> {
    for event in events {
        if times.at.is_some() {
            serde_json::to_writer(&mut *out, &SocketJson::new(event))?;
        } else {
            serde_json::to_writer(&mut *out, &EventJson::new(event))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Text, fixture};

    fn events() -> [Event; 2] {
        let began = Event::of_recorder(EventKind::Began, fixture::NOW);
        let opened = Event {
            kind: EventKind::Opened,
            socket: Text::from("cookie-1"),
            local: fixture::endpoint("[::1]:1587"),
            state: Some(State::Listen),
            direction: Some(Direction::Listen),
            user: Some(Text::from("root")),
            program: Some(Text::from("python3")),
            pid: Some(812),
            service: Some(Text::from("pra-elmd")),
            verdict: Some(Verdict::Notable),
            ..began.clone()
        };
        [began, opened]
    }

    fn written(
        at: Option<Timestamp>,
        write: impl Fn(&mut dyn io::Write, &[Event], &Times) -> io::Result<()>,
    ) -> String {
        let zone = TimeZone::posix("CET-1").unwrap();
        let mut out = vec![];
        write(&mut out, &events(), &Times { zone, at }).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_table_and_sentences_have_local_times() {
        let table = written(None, |out, events, times| {
            write_table(out, events, times, Style::default(), None)
        });
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[0].starts_with("AT                   EVENT   PROTO"));
        assert_eq!(lines[1], "2026-11-18 12:06:40  began");
        assert!(
            lines[2].contains("opened  tcp    listen  [::1]:1587"),
            "{table}"
        );
        assert_eq!(
            written(None, write_plain),
            "2026-11-18 12:06:40 the recorder began\n\
             2026-11-18 12:06:40 opened: tcp listen ::1 port 1587, service pra-elmd, owner python3 \
             pid 812, user root, verdict notable\n"
        );
    }

    #[test]
    fn an_event_in_json_has_its_socket_in_the_shape_of_list() {
        let json = written(None, write_json);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["events"][0]["kind"], "began");
        assert!(json["events"][0]["socket"].is_null());
        let socket = &json["events"][1]["socket"];
        assert_eq!(socket["local"]["port"], 1587);
        assert_eq!(socket["processes"][0]["pid"], 812);
        assert_eq!(socket["service"]["name"], "pra-elmd");
        assert_eq!(socket["exposure"], "loopback");
        assert!(socket["peer"].is_null());
    }

    #[test]
    fn what_was_open_is_a_list_of_sockets() {
        let json = written(Some(fixture::NOW), write_json);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["sockets"][1]["id"], "cookie-1");
        let lines = written(Some(fixture::NOW), write_ndjson);
        assert!(
            lines.lines().all(|line| line.starts_with("{\"id\":")),
            "{lines}"
        );
    }
}
