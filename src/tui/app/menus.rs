//! What the menus offer: filters from the row, copies of it, exports, what can be accepted.

use super::{
    App,
    chooser::{Chooser, Does, Item, Kind},
    completion::quoted,
    ports::port_of,
};
use crate::{
    model::{Breadth, Direction, Entry, Socket, Verdict},
    tui::{
        action::View,
        effect::{Effect, Format},
    },
};

/// What is pressed in the menu of filters for the remote host.
pub(in crate::tui) const HOST: char = 'h';

impl App {
    /// Filters from the selected row.
    pub(super) fn quick_filters(&mut self) {
        let mut items = vec![];
        let mut term = |letter, term: String, words: &str| {
            items.push(Item::new(letter, term.clone(), words, Does::Term(term)));
        };
        if let Some(port) = self.subject_port() {
            term('p', format!("port:{port}"), "this port");
        }
        if let Some(owner) = self.owners().first() {
            term('r', format!("proc:{}", quoted(&owner.name)), "this program");
            if let Some(user) = &owner.user {
                term('u', format!("user:{}", quoted(user)), "this user");
            }
        }
        if let Some(socket) = self.subject_socket() {
            if let Some(peer) = socket.raw.peer() {
                term(
                    HOST,
                    format!("raddr:{}", peer.canonical()),
                    "this remote host",
                );
            }
            let verdict = socket.assessment.verdict;
            let at_least = matches!(
                verdict,
                Verdict::Notable | Verdict::Unusual | Verdict::Suspicious
            );
            let (operator, words) = if at_least {
                (">=", "as bad as this, or worse")
            } else {
                ("", "this verdict")
            };
            let name = verdict.name();
            term('v', format!("verdict:{operator}{name}"), words);
        }
        term('l', "!lo".to_owned(), "hide loopback");
        term('L', "listen".to_owned(), "only listeners");
        term('e', "estab".to_owned(), "only established connections");
        self.choose_from(Chooser::menu(Kind::QuickFilter, items));
    }

    /// Adds `term` to the filter; takes it out when it is there.
    pub(super) fn toggle_term(&mut self, term: &str) {
        self.pages.clear();
        let text = self.filter.input.value().to_owned();
        let mut terms: Vec<&str> = text.split_whitespace().collect();
        // A quoted value has blanks in it; such a filter is only added to.
        let plain = !text.contains(['"', '(', '|']);
        if plain && terms.contains(&term) {
            terms.retain(|one| *one != term);
            self.set_filter(&terms.join(" "));
        } else if text.is_empty() {
            self.set_filter(term);
        } else if text.contains('|') {
            self.set_filter(&format!("({text}) {term}"));
        } else {
            self.set_filter(&format!("{text} {term}"));
        }
    }

    /// What can be copied of the selected row or page.
    pub(super) fn copies(&mut self) {
        let mut items = vec![];
        let mut copy = |letter, name: &str, text: String| {
            items.push(Item::new(letter, name, &text.clone(), Does::Copy(text)));
        };
        if let Some(text) = self.to_copy() {
            copy('y', "what is selected", text);
        }
        if let Some(socket) = self.subject_socket() {
            copy('a', "local address", socket.raw.bound_to().to_string());
            if let Some(peer) = socket.raw.connected_to() {
                copy('r', "remote address", peer.to_string());
            }
        }
        if let Some(owner) = self.owners().first() {
            copy('p', "process id", owner.key.pid.to_string());
            if let Some(command) = owner.cmdline.known().filter(|all| !all.is_empty()) {
                let words: Vec<_> = command.iter().map(ToString::to_string).collect();
                copy('c', "command line", words.join(" "));
            }
        }
        if self.subject_socket().is_some() {
            items.push(Item::new('j', "JSON", "everything known", Does::CopyJson));
        }
        self.choose_from(Chooser::menu(Kind::Copy, items));
    }

