//! One frame a screen.

use super::*;
use crate::model::Outcome;

#[test]
fn main_screen_at_80x24() {
    insta::assert_snapshot!(text(&busy(80, 24)), @r"
     portwise [1 Sock] 2 Proc  3 Ports  4 Find 2   5 Time         web-01  ● LIVE 1s
     listen 5  estab 2  udp 1  tw 0  other 0  ◆ 1 ALERT   ▲ 1 ODD   ● 1 NOTE   ? 1
     ↓   2.4 MB/s ██   ↑   1.3 MB/s ██
     ! 1 of 8 sockets has no visible owner.  sudo portwise shows it.
      VERDICT▾ ST LOCAL                 SERVICE       PROCESS         ↓ B/s   ↑ B/s
    + ◆ ALERT  L  0.0.0.0:31390         -             kworke… 30222       -       -
      ▲ ODD    L  0.0.0.0:1587          pra-elmd      python3 30119       -       -
      ● NOTE   L  [2001:db8:…6666]:9100 pdl-datastre… node_exp… 700       -       -
      ? ?      L  127.0.0.1:631         ipp +1        ? hidden            -       -
      · ok     L  0.0.0.0:443           https         nginx 990 +1        -       -
      · ok     U  0.0.0.0:5353          mdns          avahi-da… 588       -       -
    ~ · ok     E  10.0.0.5:443          https         nginx 991      48.0 k   1.3 M
    ✕ · ok     E  10.0.0.5:443          https         nginx 990           -       -
      · ok     E  10.0.0.5:38870        https →443    日本語… 5120    2.4 M       0



    ── 31390/tcp  unassigned   ◆ ALERT  ────────────────────────────────────────────
     Why        kworkerd runs a file that was deleted
     Exe        /tmp/.x (deleted)
     Process    kworkerd 30222  user deploy (1000)  started 3 m ago


     Enter open  / filter  x signal  Space pause  s sort             ? help  q quit
    ");
}

#[test]
fn main_screen_at_120x40() {
    insta::assert_snapshot!(text(&busy(120, 40)), @r"
     portwise [1 Sockets]  2 Processes   3 Ports   4 Findings 2    5 Timeline                             web-01  ● LIVE 1s
     listen 5  estab 2  udp 1  tw 0  other 0                                          ◆ 1 ALERT   ▲ 1 ODD   ● 1 NOTE   ? 1
     ↓   2.4 MB/s ██   ↑   1.3 MB/s ██
     ! 1 of 8 sockets has no visible owner.  sudo portwise shows it.
      VERDICT▾ ST LOCAL                 SERVICE       PROCESS            ↓ B/s   ↑ B/s │ 31390/tcp  unassigned   ◆ ALERT
    + ◆ ALERT  L  0.0.0.0:31390         -             kworkerd 30222         -       - │ ──────────────────────────────────
      ▲ ODD    L  0.0.0.0:1587          pra-elmd      python3 30119          -       - │ Why        ◆ kworkerd runs a file
      ● NOTE   L  [2001:db8:…6666]:9100 pdl-datastre… node_export… 700       -       - │            that was deleted
      ? ?      L  127.0.0.1:631         ipp +1        ? hidden               -       - │
      · ok     L  0.0.0.0:443           https         nginx 990 +1           -       - │ Process    kworkerd  pid 30222
      · ok     U  0.0.0.0:5353          mdns          avahi-daemon 588       -       - │ Exe        /tmp/.x (deleted)
    ~ · ok     E  10.0.0.5:443          https         nginx 991         48.0 k   1.3 M │ Command    /usr/bin/kworkerd
    ✕ · ok     E  10.0.0.5:443          https         nginx 990              -       - │ User       deploy (1000)
      · ok     E  10.0.0.5:38870        https →443    日本語アプ… 5120   2.4 M       0 │ Started    11:03:40 (3 m ago)
                                                                                       │ State      tcp listen
                                                                                       │ Reach      every address
                                                                                       │ Seen       11:06:38 (2 s ago)
                                                                                       │
                                                                                       │ To do      Keep a copy before it
                                                                                       │            ends.
                                                                                       │
                                                                                       │
                                                                                       │
                                                                                       │
                                                                                       │
                                                                                       │
                                                                                       │
                                                                                       │
                                                                                       │
                                                                                       │
                                                                                       │
                                                                                       │
                                                                                       │
                                                                                       │
                                                                                       │
                                                                                       │
                                                                                       │
                                                                                       │
                                                                                       │
     Enter open  / filter  x signal  Space pause  s sort  f quick filter  : commands  t group  o any port    ? help  q quit
    ");
}

#[test]
fn main_screen_at_40x12() {
    insta::assert_snapshot!(text(&busy(40, 12)), @r"
     [1] 2  3  4 2   5  Sockets   ● LIVE 1s
     L5 E2 U1 T0 +0             ◆1 ▲1 ●1 ?1
     ! 1 of 8 sockets has no visible owner.…
      V▾ LOCAL               PROCESS
    + ◆  0.0.0.0:31390       kworkerd 30222┃
      ▲  0.0.0.0:1587        python3 30119 ┃
      ●  [2001:db8…666]:9100 node_expo… 700┃
      ?  127.0.0.1:631       ? hidden      ┃
      ·  0.0.0.0:443         nginx 990 +1  ┃
      ·  0.0.0.0:5353 udp    avahi-dae… 588│
    ~ ·  10.0.0.5:443        nginx 991     │
     Enter open  / filter    ? help  q quit
    ");
}

#[test]
fn main_screen_at_60x15() {
    insta::assert_snapshot!(text(&busy(60, 15)), @r"
     [1] 2  3  4 2   5  Sockets                       ● LIVE 1s
     L5 E2 U1 T0 +0   ↓ 2.4 MB/s  ↑ 1.3 MB/s        ◆1 ▲1 ●1 ?1
     ! 1 of 8 sockets has no visible owner.  sudo portwise show…
      V▾ LOCAL                 SERVICE       PROCESS
    + ◆  0.0.0.0:31390         -             kworkerd 30222
      ▲  0.0.0.0:1587          pra-elmd      python3 30119
      ●  [2001:db8:…6666]:9100 pdl-datastre… node_exporter 700
      ?  127.0.0.1:631         ipp +1        ? hidden
      ·  0.0.0.0:443           https         nginx 990 +1
      ·  0.0.0.0:5353 udp      mdns          avahi-daemon 588
    ~ ·  10.0.0.5:443          https         nginx 991
    ✕ ·  10.0.0.5:443          https         nginx 990
      ·  10.0.0.5:38870        https →443    日本語アプリ 5120

     Enter open  / filter  x signal              ? help  q quit
    ");
}

#[test]
fn main_screen_in_colour() {
    for (width, height) in [(80, 24), (120, 40), (40, 12)] {
        let name = format!("main-{width}x{height}-truecolor");
        insta::assert_debug_snapshot!(name, drawn(&busy(width, height), truecolor()));
    }
}

#[test]
fn main_screen_without_colour() {
    for (width, height) in [(80, 24), (120, 40), (40, 12)] {
        let name = format!("main-{width}x{height}-mono");
        insta::assert_debug_snapshot!(name, drawn(&busy(width, height), mono()));
    }
}

#[test]
fn port_page_of_an_obscure_port() {
    let mut app = busy(120, 40);
    app.set_filter("port:1587");
    app.settle();
    press(&mut app, KeyCode::Enter);
    insta::assert_snapshot!(text(&app), @r"
    portwise [1 Sockets]  2 Processes   3 Ports   4 Findings 2    5 Timeline                             web-01  ● LIVE 1s
    Sockets › Port 1587
    Port 1587  pra-elmd   ▲ ODD   1 socket here now                                                                       ┃
    ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┃
    Registry   pra-elmd   tcp, udp                                        │ Here now                                      ┃
    Alias      pra_elmd                                                   │   ▲ ODD   tcp listen      0.0.0.0:1587        ┃
    Assignee   Dennis Mastin                                              │     python3 30119                             ┃
    Contact    Dennis Mastin                                              │   by python3 30119  user deploy               ┃
    Registered the registry gives none                                    │                                               ┃
    References the registry gives none                                    │ Why ▲ ODD                                     ┃
                                                                          │   ▲ obscure port  medium · obscure-port       ┃
    Range      1024-49151, user: IANA registers these, every program may  │                                               ┃
               listen                                                     │                                               ┃
    Status     assigned by IANA, obscure: no known use in practice        │                                               ┃
                                                                          │                                               ┃
    In practice                                                           │                                               ┃
      No common software is known to use it.                              │                                               ┃
                                                                          │                                               ┃
    What to do                                                            │                                               ┃
      - You probably should not have anything listening on it; if you find│                                               ┃
        something, investigate: which program it is, who started it, and  │                                               ┃
        which package it came with.                                       │                                               ┃
      - The registered name is no proof: it says who asked for the number,│                                               ┃
        not what listens on it.                                           │                                               ┃
                                                                          │                                               ┃
    What would be unusual                                                 │                                               ┃
      - Any listener on 1587 that you did not set up yourself.            │                                               ┃
                                                                          │                                               ┃
    Check on this machine                                                 │                                               ┃
      ss -ltunp 'sport = :1587'   what listens; as root, who              │                                               ┃
      lsof -nP -i :1587   what uses it; as root, who                      │                                               ┃
      getent services 1587/tcp   what /etc/services calls it              │                                               │
      curl -v --max-time 5 telnet://127.0.0.1:1587   whether it answers,  │                                               │
        and its first words                                               │                                               │
                                                                          │                                               │
    Check from another machine                                            │                                               │
      nc -vz HOST 1587   whether it can be reached                        │                                               │
      nmap -sV -p 1587 HOST   what speaks there                           │                                               │
      nmap -sU -sV -p 1587 HOST   whether it answers over udp (as root;   │                                               │
    Esc back  Tab next link  x signal  Space pause  : commands  o any port  p process  → next port          ? help  q quit
    ");
}

#[test]
fn port_page_in_one_column() {
    let mut app = busy(80, 24);
    app.set_filter("port:1587");
    app.settle();
    press(&mut app, KeyCode::Enter);
    insta::assert_snapshot!(text(&app), @r"
    portwise [1 Sock] 2 Proc  3 Ports  4 Find 2   5 Time         web-01  ● LIVE 1s
    Sockets › Port 1587
    Port 1587  pra-elmd   ▲ ODD   1 socket here now                               ┃
    ──────────────────────────────────────────────────────────────────────────────┃
    Registry   pra-elmd   tcp, udp                                                ┃
    Alias      pra_elmd                                                           ┃
    Assignee   Dennis Mastin                                                      ┃
    Contact    Dennis Mastin                                                      ┃
    Registered the registry gives none                                            ┃
    References the registry gives none                                            ┃
                                                                                  │
    Range      1024-49151, user: IANA registers these, every program may listen   │
    Status     assigned by IANA, obscure: no known use in practice                │
                                                                                  │
    Here now                                                                      │
      ▲ ODD   tcp listen      0.0.0.0:1587  python3 30119                         │
      by python3 30119  user deploy                                               │
                                                                                  │
    Why ▲ ODD                                                                     │
      ▲ obscure port  medium · obscure-port                                       │
                                                                                  │
    In practice                                                                   │
      No common software is known to use it.                                      │
    Esc back  Tab next link  x signal  Space pause  : commands      ? help  q quit
    ");
}

#[test]
fn process_page() {
    let mut app = busy(120, 30);
    press(&mut app, KeyCode::Home);
    press(&mut app, KeyCode::Char('p'));
    insta::assert_snapshot!(text(&app), @r"
    portwise [1 Sockets]  2 Processes   3 Ports   4 Findings 2    5 Timeline                             web-01  ● LIVE 1s
    Sockets › Process kworkerd 30222
    kworkerd  pid 30222   ◆ ALERT   1 socket
    ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    Command    /usr/bin/kworkerd                                          │ Why ◆ ALERT
    Exe        /tmp/.x (deleted)                                          │   ◆ kworkerd runs a file that was deleted
    Cwd        /                                                          │   high · deleted-executable
    User       deploy (1000)                                              │     executable: /tmp/.x (deleted)
    Started    11:03:40 (3 m ago)                                         │     → Keep a copy before it ends.
    Chain      kworkerd 30222                                             │       cp /proc/30222/exe /root/sample
    Unit       none                                                       │
    Container  none                                                       │
    Package    no package owns this file                                  │
    Terminal   none                                                       │
    Why        nothing that was looked at explains why it runs            │
                                                                          │
    Sockets (1)                                                           │
      ◆ ALERT tcp listen      0.0.0.0:31390                               │
                                                                          │
                                                                          │
                                                                          │
                                                                          │
                                                                          │
                                                                          │
                                                                          │
                                                                          │
                                                                          │
                                                                          │
                                                                          │
    Esc back  Tab next link  x signal  Space pause  : commands  o any port  y copy                          ? help  q quit
    ");
}

#[test]
fn connection_page() {
    let mut app = busy(100, 30);
    app.set_filter("port:60122");
    app.settle();
    press(&mut app, KeyCode::Enter);
    insta::assert_snapshot!(text(&app), @r"
    portwise [1 Sock] 2 Proc  3 Ports  4 Find 2   5 Time                             web-01  ● LIVE 1s
    Sockets › Connection 10.0.0.5:443 → 198.51.100.23:60122
    443/tcp  https   · ok
    ──────────────────────────────────────────────────────────────────────────────────────────────────
    Local      10.0.0.5:443
    Remote     198.51.100.23:60122
    State      tcp established
    Direction  came in from another machine
    Service    443/tcp  https
    Process    nginx 991  user deploy
    Made by    deploy
    Seen       since before portwise looked

    Traffic
    Received   48.0 kB/s
    Sent       1.3 MB/s
    Unread     0 bytes
    Unsent     0 bytes
    no numbers per connection for this tcp socket

    Why · ok
      nothing was found







    Esc back  Tab next link  x signal  Space pause  : commands  o any port              ? help  q quit
    ");
}

#[test]
fn dialog_before_anything_is_sent() {
    let mut app = busy(80, 24);
    press(&mut app, KeyCode::Home);
    press(&mut app, KeyCode::Char('x'));
    insta::assert_snapshot!(text(&app), @r"
     portwise [1 Sock] 2 Proc  3 Ports  4 Find 2   5 Time         web-01  ● LIVE 1s
     listen 5  estab 2  udp 1  tw 0  other 0  ◆ 1 ALERT   ▲ 1 ODD   ● 1 NOTE   ? 1
     ↓   2.4 MB/s ██   ↑   1.3 MB/s ██
     ! ╭ Send a signal ─────────────────────────────────────────────────────────╮
      V│ To         kworkerd  pid 30222  user deploy  started 11:03:40          │/s
    + ◆│ Signal     (●) TERM ask it to stop                                     │ -
      ▲│            ( ) KILL stop it now; it cannot clean up                    │ -
      ●│            ( ) INT  interrupt it, as Ctrl-C does                       │ -
      ?│            ( ) HUP  hang up; many daemons read their configuration     │ -
      ·│            again                                                       │ -
      ·│            ( ) QUIT stop it with a core dump                           │ -
    ~ ·│            ( ) STOP freeze it; memory and sockets stay as evidence     │ M
    ✕ ·│            ( ) CONT let a frozen one go on                             │ -
      ·│            ( ) USR1 whatever the program defines                       │ 0
       │            ( ) USR2 whatever the program defines                       │
       │ It has     1 socket open                                               │
       │            tcp listen 0.0.0.0:31390                                    │
    ── │ It is checked again just before: same program, same start time.        │───
     Wh│                                                                        │
     Ex│ Enter send TERM   j k choose   Esc cancel                              │
     Pr╰────────────────────────────────────────────────────────────────────────╯
    ");
}

#[test]
fn dialog_waits_and_tells_the_outcome() {
    let mut app = busy(80, 24);
    press(&mut app, KeyCode::Home);
    press(&mut app, KeyCode::Char('x'));
    assert!(matches!(
        press(&mut app, KeyCode::Enter),
        Some(Effect::Signal(_))
    ));
    assert!(
        text(&app).contains("TERM is sent; waiting"),
        "{}",
        text(&app)
    );
    let _effect = app.update(Message::Acted(Outcome::Ended(
        std::time::Duration::from_millis(140),
    )));
    assert!(
        text(&app).contains("It ended 0.1 s after the signal"),
        "{}",
        text(&app)
    );
}

#[test]
fn dialog_tells_what_privilege_is_missing() {
    let mut app = busy(80, 24);
    press(&mut app, KeyCode::Home);
    press(&mut app, KeyCode::Char('x'));
    press(&mut app, KeyCode::Enter);
    let denied = Outcome::Denied("pid 30222 belongs to root; run with sudo".to_owned());
    let _effect = app.update(Message::Acted(denied));
    let all = text(&app);
    assert!(
        all.contains("Not permitted: pid 30222 belongs to root"),
        "{all}"
    );
}

#[test]
fn dialog_that_refused() {
    let mut app = busy(80, 24);
    press(&mut app, KeyCode::Home);
    press(&mut app, KeyCode::Char('x'));
    press(&mut app, KeyCode::Enter);
    let refused = Outcome::Refused("it is an ancestor of portwise".to_owned());
    let _effect = app.update(Message::Acted(refused));
    type_text(&mut app, "kwork");
    insta::assert_snapshot!(text(&app), @r"
     portwise [1 Sock] 2 Proc  3 Ports  4 Find 2   5 Time         web-01  ● LIVE 1s
     listen 5  estab 2  udp 1  tw 0  other 0  ◆ 1 ALERT   ▲ 1 ODD   ● 1 NOTE   ? 1
     ↓   2.4 MB/s ██   ↑   1.3 MB/s ██
     ! 1 of 8 sockets has no visible owner.  sudo portwise shows it.
      VERDICT▾ ST LOCAL                 SERVICE       PROCESS         ↓ B/s   ↑ B/s
    + ◆ ALERT  L  0.0.0.0:31390         -             kworke… 30222       -       -
      ▲ ODD    L  0.0.0.0:1587          pra-elmd      python3 30119       -       -
      ●╭ Send a signal ─────────────────────────────────────────────────────────╮ -
      ?│ To         kworkerd  pid 30222  user deploy  started 11:03:40          │ -
      ·│                                                                        │ -
      ·│ Refused: it is an ancestor of portwise                                 │ -
    ~ ·│                                                                        │ M
    ✕ ·│ To send TERM all the same, type its name, kworkerd:                    │ -
      ·│ > kwork█                                                               │ 0
       │                                                                        │
       │ Enter send TERM   Esc cancel                                           │
       ╰────────────────────────────────────────────────────────────────────────╯
    ── 31390/tcp  unassigned   ◆ ALERT  ────────────────────────────────────────────
     Why        kworkerd runs a file that was deleted
     Exe        /tmp/.x (deleted)
     Process    kworkerd 30222  user deploy (1000)  started 3 m ago
    ");
}

#[test]
fn help_of_the_table() {
    let mut app = busy(80, 60);
    press(&mut app, KeyCode::Char('?'));
    insta::assert_snapshot!(text(&app), @r"
     portwise [1 Sock] 2 Proc  3 Ports  4 Find 2   5 Time         web-01  ● LIVE 1s
     listen 5  estab 2  udp 1  tw 0  other 0  ◆ 1 ALERT   ▲ 1 ODD   ● 1 NOTE   ? 1
     ↓   2.4 MB/s ██   ↑   1.3 MB/s ██
     ! 1 of 8 sockets has no visible owner.  sudo portwise shows it.
      VERDICT▾ ST LOCAL                 SERVICE       PROCESS         ↓ B/s   ↑ B/s
    + ◆ ALERT  L  0.0.0.0:31390         -             kworke… 30222       -       -
      ▲ ODD    L  0.0.0.0:1587          pra-elmd      python3 30119       -       -
      ● NOTE   L  [2001:db8:…6666]:9100 pdl-datastre… node_exp… 700       -       -
      ╭ Help ──────────────────────────────────────── type to search, Esc closes ╮-
      │ Find                                                                    ┃│-
      │ /              filter the sockets: port:443 proc:ssh state:listen !lo   ┃│-
    ~ │ f              filter by the selected row (menu)                        ┃│M
    ✕ │ @              saved filters; keep the one of now                       ┃│-
      │ : Ctrl-p       commands, ports, services, programs, process ids         ┃│0
      │ o              any port there is: type a number or a name               ┃│
      │                                                                         ┃│
      │ Act                                                                     ┃│
      │ Enter          open the page of the row or link                         ┃│
      │ x Del F9       send a signal to the owner; asks first                   ┃│
      │ p              the page of the owner                                    ┃│
      │ P              the page of the port                                     ┃│
      │ c              the page of this one socket                              ┃│
      │ a              accept what was found, in the policy; asks how widely    ┃│
      │ U              take back what was accepted last                         ┃│
      │ e              write what is shown to a file: JSON or CSV               ┃│
      │ y              copy the address, the process, all as JSON (menu)        ┃│
      │                                                                         ┃│
      │ Show                                                                    ┃│
      │ s >            sort by the next column; or click its title              ┃│
      │ <              sort by the column before                                ┃│
      │ S              the other way round                                      ┃│
      │ t              group by program, port, host, user, container, or not    ┃│
      │ ← h            count the sockets of a group in one row                  ││
      │ → l            show the sockets of a group                              ││
      │ C              choose the columns and their order                       ││
      │ i              the pane about the selected row                          ││
      │                                                                         ││
      │ Time                                                                    ││
      │ Space          hold the view still; sockets are still read              ││
      │ F              keep the selected row on its line of the screen          ││
      │ r              read the sockets now                                     ││
      │ + =            read them more often                                     ││
      │ -              read them less often                                     ││
      │                                                                         ││
      │ Move                                                                    ││
      │ Esc Backspace  back one step: page, then filter                         ││
      │ 1              the view of sockets; or click its tab                    ││
      │ 2              the view of processes, one row each                      ││
      │ 3              the view of ports, and the whole registry                ││
      │ 4              the view of findings, one row a program                  ││
      │ 5              the view of what happened since the start                ││
      ╰──────────────────────────────────────────────────────────────────────────╯

    ── 31390/tcp  unassigned   ◆ ALERT  ────────────────────────────────────────────
     Why        kworkerd runs a file that was deleted
     Exe        /tmp/.x (deleted)
     Process    kworkerd 30222  user deploy (1000)  started 3 m ago


     type to search  ↑↓ scroll  Esc close
    ");
}

#[test]
fn help_narrowed_by_a_search() {
    let mut app = busy(80, 24);
    press(&mut app, KeyCode::Char('?'));
    type_text(&mut app, "sort");
    let all = text(&app);
    assert!(all.contains("sort by the next column"), "{all}");
    assert!(!all.contains("leave"), "{all}");
}

#[test]
fn a_filter_with_a_fault() {
    let mut app = busy(80, 24);
    press(&mut app, KeyCode::Char('/'));
    type_text(&mut app, "proc:nginx port:15a7");
    let all = text(&app);
    let lines: Vec<_> = all.lines().skip(4).take(6).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    / proc:nginx port:15a7                                    0 of 8   ✕ not valid
                      ~~~~  port: "15a7" is not a number  (for example `port:443`)
     VERDICT▾ ST LOCAL                 SERVICE       PROCESS         ↓ B/s   ↑ B/s
    "#);
}

#[test]
fn a_filter_that_finds_nothing() {
    let mut app = busy(80, 24);
    app.set_filter("port:9");
    app.settle();
    let all = text(&app);
    assert!(
        all.contains("No socket matches \"port:9\".  Esc clears the filter."),
        "{all}"
    );
}

#[test]
fn no_sockets_at_all() {
    let all = text(&app(80, 24, vec![]));
    assert!(
        all.contains("No sockets in this network namespace."),
        "{all}"
    );
}

#[test]
fn before_the_first_sample() {
    let all = text(&empty_app(80, 24));
    assert!(all.contains("Reading the sockets…"), "{all}");
}

#[test]
fn a_failure_is_told_and_the_rows_stay() {
    let mut app = busy(80, 24);
    let failed = crate::collect::Latest::Failed("read the socket tables".to_owned());
    assert_eq!(app.update(Message::Latest(failed)), None);
    let all = text(&app);
    assert!(all.contains("✕ no data"), "{all}");
    assert!(all.contains("no data: read the socket tables"), "{all}");
    assert!(all.contains("0.0.0.0:31390"), "{all}");
}

#[test]
fn a_pause_says_since_when() {
    let mut app = busy(80, 24);
    press(&mut app, KeyCode::Char(' '));
    let all = text(&app);
    assert!(
        all.contains("PAUSED 11:06:40") && all.contains("Space resume"),
        "{all}"
    );
}

#[test]
fn too_small() {
    insta::assert_snapshot!(text(&busy(39, 7)), @"terminal too small, need 40x8");
}
