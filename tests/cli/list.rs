//! `list`: its formats, its order, its filters.

use crate::support::{
    json::sockets,
    network::alone,
    program::{PORTWISE, command, portwise},
};
use rustix::pipe::{fcntl_getpipe_size, fcntl_setpipe_size};
use serde_json::Value;
use std::{
    fs::File,
    net::{TcpListener, UdpSocket},
    process::Stdio,
};

/// Two listeners and a datagram socket, each on a port of its own.
fn some_sockets() -> (Vec<TcpListener>, UdpSocket) {
    let listeners =
        ["127.0.0.1:1587", "0.0.0.0:22"].map(|address| TcpListener::bind(address).unwrap());
    (listeners.into(), UdpSocket::bind("127.0.0.1:514").unwrap())
}

fn ports(sockets: &[Value]) -> Vec<u64> {
    sockets
        .iter()
        .map(|socket| socket["local"]["port"].as_u64().unwrap())
        .collect()
}

#[test]
fn every_format_has_every_socket() {
    alone(|| {
        let _sockets = some_sockets();
        for (format, lines) in [("table", 4), ("csv", 4), ("plain", 3), ("ndjson", 3)] {
            let stdout = portwise(["list", "--format", format]).ended_with(0).stdout;
            assert_eq!(stdout.lines().count(), lines, "{format}: {stdout}");
            for word in ["1587", "22", "514"] {
                assert!(stdout.contains(word), "{format}: {stdout}");
            }
        }
    });
}

#[test]
fn a_line_of_ndjson_is_a_socket_of_the_snapshot() {
    alone(|| {
        let _sockets = some_sockets();
        let stdout = portwise(["list", "--format", "ndjson", "--sort", "local"])
            .ended_with(0)
            .stdout;
        let lines: Vec<Value> = stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let keys = |socket: &Value| {
            socket
                .as_object()
                .unwrap()
                .keys()
                .cloned()
                .collect::<Vec<_>>()
        };
        let listed = sockets(&["--sort", "local"]);
        assert_eq!(ports(&lines), ports(&listed));
        assert_eq!(keys(&lines[0]), keys(&listed[0]));
        assert_eq!(lines[0]["id"], listed[0]["id"]);
    });
}

#[test]
fn rows_are_sorted_and_reversed_as_asked() {
    alone(|| {
        let _sockets = some_sockets();
        assert_eq!(ports(&sockets(&["--sort", "local"])), [22, 514, 1587]);
        assert_eq!(
            ports(&sockets(&["--sort", "local", "--reverse"])),
            [1587, 514, 22]
        );
    });
}

#[test]
fn only_the_columns_asked_for_are_printed() {
    alone(|| {
        let _sockets = some_sockets();
        let args = [
            "list",
            "--format",
            "csv",
            "--columns",
            "proto,local",
            "--sort",
            "local",
            "--no-header",
        ];
        let stdout = portwise(args).ended_with(0).stdout;
        let lines: Vec<&str> = stdout.lines().collect();
        assert_eq!(
            lines,
            ["tcp,0.0.0.0:22", "udp,127.0.0.1:514", "tcp,127.0.0.1:1587"]
        );
    });
}

#[test]
fn filters_stand_side_by_side_exclude_and_list() {
    alone(|| {
        let _sockets = some_sockets();
        let pid = format!("pid:{}", std::process::id());
        for (filter, expected) in [
            (&["port:1587"][..], &[1587][..]),
            (&["port:22,514"], &[22, 514]),
            (&["port:500-2000"], &[514, 1587]),
            (&["!port:22"], &[514, 1587]),
            (&["proto:tcp", "!lo"], &[22]),
            (&["proto:tcp !lo"], &[22]),
            (&["state:listen"], &[22, 1587]),
            (&["user:root", "port:22"], &[22]),
            (&["process:cli"], &[22, 514, 1587]),
            (&[&pid, "proto:udp"], &[514]),
            (&["port:22 | port:514"], &[22, 514]),
            (&["svc:pra-elmd"], &[1587]),
            (&[":22"], &[22]),
            (&["port:23"], &[]),
        ] {
            let args = [filter, &["--sort", "local"]].concat();
            assert_eq!(ports(&sockets(&args)), expected, "{filter:?}");
        }
    });
}