    pub(super) fn copy_json(&mut self) -> Option<Effect> {
        let key = self.subject_socket()?.key();
        self.said = Some("copied: the socket as JSON".to_owned());
        Some(Effect::CopyJson(key))
    }

    /// In which form to write what is shown.
    pub(super) fn exports(&mut self) {
        let forms = [
            (
                'j',
                Format::Json,
                "JSON",
                "one object, as `list --format json`",
            ),
            ('c', Format::Csv, "CSV", "a table, as `list --format csv`"),
        ];
        let items = forms.map(|(letter, format, name, more)| {
            Item::new(letter, name, more, Does::Export(format))
        });
        let mut chooser = Chooser::menu(Kind::Export, items.into());
        let mut sockets = crate::model::text::plural(self.matching().len(), "socket");
        // The other views count something else.
        if self.view != View::Sockets {
            sockets.push_str(" behind the rows");
        }
        let filter = self.filter.understood.as_str();
        chooser.words = vec![if filter.is_empty() {
            format!("{sockets}, to a new file in the directory it was started in")
        } else {
            format!("{sockets} of \"{filter}\", to a new file here")
        }];
        self.choose_from(chooser);
    }

    /// How widely to accept the selected socket.
    pub(super) fn accept(&mut self) {
        let Some(snapshot) = self.feed.shown.clone() else {
            return;
        };
        let Some(socket) = self.socket_to_accept().cloned() else {
            return;
        };
        let rules: Vec<_> = socket
            .assessment
            .findings
            .iter()
            .map(|finding| finding.rule)
            .collect();
        let mut items = vec![];
        let mut refused = vec![];
        // A menu's line has no room for all of an entry, and this must not be overlooked.
        let mut even = vec![];
        for (letter, breadth, name) in [
            ('b', Breadth::ProgramAndPort, "this program on this port"),
            ('r', Breadth::Program, "this program on any port"),
            ('p', Breadth::Port, "this port, whatever serves it"),
        ] {
            match Entry::accepting(&socket, breadth, snapshot.ephemeral_ports) {
                Ok(entry) => {
                    let entry = entry.naming(rules.iter().copied());
                    let more = fields(&entry);
                    even.clone_from(&entry.rules);
                    items.push(Item::new(letter, name, &more, Does::Accept(entry)));
                }
                Err(why) => refused.push(format!("{name}: not possible, {}", why.words())),
            }
        }
        let mut chooser = Chooser::menu(Kind::Accept, items);
        chooser.words = vec![title(&socket)];
        chooser.words.extend(
            socket
                .assessment
                .findings
                .iter()
                .map(|finding| finding.title.clone()),
        );
        if !even.is_empty() {
            let words = format!("Each of these accepts it in spite of {}.", even.join(", "));
            chooser.words.push(words);
        }
        chooser.words.extend(refused);
        self.choose_from(chooser);
    }
}

fn title(socket: &Socket) -> String {
    let way = match (socket.direction, port_of(socket)) {
        (Direction::Listen, Some(port)) => format!("listener on {port}"),
        (_, Some(port)) => format!("connection about {port}"),
        (_, None) => "socket".to_owned(),
    };
    format!("{way}: {}", socket.raw.bound_to())
}

/// The fields of an entry, as they will stand in the policy.
fn fields(entry: &Entry) -> String {
    let mut words = vec![];
    if let Some(port) = entry.port {
        words.push(format!("port {port}"));
    }
    if let Some(program) = &entry.program {
        words.push(format!("program {program}"));
    }
    if let Some(script) = &entry.script {
        words.push(format!("script {script}"));
    }
    if let Some(exposure) = entry.exposure {
        words.push(format!("at most {}", exposure.name()));
    }
    if let Some(user) = &entry.user {
        words.push(format!("user {user}"));
    }
    if !entry.rules.is_empty() {
        words.push(format!("even {}", entry.rules.join(", ")));
    }
    words.join(", ")
}
