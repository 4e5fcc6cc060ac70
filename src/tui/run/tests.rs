//! The loop that ships, with keys from a list and a recorder in place of the machine.

use super::{super::message::Message, *};
use crate::{
    collect::Latest,
    model::{
        Acted, Closing, Event as ModelEvent, HeldPort, Hold, Manager, Order, OwnersSeen, PortNow,
        ProcessKey, Protocol, Request, Signal, Surroundings, Target, fixture,
    },
    query::{Column, Order as SortOrder},
    tui::{
        app::tests::{empty_app, web},
        input::Heard,
        picture::{Frame, Picture},
        view::view,
    },
};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use ratatui::{backend::TestBackend, layout::Size};
use std::{net::IpAddr, sync::Mutex, time::Instant};

/// Orders that were given, in place of carrying them out.
#[derive(Default)]
struct Recorder(Mutex<Vec<Order>>);

impl Actions for Recorder {
    fn hold(&self, targets: &[Target]) -> Vec<Hold> {
        targets.iter().map(|_target| Hold::Unheld).collect()
    }

    fn signal(&self, orders: &[Order]) -> Vec<Outcome> {
        self.0.lock().unwrap().extend_from_slice(orders);
        let ended = Outcome::Ended(Duration::from_millis(100));
        orders.iter().map(|_order| ended.clone()).collect()
    }

    fn hold_also(&self, targets: &[Target]) -> Vec<Hold> {
        self.hold(targets)
    }

    fn protection(&self, targets: &[Target]) -> Vec<Option<String>> {
        vec![None; targets.len()]
    }

    fn elevators(&self) -> Vec<Elevator> {
        vec![Elevator::Sudo]
    }

    fn elevated(&self, _: &Request, elevator: Elevator) -> Result<Vec<String>, String> {
        Ok(vec![elevator.name().to_owned(), "portwise".to_owned()])
    }

    fn elevate(
        &self,
        request: &Request,
        _: Elevator,
        _: &mut (dyn io::Write + Send),
    ) -> Vec<Outcome> {
        let Request::Signal(orders) = request else {
            return vec![];
        };
        self.0.lock().unwrap().extend_from_slice(orders);
        vec![Outcome::Ended(Duration::ZERO); orders.len()]
    }

    fn close(&self, _closing: &Closing) -> Outcome {
        Outcome::Gone
    }

    fn stop(&self, _manager: &Manager, _patience: Duration) -> Outcome {
        Outcome::Gone
    }
}

impl Witness for Recorder {
    fn surroundings(&self, keys: &[ProcessKey]) -> Vec<Surroundings> {
        vec![Surroundings::default(); keys.len()]
    }

    fn aftermath(&self, ports: &[HeldPort], _: &[ProcessKey], _: Instant) -> Vec<Option<PortNow>> {
        vec![Some(PortNow::Free); ports.len()]
    }

    fn write_down(&self, _: Timestamp, _: Vec<(Option<ModelEvent>, &Acted)>) -> Option<String> {
        None
    }

    fn recent(&self, _: usize) -> Result<Vec<ModelEvent>, String> {
        Ok(vec![])
    }

    fn examine(&self) -> Vec<model::Ability> {
        vec![model::Ability::works("owners", "of everybody")]
    }
}

impl Asker for Recorder {
    fn ask(&self, socket: &Socket) -> Result<(String, Option<model::Heard>), String> {
        let heard = model::Heard {
            at: fixture::NOW,
            program: Text::from("/usr/sbin/nginx"),
            spoke: Text::from("ssh"),
            agreement: model::Agreement::Differs,
            greeting: Text::from("SSH-2.0-x"),
        };
        Ok((
            format!("{} speaks ssh", socket.raw.local().port),
            Some(heard),
        ))
    }
}

impl Decisions for Recorder {
    fn accept(&self, _: &Entry) -> Result<bool, String> {
        Ok(true)
    }

    fn take_back(&self, _: &Entry) -> Result<bool, String> {
        Ok(true)
    }

    fn place(&self) -> Option<String> {
        None
    }
}

impl Inspector for Recorder {
    fn inspect(&self, process: &Process) -> (Inspection, Option<Vec<model::Event>>) {
        (
            Inspection::unseen(process.key, model::Unseen::NotPermitted),
            None,
        )
    }

