//! What `list` and `check` write, byte for byte.

use super::{
    Column, Style, acted,
    check::{self, Check},
    list::{self, Table},
    socket,
};
use crate::model::{
    Acted, Deed, Exposure, Fact, Limit, LimitKind, Names, Outcome, OwnersSeen, Process, Severity,
    Signal, Snapshot, Text, Verdict, fixture,
};
use std::{
    io,
    sync::{Arc, LazyLock},
};

/// Nobody was asked.
static UNNAMED: LazyLock<Names> = LazyLock::new(Names::default);

fn machine() -> Snapshot {
    let hidden = fixture::listener(22).service(None).build();
    let script = fixture::listener(1587)
        .service(None)
        .owned_by("python3", 30119)
        .user("deploy")
        .finding("obscure-port", Severity::Medium)
        .build();
    let client = fixture::connection("10.0.0.5:43210", "203.0.113.9:443")
        .service(None)
        .owned_by("日本", 7)
        .verdict(Verdict::Expected)
        .rtt_us(23_400)
        .build();
    fixture::snapshot(vec![hidden, script, client])
}

fn written(write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> String {
    let mut bytes = vec![];
    write(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn table(width: Option<usize>) -> Table<'static> {
    Table {
        columns: &Column::USUAL,
        header: true,
        style: Style::default(),
        width,
        may_leave_out: false,
        names: &UNNAMED,
    }
}

#[test]
fn what_is_written_once_for_many_sockets_is_as_if_each_were_alone() {
    let quoting = |process: &mut Process| {
        let arguments = ["say", r#""fds":[]"#, "tab\t"].map(Text::from);
        process.cmdline = Fact::Known(arguments.to_vec());
    };
    let shared = |port, fds: &[u32]| {
        let mut socket = fixture::listener(port)
            .owned_by("nginx", 900)
            .owned_by("say", 901)
            .with(quoting)
            .build();
        let mut raw = (*socket.raw).clone();
        let mut owners: Vec<_> = raw.owners().into_iter().collect();
        for owner in &mut owners {
            owner.fds = fds.iter().copied().collect();
        }
        raw.set_owners(owners.into());
        socket.raw = raw.into();
        socket
    };
    let mut sockets = vec![
        shared(443, &[]),
        shared(443, &[7]),
        shared(53, &[4_294_967_295, 0]),
        fixture::udp(53).rates(0.5, 1e9).age(9).build(),
    ];
    sockets.extend(machine().sockets.into_iter().map(Arc::unwrap_or_clone));
    let snapshot = fixture::snapshot(sockets);
    let rows: Vec<usize> = (0..snapshot.sockets.len()).collect();
    let alone: Vec<String> = snapshot
        .open()
        .map(|socket| serde_json::to_string(&socket::SocketJson::new(socket)).unwrap())
        .collect();
    let lines = written(|out| socket::write_ndjson(out, &snapshot, &rows, &UNNAMED));
    assert_eq!(lines, alone.join("\n") + "\n");
    let whole = written(|out| socket::write_json(out, &snapshot, &rows, &UNNAMED));
    assert!(
        whole.ends_with(&format!("\"sockets\":[{}]}}\n", alone.join(","))),
        "{whole}"
    );
    let none = written(|out| socket::write_json(out, &snapshot, &[], &UNNAMED));
    assert!(none.ends_with("\"sockets\":[]}\n"), "{none}");
}

#[test]
fn a_table_lines_up_wide_characters_too() {
    let snapshot = machine();
    insta::assert_snapshot!(written(|out| list::write_table(out, &snapshot, &[0, 1, 2], &table(None)).map(drop)), @r"
    VERDICT   PROTO  STATE        LOCAL           REMOTE           SERVICE  PROCESS    PID  USER    WHY
    unknown   tcp    listen       0.0.0.0:22                                                deploy
    unusual   tcp    listen       0.0.0.0:1587                              python3  30119  deploy  obscure port
    expected  tcp    established  10.0.0.5:43210  203.0.113.9:443           日本         7  deploy
    ");
}

#[test]
fn a_table_is_cut_at_the_edge_of_the_terminal() {
    let snapshot = machine();
    let text = written(|out| list::write_table(out, &snapshot, &[1], &table(Some(30))).map(drop));
    insta::assert_snapshot!(text, @r"
    VERDICT  PROTO  STATE   LOCAL…
    unusual  tcp    listen  0.0.0…
    ");
}

#[test]
fn an_empty_table_is_its_header_or_nothing() {
    let snapshot = fixture::snapshot(vec![]);
    let text = written(|out| list::write_table(out, &snapshot, &[], &table(None)).map(drop));
    assert_eq!(
        text,
        "VERDICT  PROTO  STATE  LOCAL  REMOTE  SERVICE  PROCESS  PID  USER  WHY\n"
    );
    let bare = Table {
        header: false,
        ..table(None)
    };
    assert_eq!(
        written(|out| list::write_table(out, &snapshot, &[], &bare).map(drop)),
        ""
    );
}

#[test]
fn csv_quotes_what_would_break_a_line() {
    let named = fixture::listener(80).owned_by("a,\"b\nc", 5).build();
    let snapshot = fixture::snapshot(vec![named]);
    let columns = [Column::Local, Column::Process];
    let table = Table {
        columns: &columns,
        ..table(None)
    };
    let text = written(|out| list::write_csv(out, &snapshot, &[0], &table));
    assert_eq!(text, "local,process\n0.0.0.0:80,\"a,\"\"b\\x0ac\"\n");
}

#[test]
fn a_sentence_says_it_all_in_words() {
    let snapshot = machine();
    insta::assert_snapshot!(written(|out| list::write_plain(out, &snapshot, &[0, 1, 2], &Names::default())), @r"
    UNKNOWN tcp listen 0.0.0.0 port 22, owner not visible
    ODD tcp listen 0.0.0.0 port 1587, owner python3 pid 30119 user deploy, because: obscure port
    ok tcp established 10.0.0.5 port 43210, peer 203.0.113.9 port 443, owner 日本 pid 7 user deploy
    ");
}

#[test]
fn what_a_peer_is_called_stands_beside_its_address() {
    let snapshot = machine();
    let mut names = Names::default();
    names.learn(
        fixture::address("203.0.113.9"),
        Some("mail.example.com".into()),
    );
    let columns = [Column::Local, Column::Remote, Column::Host, Column::Pid];
    let table = Table {
        columns: &columns,
        names: &names,
        ..table(None)
    };
    insta::assert_snapshot!(written(|out| list::write_table(out, &snapshot, &[1, 2], &table).map(drop)), @r"
    LOCAL           REMOTE           HOST                PID
    0.0.0.0:1587                                       30119
    10.0.0.5:43210  203.0.113.9:443  mail.example.com      7
    ");
    let csv = written(|out| list::write_csv(out, &snapshot, &[2], &table));
    assert!(
        csv.ends_with("\n10.0.0.5:43210,203.0.113.9:443,mail.example.com,7\n"),
        "{csv}"
    );
    let plain = written(|out| list::write_plain(out, &snapshot, &[2], &names));
    assert!(
        plain.contains(", peer 203.0.113.9 port 443, host mail.example.com, "),
        "{plain}"
    );
    let text = written(|out| socket::write_json(out, &snapshot, &[0, 2], &names));
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["sockets"][0]["peer"], serde_json::Value::Null);
    assert_eq!(json["sockets"][1]["peer"]["host"], "mail.example.com");
    assert_eq!(json["sockets"][1]["peer"]["address"], "203.0.113.9");
}

#[test]
fn json_has_null_for_what_is_not_known() {
    let snapshot = machine();
    let text = written(|out| socket::write_json(out, &snapshot, &[0, 2], &Names::default()));
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["schema_version"], 1);
    assert_eq!(json["truncated"], false);
    let [hidden, client] = [&json["sockets"][0], &json["sockets"][1]];
    assert_eq!(hidden["rates"], serde_json::Value::Null);
    assert_eq!(hidden["peer"], serde_json::Value::Null);
    assert_eq!(hidden["processes"], serde_json::json!([]));
    assert_eq!(hidden["accept_queue"], 0);
    assert_eq!(hidden["recv_queue_bytes"], serde_json::Value::Null);
    assert_eq!(hidden["exposure"], Exposure::AllInterfaces.name());
    assert_eq!(client["tcp"]["rtt_us"], 23_400);
    assert_eq!(client["peer"]["port"], 443);
    assert_eq!(client["peer"]["host"], serde_json::Value::Null);
    assert_eq!(client["processes"][0]["fds"], serde_json::json!([3]));
}

#[test]
fn ndjson_is_one_object_a_line() {
    let snapshot = machine();
    let text = written(|out| socket::write_ndjson(out, &snapshot, &[0, 1], &Names::default()));
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1]["findings"][0]["rule"], "obscure-port");
}

#[test]
fn a_check_that_did_not_see_everything_gives_no_all_clear() {
    let mut snapshot = machine();
    snapshot.coverage.owners = OwnersSeen::Own;
    snapshot.coverage.limits.push(Limit {
        kind: LimitKind::Owners,
        detail: Text::from("12 processes could not be read"),
        remedy: None,
    });
    let rows = [0, 2];
    let check = Check {
        snapshot: &snapshot,
        rows: &rows,
        stories: vec![],
        fail_on: Severity::Medium,
    };
    let text = written(|out| check::write_text(out, &check, Style::default()));
    assert!(
        text.contains("not everything was seen: 1 of 3 sockets has no visible owner"),
        "{text}"
    );
    assert!(!check.is_complete());
    assert!(!check.fails());
}

#[test]
fn an_action_says_what_came_of_each_target() {
    let acted = |signal, outcome| Acted {
        pid: Some(30119),
        start_time: None,
        name: Some(Text::from("python3")),
        socket: None,
        target: "python3 pid 30119".to_owned(),
        deed: Deed::Signal(signal, std::time::Duration::from_secs(5)),
        outcome: Some(outcome),
        aftermath: vec![],
    };
    let mut acted = [
        acted(Signal::Term, Outcome::Denied("needs root".into())),
        acted(Signal::Term, Outcome::Gone),
        acted(Signal::Term, Outcome::Signalled),
        acted(Signal::Hup, Outcome::Signalled),
        acted(Signal::Term, Outcome::Pending),
        acted(
            Signal::Term,
            Outcome::Killed(std::time::Duration::from_millis(100)),
        ),
    ];
    acted[5].aftermath.push("port 3000/tcp is free".to_owned());
    assert_eq!(
        acted.each_ref().map(Acted::is_done),
        [false, true, false, true, false, true]
    );
    let json: serde_json::Value =
        serde_json::from_str(&written(|out| acted::write_json(out, &acted))).unwrap();
    assert_eq!(json[0]["outcome"], "denied");
    assert_eq!(json[0]["detail"], "needs root");
    assert_eq!(json[2]["detail"], serde_json::Value::Null);
    assert_eq!(json[5]["outcome"], "ended");
    assert_eq!(
        json[5]["detail"],
        "SIGTERM was not enough within 5 s; ended 0.1 s after SIGKILL; port 3000/tcp is free"
    );
    assert_eq!(json[1]["outcome"], "gone");
}