#[test]
fn verdicts_can_be_filtered() {
    alone(|| {
        let _sockets = some_sockets();
        for socket in sockets(&[]) {
            let verdict = format!("verdict:{}", socket["verdict"].as_str().unwrap());
            let alike = sockets(&[&verdict]);
            assert!(
                alike.iter().any(|other| other["id"] == socket["id"]),
                "{verdict}: {alike:#?}"
            );
            assert!(
                alike
                    .iter()
                    .all(|other| other["verdict"] == socket["verdict"]),
                "{verdict}: {alike:#?}"
            );
        }
    });
}

#[test]
fn without_a_terminal_no_command_means_list() {
    alone(|| {
        let _sockets = some_sockets();
        let columns = |stdout: &str| stdout.lines().next().unwrap_or_default().to_owned();
        let bare = portwise::<&str>([]).ended_with(0);
        let list = portwise(["list"]).ended_with(0);
        assert_eq!(columns(&bare.stdout), columns(&list.stdout));
        assert_eq!(
            portwise(["svc:pra-elmd"])
                .ended_with(0)
                .stdout
                .lines()
                .count(),
            2
        );
    });
}

#[test]
fn a_filter_by_host_needs_names_to_be_asked_for() {
    alone(|| {
        for words in [&["list"][..], &["check"], &["--resolve", "check"]] {
            let all = words.iter().copied().chain(["host:db1"]);
            let ended = portwise(all).ended_with(2);
            assert!(ended.stderr.contains("list --resolve"), "{}", ended.stderr);
        }
        // Of this machine's own addresses nobody is asked.
        let _sockets = some_sockets();
        let stdout = portwise(["--resolve", "list", "--no-header", "host:db1"])
            .ended_with(0)
            .stdout;
        assert_eq!(stdout, "");
        let rest = portwise(["--resolve", "list", "--no-header", "!host:db1"]);
        assert_eq!(rest.ended_with(0).stdout.lines().count(), 3);
    });
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    alone(|| {
        let _sockets = some_sockets();
        for format in ["table", "json", "ndjson", "csv", "plain"] {
            let home = tempfile::tempdir().unwrap();
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            let mut command = command(&home);
            command
                .args(["list", "--format", format])
                .stdin(Stdio::null())
                .stdout(writer)
                .stderr(Stdio::piped());
            let output = command.output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{format}: {output:?}");
            assert_eq!(output.stderr, b"", "{format}");
        }
    });
}

#[test]
fn a_pipe_to_write_to_has_room_and_keeps_what_it_had() {
    alone(|| {
        for (before, least) in [(None, 256 * 1024), (Some(512 * 1024), 512 * 1024)] {
            let home = tempfile::tempdir().unwrap();
            let (reader, writer) = std::io::pipe().unwrap();
            if let Some(before) = before {
                fcntl_setpipe_size(&writer, before).unwrap();
            }
            let mut command = command(&home);
            command.arg("list").stdin(Stdio::null()).stdout(writer);
            assert!(command.status().unwrap().success());
            assert_eq!(fcntl_getpipe_size(&reader).unwrap(), least);
        }
    });
}

#[test]
fn a_full_disk_is_an_error() {
    let home = tempfile::tempdir().unwrap();
    let mut command = command(&home);
    command
        .args(["list"])
        .stdin(Stdio::null())
        .stdout(File::options().write(true).open("/dev/full").unwrap());
    let output = command.stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(
        output.stderr.starts_with(b"error: could not write"),
        "{output:?}"
    );
}

#[test]
fn no_environment_at_all_is_enough() {
    let output = std::process::Command::new(PORTWISE)
        .arg("list")
        .env_clear()
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}