    fn connection(&self, _: &SampledSocket) -> Fact<Connection> {
        Fact::Unknown(model::Unseen::NotSupported)
    }

    fn journal(&self, _: &Process) -> Fact<Vec<Text>> {
        Fact::Unknown(model::Unseen::NotSupported)
    }

    fn past(&self, _: u16, _: Timestamp) -> Option<Past> {
        None
    }
}

/// A screen that keeps what was drawn on it.
struct Paper {
    backend: TestBackend,
    picture: Picture,
    frames: usize,
    done: Vec<Effect>,
    away: Vec<String>,
}

impl Paper {
    fn new(width: u16, height: u16) -> Self {
        Self {
            backend: TestBackend::new(width, height),
            picture: Picture::blank(Size::new(width, height)),
            frames: 0,
            done: vec![],
            away: vec![],
        }
    }

    fn text(&self) -> String {
        self.backend.to_string()
    }
}

impl Screen for Paper {
    fn draw(&mut self, app: &App) -> io::Result<()> {
        self.frames += 1;
        let look = Look {
            theme: Theme::mono(),
            ascii: false,
            graph: GraphSigns::Block,
        };
        let draw = |frame: &mut Frame<'_>| view(frame, app, look);
        self.picture.draw(&mut self.backend, draw).unwrap();
        Ok(())
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.backend.buffer().area.as_size())
    }

    fn give_back(&mut self, words: &str) -> io::Result<()> {
        self.away.push(words.to_owned());
        Ok(())
    }

    fn take_again(&mut self) -> io::Result<()> {
        self.away.push("back".to_owned());
        Ok(())
    }

    fn stop(&mut self) {
        self.away.push("stopped".to_owned());
    }

    fn go_on(&mut self) -> io::Result<()> {
        self.take_again()
    }

    fn perform(&mut self, effect: &Effect) -> io::Result<()> {
        self.done.push(effect.clone());
        Ok(())
    }
}

struct Bench {
    keys: mpsc::Sender<Vec<Heard>>,
    publish: watch::Sender<Latest>,
    inbox: Inbox,
    recorder: Arc<Recorder>,
}

fn bench(latest: Latest) -> Bench {
    let (keys, input) = mpsc::channel(8192);
    let (publish, latest) = watch::channel(latest);
    Bench {
        keys,
        publish,
        inbox: Inbox::new(input, latest, Signals::listen().unwrap()),
        recorder: Arc::default(),
    }
}

/// Everything that is done outside is written down by the recorder.
fn ports<'a>(recorder: &Arc<Recorder>, commands: &'a dyn Fn(Command)) -> Ports<'a> {
    Ports {
        commands,
        actions: recorder.clone(),
        witness: recorder.clone(),
        asker: recorder.clone(),
        decisions: recorder.clone(),
        inspector: recorder.clone(),
        lookup: |_| None,
    }
}

fn ready(ports: &[u16]) -> Latest {
    let sockets = ports.iter().copied().map(web).collect();
    Latest::Ready(Arc::new(fixture::snapshot(sockets)))
}

fn key(code: KeyCode) -> Vec<Heard> {
    vec![Heard::Event(Event::Key(KeyEvent::from(code)))]
}

