use super::*;
use crate::model::{
    Socket,
    fixture::{self, NOW},
};
use jiff::SignedDuration;

fn observe(memory: &mut Memory, second: u32, sockets: &[Socket]) -> Moved {
    let at = NOW + SignedDuration::from_secs(i64::from(second));
    let elapsed = Duration::from_secs(u64::from(second));
    let sights = sockets.iter().map(|socket| Sight {
        raw: &socket.raw,
        owner: socket.processes.first(),
        side: Side {
            direction: socket.direction,
            client: true,
        },
        is_new: true,
        is_chosen: true,
    });
    let processes: Vec<_> = sockets
        .iter()
        .map(|socket| Arc::clone(&socket.processes[0]))
        .collect();
    memory.observe(sights, &processes, (at, elapsed))
}

fn former(memory: &Memory) -> Option<&Former> {
    memory
        .past_of_port((0, Protocol::Tcp, 8080))
        .former
        .as_ref()
}

fn web(program: &str) -> Socket {
    fixture::listener(8080).owned_by(program, 7).build()
}

#[test]
fn a_port_that_another_program_takes_was_somebody_elses() {
    let mut memory = Memory::default();
    assert_eq!(observe(&mut memory, 0, &[web("caddy")]), Moved::default());
    assert_eq!(former(&memory), None);
    let moved = observe(&mut memory, 1, &[web("nginx")]);
    assert!(moved.ports.contains(&(0, Protocol::Tcp, 8080)));
    let former = former(&memory).unwrap();
    assert_eq!(
        (former.program.as_str(), former.until),
        ("/usr/bin/caddy", NOW)
    );
    assert_eq!(observe(&mut memory, 2, &[web("nginx")]), Moved::default());
}

#[test]
fn a_program_that_comes_back_is_no_news() {
    let mut memory = Memory::default();
    for (second, program) in (0..).zip(["caddy", "nginx", "caddy"]) {
        observe(&mut memory, second, &[web(program)]);
    }
    assert_eq!(former(&memory), None);
}

#[test]
fn two_programs_that_share_a_port_have_not_taken_it_from_each_other() {
    let mut memory = Memory::default();
    let local = fixture::listener(8080).at("127.0.0.1").owned_by("nginx", 8);
    let both = [web("caddy"), local.build()];
    observe(&mut memory, 0, &both);
    observe(&mut memory, 1, &both);
    assert_eq!(former(&memory), None);
}

#[test]
fn what_was_known_before_we_looked_counts() {
    let mut memory = Memory::default();
    memory.knew(
        (0, Protocol::Tcp, 8080),
        &Text::from("/usr/sbin/caddy"),
        NOW,
    );
    observe(&mut memory, 0, &[web("caddy")]);
    assert_eq!(former(&memory), None, "it moved within /usr");
    observe(&mut memory, 1, &[web("nginx")]);
    assert!(former(&memory).is_some());
}

#[test]
fn sockets_left_open_are_counted_from_a_pile_on() {
    let pile = |count: u16| -> Vec<Socket> {
        let one = |port: u16| {
            fixture::connection(&format!("10.0.0.5:{port}"), "192.0.2.7:443")
                .state(State::CloseWait)
                .owned_by("app", 7)
                .build()
        };
        (40_000..40_000 + count).map(one).collect()
    };
    let mut memory = Memory::default();
    let app = pile(1)[0].processes[0].key;
    observe(&mut memory, 0, &pile(15));
    assert_eq!(memory.past(app).left_open, 0);
    let moved = observe(&mut memory, 1, &pile(16));
    assert_eq!(memory.past(app).left_open, 16);
    assert!(moved.processes.contains(&app));
}

#[test]
fn children_of_one_loop_call_together() {
    let mut memory = Memory::default();
    let mut last = None;
    for second in 0..8 {
        let local = format!("10.0.0.5:{}", 40_000 + second);
        let call = fixture::connection(&local, "192.0.2.7:443").owned_by("curl", 100 + second);
        let call = call.build();
        last = Some(call.processes[0].key);
        observe(&mut memory, second, &[call]);
    }
    assert_eq!(memory.past(last.unwrap()).calls.len(), 1);
}

fn heard(program: &str) -> Heard {
    Heard {
        at: NOW,
        program: Text::from(program),
        spoke: Text::from("ssh"),
        agreement: crate::model::Agreement::Differs,
        greeting: Text::from("SSH-2.0-x"),
    }
}

#[test]
fn what_a_port_answered_is_kept_while_the_program_stays() {
    let mut memory = Memory::default();
    let port = (0, Protocol::Tcp, 8080);
    observe(&mut memory, 0, &[web("caddy")]);
    memory.heard(port, heard("/usr/bin/caddy"));
    let moved = observe(&mut memory, 1, &[web("caddy")]);
    assert!(moved.ports.contains(&port), "it is judged again");
    assert_eq!(observe(&mut memory, 2, &[web("caddy")]), Moved::default());
    let told = &memory.past_of_port(port).heard;
    assert_eq!(told.as_ref().unwrap().spoke, "ssh");
    observe(&mut memory, 3, &[web("nginx")]);
    assert_eq!(memory.past_of_port(port).heard, None);
}

#[test]
fn what_the_one_answered_that_has_taken_a_port_over_counts() {
    let mut memory = Memory::default();
    let port = (0, Protocol::Tcp, 8080);
    memory.knew(port, &Text::from("/opt/old/server"), NOW);
    let program = web("nginx").processes[0].program().clone();
    memory.heard(port, heard(&program));
    observe(&mut memory, 0, &[web("nginx")]);
    let past = memory.past_of_port(port);
    assert!(past.heard.is_some() && past.former.is_some(), "{past:?}");
}
