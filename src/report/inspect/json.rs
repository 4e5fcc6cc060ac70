//! The JSON shape of what was inspected (`CONTRACT`: it may only grow).

use super::{
    Inspected,
    deep::{DeepJson, deep},
};
use crate::{
    model::{Fact, Integrity, Process, Started, Stream, Text, Why, capability},
    report::{
        event::EventJson,
        socket::{FindingJson, SocketJson},
    },
};
use serde::Serialize;
use std::io;

#[derive(Serialize)]
struct InspectedJson<'a> {
    process: Option<InspectedProcess<'a>>,
    sockets: Vec<SocketJson<'a>>,
    findings: Vec<FindingJson<'a>>,
    /// `null` where nobody recorded.
    events: Option<Vec<EventJson<'a>>>,
}

#[derive(Serialize)]
struct InspectedProcess<'a> {
    pid: u32,
    start_time: Option<jiff::Timestamp>,
    start_ticks: Option<u64>,
    name: &'a str,
    comm: &'a str,
    exe: Option<&'a str>,
    exe_deleted: Option<bool>,
    exe_memfd: Option<bool>,
    exe_in_shared_directory: Option<&'a str>,
    cmdline: Option<&'a [Text]>,
    cwd: Option<&'a str>,
    uid: Option<u32>,
    user: Option<&'a str>,
    ppid: Option<u32>,
    ancestors: Vec<AncestorJson<'a>>,
    terminal: Option<&'a str>,
    streams: Option<Vec<String>>,
    unit: Option<&'a str>,
    slice: Option<&'a str>,
    user_service: bool,
    session: Option<&'a str>,
    container: Option<&'a str>,
    container_name: Option<&'a str>,
    package: Option<PackageJson<'a>>,
    script: Option<ScriptJson<'a>>,
    capabilities: Option<Vec<String>>,
    loader: Vec<SettingJson<'a>>,
    preloaded: Vec<&'a str>,
    shells: Vec<AncestorJson<'a>>,
    why: Vec<String>,
    #[serde(flatten)]
    deep: Option<DeepJson<'a>>,
}

#[derive(Serialize)]
struct AncestorJson<'a> {
    pid: u32,
    name: &'a str,
}

#[derive(Serialize)]
struct PackageJson<'a> {
    name: &'a str,
    /// Unknown while nobody compared, and where the package has no checksum.
    intact: Option<bool>,
}

#[derive(Serialize)]
struct ScriptJson<'a> {
    path: &'a str,
    package: Option<&'a str>,
}

#[derive(Serialize)]
struct SettingJson<'a> {
    name: &'a str,
    value: &'a str,
}

/// Writes what is known as one JSON array.
pub fn write_json(out: &mut dyn io::Write, all: &[Inspected<'_>]) -> io::Result<()> {
    let json: Vec<InspectedJson<'_>> = all
        .iter()
        .map(|one| InspectedJson {
            process: one.process.map(|it| process(it, one)),
            sockets: one
                .sockets
                .iter()
                .map(|socket| SocketJson::new(socket))
                .collect(),
            findings: one
                .findings
                .iter()
                .map(|finding| FindingJson::new(finding))
                .collect(),
            events: one
                .events
                .as_ref()
                .map(|events| events.iter().map(EventJson::new).collect()),
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &json)?;
    writeln!(out)
}

fn process<'a>(process: &'a Process, one: &'a Inspected<'_>) -> InspectedProcess<'a> {
    let executable = process.executable.known();
    let background = &process.background;
    let settings = background.loader.known().into_iter().flatten();
    InspectedProcess {
        pid: process.key.pid,
        start_time: process.started_at,
        start_ticks: match process.key.started {
            Started::Ticks(ticks) => Some(ticks),
            Started::Epoch(_) => None,
        },
        name: &process.name,
        comm: &process.comm,
        exe: executable.map(|executable| &*executable.path),
        exe_deleted: executable.map(|executable| executable.deleted),
        exe_memfd: executable.map(|executable| executable.memfd),
        exe_in_shared_directory: executable
            .and_then(|executable| executable.shared_directory.as_deref()),
        cmdline: process.cmdline.known().map(|arguments| &arguments[..]),
        cwd: process.cwd.known().map(|path| &**path),
        uid: process.uid,
        user: process.user.as_deref(),
        ppid: process.ppid,
        ancestors: process
            .ancestors
            .iter()
            .map(|ancestor| AncestorJson {
                pid: ancestor.key.pid,
                name: &ancestor.name,
            })
            .collect(),
        terminal: process
            .terminal
            .known()
            .and_then(|terminal| terminal.as_deref()),
        streams: process
            .streams
            .known()
            .map(|streams| streams.iter().map(stream).collect()),
        unit: process.unit.as_deref(),
        slice: background.slice.as_deref(),
        user_service: background.user_service,
        session: background.session.as_deref(),
        container: process.container.as_deref(),
        container_name: background.container_name.as_deref(),
        package: package(process),
        script: background
            .script
            .known()
            .and_then(Option::as_ref)
            .map(|script| ScriptJson {
                path: &script.path,
                package: script
                    .package
                    .known()
                    .and_then(|package| package.as_deref()),
            }),
        capabilities: background
            .capabilities
            .known()
            .map(|bits| capability::names(*bits)),
        loader: settings
            .map(|setting| SettingJson {
                name: &setting.name,
                value: &setting.value,
            })
            .collect(),
        preloaded: background
            .preloaded
            .known()
            .into_iter()
            .flatten()
            .map(|path| &**path)
            .collect(),
        shells: process
            .shells
            .iter()
            .map(|shell| AncestorJson {
                pid: shell.shell.pid,
                name: &shell.name,
            })
            .collect(),
        why: process.why().iter().map(Why::words).collect(),
        deep: one
            .inspection
            .as_ref()
            .map(|inspection| deep(inspection, one.reveal)),
    }
}

fn package(process: &Process) -> Option<PackageJson<'_>> {
    let Fact::Known(Some(name)) = &process.package else {
        return None;
    };
    Some(PackageJson {
        name,
        intact: match process.background.integrity {
            Fact::Known(Integrity::Intact) => Some(true),
            Fact::Known(Integrity::Modified) => Some(false),
            Fact::Known(Integrity::NotRecorded) | Fact::Unknown(_) => None,
        },
    })
}

fn stream(stream: &Stream) -> String {
    match stream {
        Stream::Socket(inode) => format!("socket:{inode}"),
        Stream::Pipe(inode) => format!("pipe:{inode}"),
        Stream::Terminal(path) => format!("terminal:{path}"),
        Stream::Other => "other".to_owned(),
        Stream::Closed => "closed".to_owned(),
    }
}