/// Lets other tasks run until `done`, for at most ten seconds.
async fn until(done: impl Fn() -> bool) {
    let patience = Duration::from_secs(10);
    let waiting = async {
        while !done() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(patience, waiting)
        .await
        .expect("it comes about in time");
}

#[tokio::test]
async fn what_a_listener_answers_reaches_whoever_judges() {
    let Bench {
        keys,
        publish: _publish,
        inbox,
        recorder,
    } = bench(ready(&[80]));
    let told = std::cell::RefCell::new(vec![]);
    let commands = |command| told.borrow_mut().push(command);
    let ports = ports(&recorder, &commands);
    let mut paper = Paper::new(80, 24);
    let person = async {
        // The first frame has no rows yet; a key would have nothing to act on.
        tokio::task::yield_now().await;
        keys.send(key(KeyCode::Char('b'))).await.unwrap();
        until(|| !told.borrow().is_empty()).await;
        keys.send(key(KeyCode::Char('q'))).await.unwrap();
    };
    let (app, ()) = tokio::join!(drive(&mut paper, inbox, ports, empty_app(80, 24)), person);
    assert!(app.is_ok());
    let told = told.take();
    let [Command::Heard(Protocol::Tcp, 80, heard)] = &*told else {
        panic!("{told:?}");
    };
    assert_eq!(heard.spoke, "ssh");
}

#[tokio::test]
async fn a_confirmed_signal_reaches_the_machine_once() {
    let Bench {
        keys,
        publish: _publish,
        inbox,
        recorder,
    } = bench(ready(&[80]));
    let told = std::cell::RefCell::new(vec![]);
    let commands = |command| told.borrow_mut().push(command);
    let ports = ports(&recorder, &commands);
    let mut paper = Paper::new(80, 24);
    let person = async {
        // The first frame has no rows yet; a key would have nothing to act on.
        tokio::task::yield_now().await;
        keys.send(key(KeyCode::Char('x'))).await.unwrap();
        // Nothing is sent before it is known what goes with it, so one of these is the first that counts.
        until(|| {
            drop(keys.try_send(key(KeyCode::Char('y'))));
            told.borrow().len() == 2
        })
        .await;
        keys.send(key(KeyCode::Esc)).await.unwrap();
        keys.send(key(KeyCode::Char('q'))).await.unwrap();
    };
    let (app, ()) = tokio::join!(drive(&mut paper, inbox, ports, empty_app(80, 24)), person);
    assert!(app.is_ok());
    let orders = recorder.0.lock().unwrap();
    let targets: Vec<ProcessKey> = orders.iter().map(|order| order.target.key).collect();
    assert_eq!(targets, [web(80).processes[0].key]);
    assert_eq!(orders[0].signal, Signal::Term);
    // Once when it ended, and once when its port was looked at.
    assert_eq!(*told.borrow(), [Command::Refresh, Command::Refresh]);
}

#[tokio::test]
async fn what_is_pasted_with_gaps_is_one_frame() {
    let mut bench = bench(ready(&[80]));
    bench.inbox.gap = Duration::from_secs(10);
    let ports = ports(&bench.recorder, &|_| {});
    let mut paper = Paper::new(80, 24);
    let keys = bench.keys;
    let typed = |count| (0..count).flat_map(|_| key(KeyCode::Char('p'))).collect();
    let person = async {
        keys.send(key(KeyCode::Char('/'))).await.unwrap();
        for _ in 0..50 {
            keys.send(typed(100)).await.unwrap();
            // The loop takes all of it and waits for more.
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
        }
        keys.send(vec![Heard::Event(Event::Key(KeyEvent::new(
            KeyCode::Char('c'),
            KeyModifiers::CONTROL,
        )))])
        .await
        .unwrap();
    };
    let (app, ()) = tokio::join!(
        drive(&mut paper, bench.inbox, ports, empty_app(80, 24)),
        person
    );
    assert_eq!(app.unwrap().filter.input.value().len(), 500);
    // The empty one, and at most one for the first key.
    assert!(paper.frames <= 2, "{} frames", paper.frames);
}

#[tokio::test]
async fn many_keys_are_one_frame() {
    let bench = bench(ready(&(1..=50).collect::<Vec<u16>>()));
    for _ in 0..100 {
        bench.keys.send(key(KeyCode::Down)).await.unwrap();
    }
    bench.keys.send(key(KeyCode::Char('q'))).await.unwrap();
    let ports = ports(&bench.recorder, &|_| {});
    let mut paper = Paper::new(80, 24);
    drive(&mut paper, bench.inbox, ports, empty_app(80, 24))
        .await
        .unwrap();
    assert!(paper.frames <= 3, "{} frames", paper.frames);
}

#[tokio::test]
async fn a_terminal_that_is_gone_ends_the_loop() {
    let bench = bench(ready(&[80]));
    drop(bench.keys);
    let ports = ports(&bench.recorder, &|_| {});
    let mut paper = Paper::new(80, 24);
    assert!(
        drive(&mut paper, bench.inbox, ports, empty_app(80, 24))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_reader_that_has_ended_is_told_and_the_rows_stay() {
    let bench = bench(ready(&[8443]));
    let (keys, publish) = (bench.keys, bench.publish);
    let ports = ports(&bench.recorder, &|_| {});
    let mut paper = Paper::new(80, 24);
    let person = async {
        tokio::task::yield_now().await;
        drop(publish);
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
        keys.send(key(KeyCode::Char('q'))).await.unwrap();
    };
    let (app, ()) = tokio::join!(
        drive(&mut paper, bench.inbox, ports, empty_app(80, 24)),
        person
    );
    let text = paper.text();
    assert!(app.is_ok());
    assert!(text.contains("the reader has stopped"), "{text}");
    assert!(text.contains("0.0.0.0:8443"), "{text}");
}

#[tokio::test]
async fn a_late_collector_is_told_and_forgiven() {
    let mut bench = bench(ready(&[80]));
    bench.inbox.expect_every(Duration::ZERO, false);
    assert!(matches!(bench.inbox.next().await, Message::Latest(_)));
    let late = bench.inbox.next().await;
    assert!(
        matches!(late, Message::Late(span) if span >= Duration::from_secs(1)),
        "{late:?}"
    );
    bench.publish.send(ready(&[443])).unwrap();
    assert!(matches!(bench.inbox.next().await, Message::Latest(_)));
}

#[tokio::test]
async fn copying_goes_to_the_screen() {
    let bench = bench(ready(&[80]));
    let keys = bench.keys;
    let ports = ports(&bench.recorder, &|_| {});
    let mut paper = Paper::new(80, 24);
    let person = async {
        tokio::task::yield_now().await;
        for code in [KeyCode::Char('y'), KeyCode::Char('a'), KeyCode::Char('q')] {
            keys.send(key(code)).await.unwrap();
        }
    };
    let (app, ()) = tokio::join!(
        drive(&mut paper, bench.inbox, ports, empty_app(80, 24)),
        person
    );
    assert!(app.is_ok());
    assert_eq!(paper.done, [Effect::Copy("0.0.0.0:80".to_owned())]);
}

#[test]
fn options_are_where_the_dashboard_begins() {
    let options = Options {
        depth: ColorDepth::Mono,
        theme: None,
        ask: false,
        remembered: Remembered::default(),
        unremembered: None,
        ascii: false,
        graph: GraphSigns::Block,
        resolve: false,
        mouse: false,
        readonly: true,
        highlight: Duration::ZERO,
        interval: Duration::from_secs(2),
        paces: false,
        extent: Extent::default(),
        keymap: Keymap::default(),
        filters: vec![],
        columns: Column::USUAL.to_vec(),
        order: SortOrder {
            column: Column::Local,
            reverse: true,
        },
        filter: "nginx".to_owned(),
        start: Start::Port(1587),
        source_words: Some("demo\x1b.rec".to_owned()),
        local_time: TimeZone::UTC,
        panic: false,
    };
    let app = app(options, Registry::bundled());
    assert_eq!(app.page().unwrap().name(), "Port 1587");
    assert_eq!(app.filter.input.value(), "nginx");
    assert_eq!(app.setup.recording.as_deref(), Some("demo\\x1b.rec"));
    assert!(app.setup.readonly && !app.mouse);
}

#[tokio::test]
async fn a_filter_that_names_unix_sockets_has_them_read_while_it_stands() {
    let bench = bench(ready(&[80]));
    let keys = bench.keys;
    let told = std::cell::RefCell::new(vec![]);
    let commands = |command| told.borrow_mut().push(command);
    let ports = ports(&bench.recorder, &commands);
    let mut paper = Paper::new(80, 24);
    let person = async {
        keys.send(key(KeyCode::Char('/'))).await.unwrap();
        for letter in "proto:unix".chars() {
            keys.send(key(KeyCode::Char(letter))).await.unwrap();
        }
        until(|| told.borrow().len() == 1).await;
        keys.send(key(KeyCode::Esc)).await.unwrap();
        until(|| told.borrow().len() == 2).await;
        keys.send(key(KeyCode::Char('W'))).await.unwrap();
        until(|| told.borrow().len() == 3).await;
        keys.send(key(KeyCode::Char('q'))).await.unwrap();
    };
    let (app, ()) = tokio::join!(
        drive(&mut paper, bench.inbox, ports, empty_app(80, 24)),
        person
    );
    assert!(app.is_ok());
    let extent = |unix, all_namespaces| {
        Command::Extend(Extent {
            unix,
            all_namespaces,
        })
    };
    assert_eq!(
        *told.borrow(),
        [
            extent(true, false),
            extent(false, false),
            extent(false, true)
        ]
    );
}

#[tokio::test]
async fn a_sketch_is_shown_and_says_that_owners_are_read() {
    let mut sketch = fixture::snapshot(vec![fixture::listener(8443).build()]);
    sketch.coverage.owners = OwnersSeen::NotYet;
    sketch.owners_hidden = 0;
    let bench = bench(Latest::Sketched(Arc::new(sketch)));
    let (keys, publish) = (bench.keys, bench.publish);
    let ports = ports(&bench.recorder, &|_| {});
    let mut paper = Paper::new(120, 24);
    let person = async {
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
        keys.send(key(KeyCode::Char('q'))).await.unwrap();
    };
    let (app, ()) = tokio::join!(
        drive(&mut paper, bench.inbox, ports, empty_app(120, 24)),
        person
    );
    drop(publish);
    let text = paper.text();
    assert!(app.unwrap().timeline.count() == 0);
    assert!(text.contains("0.0.0.0:8443"), "{text}");
    assert!(text.contains("reading owners"), "{text}");
    assert!(!text.contains("hidden"), "{text}");
}

/// Answers for one address; for any other it hangs for as long as the test may take.
fn one_is_named(address: IpAddr) -> Option<String> {
    if address == fixture::address("203.0.113.9") {
        return Some("mail.example.com".to_owned());
    }
    std::thread::park_timeout(Duration::from_secs(30));
    None
}

#[tokio::test]
async fn names_are_drawn_when_they_come_and_a_lookup_that_hangs_holds_nothing_up() {
    let sockets = vec![
        fixture::connection("10.0.0.5:1", "203.0.113.9:443")
            .cookie(1)
            .build(),
        fixture::connection("10.0.0.5:2", "203.0.113.10:443")
            .cookie(2)
            .build(),
    ];
    let bench = bench(Latest::Ready(Arc::new(fixture::snapshot(sockets))));
    let drawn = Arc::new(Mutex::new(String::new()));
    let ports = Ports {
        lookup: one_is_named,
        ..ports(&bench.recorder, &|_| {})
    };
    let mut paper = Shown(Paper::new(160, 24), Arc::clone(&drawn));
    let shows = |text: &str| drawn.lock().unwrap().contains(text);
    let began = tokio::time::Instant::now();
    let person = async {
        until(|| shows("203.0.113.9:443")).await;
        assert!(!shows("mail.example.com"));
        bench.keys.send(key(KeyCode::Char('N'))).await.unwrap();
        until(|| shows("mail.example.com:443")).await;
        assert!(shows("203.0.113.10:443"));
        bench.keys.send(key(KeyCode::Char('N'))).await.unwrap();
        until(|| !shows("mail.example.com")).await;
        bench.keys.send(key(KeyCode::Char('q'))).await.unwrap();
    };
    let (app, ()) = tokio::join!(
        drive(&mut paper, bench.inbox, ports, empty_app(160, 24)),
        person
    );
    assert!(app.is_ok());
    assert!(
        began.elapsed() < Duration::from_secs(25),
        "it waited for a lookup"
    );
}

/// Paper that others may read while it is drawn on.
struct Shown(Paper, Arc<Mutex<String>>);

impl Screen for Shown {
    fn draw(&mut self, app: &App) -> io::Result<()> {
        self.0.draw(app)?;
        *self.1.lock().unwrap() = self.0.text();
        Ok(())
    }

    fn size(&self) -> io::Result<Size> {
        self.0.size()
    }

    fn give_back(&mut self, words: &str) -> io::Result<()> {
        self.0.give_back(words)
    }

    fn take_again(&mut self) -> io::Result<()> {
        self.0.take_again()
    }

    fn stop(&mut self) {
        self.0.stop();
    }

    fn go_on(&mut self) -> io::Result<()> {
        self.0.go_on()
    }

    fn perform(&mut self, effect: &Effect) -> io::Result<()> {
        self.0.perform(effect)
    }
}
