//! The dialog, in each of its stages.

use super::*;
use crate::{
    model::{Elevator, Outcome, Restarts, Surroundings},
    tui::{
        app::tests::acting::{
            ask, ask_and_know, choose, come_of, know, know_that, relative, run_by,
        },
        message::Report,
    },
};
use std::{collections::HashMap, time::Duration};

/// Everything there can be to say of what goes with a process.
fn plenty() -> Surroundings {
    Surroundings {
        descendants: vec![
            relative("worker", 30223),
            relative("worker", 30224),
            relative("helper", 30225),
            relative("helper", 30226),
        ],
        group: vec![relative("logger", 30221)],
        supervisor: Some(run_by("web.service", Restarts::Yes(Text::from("always")))),
        is_deaf_to_term: true,
        ..Surroundings::default()
    }
}

#[test]
fn still_reading_and_nothing_can_be_sent() {
    let mut app = busy(80, 24);
    press(&mut app, KeyCode::Home);
    ask(&mut app);
    press(&mut app, KeyCode::Enter);
    insta::assert_snapshot!(text(&app), @r"
     portwise [1 Sock] 2 Proc  3 Ports  4 Find 2   5 Time         web-01  ● LIVE 1s
     listen 5  estab 2  udp 1  tw 0  other 0  ◆ 1 ALERT   ▲ 1 ODD   ● 1 NOTE   ? 1
     ↓   2.4 MB/s ██   ↑   1.3 MB/s ██
     ! 1 of 8 sockets has no visible owner.  sudo portwise shows it.  ! tells more.
      VERDICT▾ ST LOCAL                 SERVICE       PROCESS         ↓ B/s   ↑ B/s
    + ◆ ALERT  L  0.0.0.0:31390         -             kworke… 30222       -       -
      ▲ ODD    L  0.0.0.0:1587          pra-elmd      python3 30119       -       -
      ● NOTE   L  [2001:db8:…6666]:9100 pdl-datastre… node_exp… 700       -       -
      ? ?      L  127.0.0.1:631         ipp +1        ? hidden            -       -
      ╭ Send a signal ───────────────────────────────────────────────────────────╮-
      │ To         kworkerd  pid 30222  user deploy  started 11:03:40 (3 m ago)  │-
    ~ │ Listens on 0.0.0.0:31390/tcp                                             │M
    ✕ │ Nothing was sent: still reading what goes with it…                       │-
      │                                                                          │0
      │ Esc cancel                                                               │
      ╰──────────────────────────────────────────────────────────────────────────╯
    ── 31390/tcp  unassigned   ◆ ALERT  ────────────────────────────────────────────
     Why        kworkerd runs a file that was deleted
     Exe        /tmp/.x (deleted)
     Process    kworkerd 30222  user deploy (1000)  started 3 m ago
    ");
}

#[test]
fn consequences_come_first_at_80x24() {
    let mut app = busy(80, 24);
    press(&mut app, KeyCode::Home);
    ask_and_know(&mut app);
    insta::assert_snapshot!(text(&app), @r"
     portwise [1 Sock] 2 Proc  3 Ports  4 Find 2   5 Time         web-01  ● LIVE 1s
     listen 5  estab 2  udp 1  tw 0  other 0  ◆ 1 ALERT   ▲ 1 ODD   ● 1 NOTE   ? 1
     ↓   2.4 MB/s ██   ↑   1.3 MB/s ██
     ! 1 of 8 sockets has no visible owner.  sudo portwise shows it.  ! tells more.
      ╭ Send a signal ───────────────────────────────────────────────────────────╮s
    + │ To         kworkerd  pid 30222  user deploy  started 11:03:40 (3 m ago)  │-
      │ Listens on 0.0.0.0:31390/tcp                                             │-
      │                                                                          │-
      │ (•) TERM  ask it to stop                                                 │-
      │ ( ) TERM, then KILL when it is still there after 5 s                     │-
      │ ( ) KILL  stop it now; it cannot clean up                                │-
    ~ │ ( ) INT   interrupt it, as Ctrl-C does                                   │M
    ✕ │ ( ) HUP   hang up; many daemons read their configuration again           │-
      │ ( ) QUIT  stop it with a core dump                                       │0
      │ ( ) STOP  freeze it; memory and sockets stay as evidence                 │
      │ ( ) CONT  let a frozen one go on                                         │
    ──│ ( ) USR1  whatever the program defines                                   │──
     W│ ( ) USR2  whatever the program defines                                   │
     E│                                                                          │
     P│ Enter y send TERM   j k choose   Esc cancel                              │
      ╰──────────────────────────────────────────────────────────────────────────╯
    ");
}

#[test]
fn everything_that_goes_with_it_at_100x36() {
    let mut app = busy(100, 36);
    press(&mut app, KeyCode::Home);
    ask(&mut app);
    know(&mut app, &[plenty()]);
    choose(&mut app, "TERM, then KILL");
    press(&mut app, KeyCode::Char('t'));
    insta::assert_snapshot!(text(&app), @r"
     portwise [1 Sock] 2 Proc  3 Ports  4 Find 2   5 Time                             web-01  ● LIVE 1s
     listen 5  estab 2  udp 1  tw 0  other 0                      ◆ 1 ALERT   ▲ 1 ODD   ● 1 NOTE   ? 1
     ↓   2.4 MB/s ██   ↑   1.3 MB/s ██
     ! 1 of 8 sockets has no visible owner.  sudo portwise shows it.  ! tells more.
      VERDICT▾ PROTO ST LOCAL                 SERVICE       PROCESS                       ↓ B/s   ↑ B/s
    + ◆ ALERT  tcp   L  0.0.0.0:31390         -             kworkerd 30222                    -       -
      ▲ ODD    t╭ Send a signal ───────────────────────────────────────────────────────────╮  -       -
      ● NOTE   t│ To         kworkerd  pid 30222  user deploy  started 11:03:40 (3 m ago)  │  -       -
      ? ?      t│ Listens on 0.0.0.0:31390/tcp                                             │  -       -
      · ok     t│ Run by     web.service starts it again (restart policy always)           │  -       -
      · ok     u│ Children   worker 30223, worker 30224, helper 30225 and 1 more: get no   │  -       -
    ~ · ok     t│            signal                                                        │0 k   1.3 M
    ✕ · ok     t│ Group      logger 30221: get the signal, too                             │  -       -
      · ok     t│ Goes to    2 processes: the whole process group                          │4 M       0
                │ kworkerd pid 30222 ignores TERM                                          │
                │                                                                          │
                │ ( ) TERM  ask it to stop                                                 │
                │ (•) TERM, then KILL when it is still there after 5 s                     │
                │ ( ) KILL  stop it now; it cannot clean up                                │
                │ ( ) stop the unit systemctl stop -- web.service                          │
                │ ( ) INT   interrupt it, as Ctrl-C does                                   │
                │ ( ) HUP   hang up; many daemons read their configuration again           │
                │ ( ) QUIT  stop it with a core dump                                       │
                │ ( ) STOP  freeze it; memory and sockets stay as evidence                 │
                │ ( ) CONT  let a frozen one go on                                         │
                │ ( ) USR1  whatever the program defines                                   │
                │ ( ) USR2  whatever the program defines                                   │
                │                                                                          │
    ── 31390/tcp│ Enter y send TERM, then KILL   j k choose   t whole tree   Esc cancel    │────────────
     Why        ╰──────────────────────────────────────────────────────────────────────────╯
     Exe        /tmp/.x (deleted)
     Process    kworkerd 30222  user deploy (1000)  started 3 m ago
    ");
}

#[test]
fn what_has_no_room_is_counted_and_can_be_scrolled_to_at_60x15() {
    let mut app = busy(60, 15);
    press(&mut app, KeyCode::Home);
    ask(&mut app);
    know(&mut app, &[plenty()]);
    insta::assert_snapshot!(text(&app), @r"
     ╭ Send a signal ─────────────────────────────────────────╮
     │ To         kworkerd  pid 30222  user deploy  started   │
     │            11:03:40 (3 m ago)                          │
     │ Listens on 0.0.0.0:31390/tcp                           │
    +│ Run by     web.service starts it again (restart policy │
     │            always)                                     │
     │ Children   worker 30223, worker 30224, helper 30225    │
     │ PgDn: 3 lines more                                     │
     │                                                        │
     │ ( ) KILL  stop it now; it cannot clean up              │
    ~│ (•) stop the unit systemctl stop -- web.service        │
    ✕│ ( ) INT   interrupt it, as Ctrl-C does                 │
     │                                                        │
     │ Enter y stop it   j k choose   Esc cancel              │
     ╰────────────────────────────────────────────────────────╯
    ");
    press(&mut app, KeyCode::PageDown);
    press(&mut app, KeyCode::PageDown);
    insta::assert_snapshot!(text(&app), @r"
     ╭ Send a signal ─────────────────────────────────────────╮
     │ Run by     web.service starts it again (restart policy │
     │            always)                                     │
     │ Children   worker 30223, worker 30224, helper 30225    │
    +│            and 1 more                                  │
     │ Group      logger 30221                                │
     │ kworkerd pid 30222 ignores TERM                        │
     │ PgUp: what stands above                                │
     │                                                        │
     │ ( ) KILL  stop it now; it cannot clean up              │
    ~│ (•) stop the unit systemctl stop -- web.service        │
    ✕│ ( ) INT   interrupt it, as Ctrl-C does                 │
     │                                                        │
     │ Enter y stop it   j k choose   Esc cancel              │
     ╰────────────────────────────────────────────────────────╯
    ");
}

#[test]
fn the_smallest_screen_shows_whom_and_what() {
    let mut app = busy(40, 8);
    press(&mut app, KeyCode::Home);
    ask(&mut app);
    know(&mut app, &[plenty()]);
    choose(&mut app, "KILL");
    insta::assert_snapshot!(text(&app), @r"
     ╭ Send a signal ─────────────────────╮
     │ To         kworkerd  pid 30222     │
     │                                    │
    +│ (•) KILL  stop it now; it cannot   │┃
     │                                    ││
     │ Enter y send KILL   j k choose     ││
     │ t whole group   Esc cancel         ││
     ╰────────────────────────────────────╯
    ");
}

#[test]
fn the_countdown_is_shown() {
    let mut app = busy(80, 24);
    press(&mut app, KeyCode::Home);
    ask_and_know(&mut app);
    choose(&mut app, "TERM, then KILL");
    let Some(Effect::Act(job)) = press(&mut app, KeyCode::Enter) else {
        panic!("nothing was sent");
    };
    let _effect = app.update(Message::Waited(job.dialog, Duration::from_millis(1100)));
    let all = text(&app);
    assert!(all.contains("KILL follows in 4 s"), "{all}");
    assert!(all.contains("Esc no KILL"), "{all}");
}

#[test]
fn the_outcome_and_the_aftermath_are_told() {
    let mut app = busy(80, 24);
    press(&mut app, KeyCode::Home);
    ask_and_know(&mut app);
    let Some(Effect::Act(job)) = press(&mut app, KeyCode::Enter) else {
        panic!("nothing was sent");
    };
    let all = text(&app);
    assert!(all.contains("TERM is sent to kworkerd pid 30222"), "{all}");
    let mut about = job.about.clone();
    about[0].acted.outcome = Some(Outcome::Ended(Duration::from_millis(140)));
    about[0].acted.aftermath =
        vec!["port 31390/tcp was taken again by run.sh pid 30300, 0.4 s later".to_owned()];
    let report = Report {
        dialog: job.dialog,
        job: job.number,
        at: fixture::NOW,
        about,
        settled: true,
        remedies: vec![],
        note: Some("written down in /home/ana/history.db".to_owned()),
    };
    let _effect = app.update(Message::Acted(Box::new(report)));
    insta::assert_snapshot!(text(&app), @r"
     portwise [1 Sock] 2 Proc  3 Ports  4 Find 2   5 Time         web-01  ● LIVE 1s
     listen 5  estab 2  udp 1  tw 0  other 0  ◆ 1 ALERT   ▲ 1 ODD   ● 1 NOTE   ? 1
     ↓   2.4 MB/s ██   ↑   1.3 MB/s ██
     ! 1 of 8 sockets has no visible owner.  sudo portwise shows it.  ! tells more.
      VERDICT▾ ST LOCAL                 SERVICE       PROCESS         ↓ B/s   ↑ B/s
    + ◆ ALERT  L  0.0.0.0:31390         -             kworke… 30222       -       -
      ▲ ODD    L  0.0.0.0:1587          pra-elmd      python3 30119       -       -
      ● NOTE   L  [2001:db8:…6666]:9100 pdl-datastre… node_exp… 700       -       -
      ? ?      L  127.0.0.1:631         ipp +1        ? hidden            -       -
      ╭ Send a signal ───────────────────────────────────────────────────────────╮-
      │ kworkerd pid 30222: ended 0.1 s after SIGTERM                            │-
    ~ │   Port 31390/tcp was taken again by run.sh pid 30300, 0.4 s later        │M
    ✕ │ Written down in /home/ana/history.db                                     │-
      │                                                                          │0
      │ Enter close                                                              │
      ╰──────────────────────────────────────────────────────────────────────────╯
    ── 31390/tcp  unassigned   ◆ ALERT  ────────────────────────────────────────────
     Why        kworkerd runs a file that was deleted
     Exe        /tmp/.x (deleted)
     Process    kworkerd 30222  user deploy (1000)  started 3 m ago
    ");
}

#[test]
fn the_privilege_that_is_missing_is_named_with_the_command_that_has_it() {
    let mut app = busy(80, 24);
    press(&mut app, KeyCode::Home);
    ask_and_know(&mut app);
    let Some(Effect::Act(job)) = press(&mut app, KeyCode::Enter) else {
        panic!("nothing was sent");
    };
    let mut about = job.about.clone();
    let why = "needs root or CAP_KILL: the process belongs to another user";
    about[0].acted.outcome = Some(Outcome::Denied(why.to_owned()));
    let command = "/usr/bin/sudo -k -- /usr/bin/portwise act signal TERM --timeout=3000ms -- 30222@8.9:/tmp/.x";
    let report = Report {
        dialog: job.dialog,
        job: job.number,
        at: fixture::NOW,
        about,
        settled: true,
        remedies: vec![
            (Elevator::Sudo, command.to_owned()),
            (Elevator::Pkexec, command.replace("sudo -k --", "pkexec")),
        ],
        note: None,
    };
    let _effect = app.update(Message::Acted(Box::new(report)));
    insta::assert_snapshot!(text(&app), @r"
     portwise [1 Sock] 2 Proc  3 Ports  4 Find 2   5 Time         web-01  ● LIVE 1s
     listen 5  estab 2  udp 1  tw 0  other 0  ◆ 1 ALERT   ▲ 1 ODD   ● 1 NOTE   ? 1
     ↓   2.4 MB/s ██   ↑   1.3 MB/s ██
     ! 1 of 8 sockets has no visible owner.  sudo portwise shows it.  ! tells more.
      VERDICT▾ ST LOCAL                 SERVICE       PROCESS         ↓ B/s   ↑ B/s
    + ◆ ALERT  L  0.0.0.0:31390         -             kworke… 30222       -       -
      ▲ ODD    L  0.0.0.0:1587          pra-elmd      python3 30119       -       -
      ╭ Send a signal ───────────────────────────────────────────────────────────╮-
      │ kworkerd pid 30222: denied: needs root or CAP_KILL: the process belongs  │-
      │ to another user                                                          │-
      │                                                                          │-
    ~ │ This does it with the privilege, to this very target:                    │M
    ✕ │   /usr/bin/sudo -k -- /usr/bin/portwise act signal TERM --timeout=3000ms │-
      │   -- 30222@8.9:/tmp/.x                                                   │0
      │                                                                          │
      │ s run it with sudo   p with pkexec   y copy   b another way              │
    ──│ Enter close                                                              │──
     W╰──────────────────────────────────────────────────────────────────────────╯
     Exe        /tmp/.x (deleted)
     Process    kworkerd 30222  user deploy (1000)  started 3 m ago
    ");
}

#[test]
fn protection_is_told_before_anything_is_pressed() {
    let mut app = busy(80, 24);
    press(&mut app, KeyCode::Home);
    ask(&mut app);
    let key = app.selected().unwrap().processes[0].key;
    let why = "portwise runs under this process".to_owned();
    let each = HashMap::from([(key, (crate::model::Hold::Held(None), Some(why)))]);
    know_that(&mut app, &[Surroundings::default()], each);
    let all = text(&app);
    assert!(
        all.contains("Protected: kworkerd pid 30222: portwise runs under"),
        "{all}"
    );
    press(&mut app, KeyCode::Enter);
    type_text(&mut app, "kwork");
    insta::assert_snapshot!(text(&app), @r"
     portwise [1 Sock] 2 Proc  3 Ports  4 Find 2   5 Time         web-01  ● LIVE 1s
     listen 5  estab 2  udp 1  tw 0  other 0  ◆ 1 ALERT   ▲ 1 ODD   ● 1 NOTE   ? 1
     ↓   2.4 MB/s ██   ↑   1.3 MB/s ██
     ! 1 of 8 sockets has no visible owner.  sudo portwise shows it.  ! tells more.
      VERDICT▾ ST LOCAL                 SERVICE       PROCESS         ↓ B/s   ↑ B/s
    + ◆ ALERT  L  0.0.0.0:31390         -             kworke… 30222       -       -
      ▲ ODD    L  0.0.0.0:1587          pra-elmd      python3 30119       -       -
      ● NOTE   L  [2001:db8:…6666]:9100 pdl-datastre… node_exp… 700       -       -
      ╭ Send a signal ───────────────────────────────────────────────────────────╮-
      │ Protected: kworkerd pid 30222: portwise runs under this process          │-
      │                                                                          │-
    ~ │ To send TERM all the same, type the name kworkerd:                       │M
    ✕ │ > kwork█                                                                 │-
      │                                                                          │0
      │ Enter send TERM   Esc cancel                                             │
      ╰──────────────────────────────────────────────────────────────────────────╯
    ── 31390/tcp  unassigned   ◆ ALERT  ────────────────────────────────────────────
     Why        kworkerd runs a file that was deleted
     Exe        /tmp/.x (deleted)
     Process    kworkerd 30222  user deploy (1000)  started 3 m ago
    ");
}

#[test]
fn closing_a_connection_names_both_ends() {
    let connection = fixture::connection("10.0.0.5:38870", "192.0.2.7:443")
        .owned_by("curl", 500)
        .cookie(0xabc)
        .build();
    let mut app = app(80, 24, vec![connection]);
    press(&mut app, KeyCode::Char('K'));
    insta::assert_snapshot!(text(&app), @r"
     portwise [1 Sock] 2 Proc  3 Ports  4 Find     5 Time        machine  ● LIVE 1s
     listen 0  estab 1  udp 0  tw 0  other 0                                   ? 1
     ↓ -  ↑ -   not measured yet
      VERDICT▾ ST LOCAL                 SERVICE       PROCESS         ↓ B/s   ↑ B/s
      ? ?      E  10.0.0.5:38870        →443          curl 500            -       -


      ╭ Close a connection ──────────────────────────────────────────────────────╮
      │ Closes     tcp 10.0.0.5:38870 to 192.0.2.7:443                           │
      │ Of         curl  pid 500  user deploy                                    │
      │ The process goes on, and is told that the connection was aborted; the    │
      │ other side gets a reset.                                                 │
      │ It is told from others by the kernel's own number for it.                │
      │                                                                          │
      │ (•) close this one connection; the process goes on                       │
      │                                                                          │
    ──│ Enter y close it   Esc cancel                                            │──
     W╰──────────────────────────────────────────────────────────────────────────╯
     Exe        /usr/bin/curl
     Process    curl 500  user deploy (1000)
    ");
    let Some(Effect::Act(job)) = press(&mut app, KeyCode::Enter) else {
        panic!("nothing was closed");
    };
    come_of(&mut app, &job, &Outcome::Gone);
    assert!(text(&app).contains("had already closed"), "{}", text(&app));
}

#[test]
fn which_of_several_or_all_of_them() {
    let mut shared = fixture::listener(80);
    for pid in 1..=40 {
        shared = shared.owned_by("nginx", pid);
    }
    let mut app = app(60, 15, vec![shared.build()]);
    ask(&mut app);
    for _ in 0..60 {
        press(&mut app, KeyCode::Down);
    }
    let all = text(&app);
    assert!(all.contains("(•) all 40 of them"), "{all}");
    assert!(all.contains("Enter this one"), "{all}");
}

#[test]
fn the_log_tells_what_was_done() {
    use crate::model::{Event, EventKind};
    let mut app = busy(80, 24);
    press(&mut app, KeyCode::Char('L'));
    assert!(text(&app).contains("reading the history"));
    let mut event = Event::of_recorder(EventKind::Action, fixture::NOW);
    event.program = Some(Text::from("nginx"));
    event.pid = Some(990);
    event.detail = Some(Text::from("ended 0.1 s after SIGTERM; port 80/tcp is free"));
    let _effect = app.update(Message::Log(Ok(vec![event])));
    let all = text(&app);
    assert!(all.contains("nginx pid 990"), "{all}");
    assert!(
        all.contains("Ended 0.1 s after SIGTERM; port 80/tcp is free"),
        "{all}"
    );
}

#[test]
fn what_came_of_many_is_scrolled_where_it_has_no_room() {
    let mut app = busy(40, 12);
    press(&mut app, KeyCode::Home);
    ask_and_know(&mut app);
    let Some(Effect::Act(job)) = press(&mut app, KeyCode::Enter) else {
        panic!("nothing was sent");
    };
    let mut about = job.about.clone();
    about[0].acted.outcome = Some(Outcome::Ended(Duration::from_millis(140)));
    about[0].acted.aftermath = (1..9).map(|port| format!("port {port} is free")).collect();
    let report = Report {
        dialog: job.dialog,
        job: job.number,
        at: fixture::NOW,
        about,
        settled: true,
        remedies: vec![],
        note: Some("the last of all".to_owned()),
    };
    let _effect = app.update(Message::Acted(Box::new(report)));
    let first = text(&app);
    assert!(first.contains("PgDn: "), "{first}");
    assert!(!first.contains("he last of all"), "{first}");
    for _ in 0..9 {
        press(&mut app, KeyCode::PageDown);
    }
    let last = text(&app);
    assert!(last.contains("he last of all"), "{last}");
    assert!(last.contains("Enter close"), "{last}");
    press(&mut app, KeyCode::PageUp);
    assert_ne!(text(&app), last, "nothing is counted past the end");
    press(&mut app, KeyCode::End);
    assert_eq!(text(&app), last, "every list is scrolled by the same keys");
    press(&mut app, KeyCode::Up);
    assert_ne!(text(&app), last);
    press(&mut app, KeyCode::Home);
    assert_eq!(text(&app), first);
}
