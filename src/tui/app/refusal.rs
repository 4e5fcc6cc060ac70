//! What is said of a key that asks for what cannot be had now: no key is dead without a word.

use super::App;
use crate::tui::{
    action::{Action, Place, View},
    keymap::Key,
};
use crossterm::event::KeyEvent;

impl App {
    /// Why `action` would do nothing; `None` where that needs no words, or it would.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "an action that always does something needs no words"
    )]
    pub(super) fn why_not(&self, action: Action) -> Option<String> {
        if self.can(action) || self.feed.shown.is_none() {
            return None;
        }
        let why = match action {
            Action::Signal | Action::CloseConnection | Action::Accept | Action::Ask
                if self.setup.recording.is_some() =>
            {
                "nothing can be done to what a recording shows".to_owned()
            }
            Action::CloseConnection => format!(
                "only an open TCP connection can be closed; {} is about its process",
                self.key_of(Action::Signal)
            ),
            Action::Signal => self.no_owner("no process is selected"),
            Action::OpenProcess => self.no_owner("nothing here has an owner"),
            Action::Open => self.nothing_to_open()?,
            Action::OpenPort => "nothing here has a port".to_owned(),
            Action::OpenConnection => "no single socket is selected".to_owned(),
            Action::Copy => "there is nothing to copy".to_owned(),
            Action::Ask => "only an open TCP port can be asked what it speaks".to_owned(),
            Action::Accept => self.nothing_to_accept(),
            Action::Undo => "nothing was accepted that could be taken back".to_owned(),
            Action::Accepted => "the policy accepts nothing of this".to_owned(),
            Action::Closer => "there is no shorter time to show".to_owned(),
            Action::Further => "this is all the time there is".to_owned(),
            Action::Pane if self.details => "there is no room for the pane".to_owned(),
            Action::Pane => format!("the pane is off; {} shows it", self.key_of(Action::Details)),
            Action::NextSection | Action::PreviousSection => "this page has one part".to_owned(),
            Action::NextLink | Action::PreviousLink => "nothing to open on this page".to_owned(),
            Action::Theme => "there is no other theme without colours".to_owned(),
            Action::Refresh | Action::Faster | Action::Slower | Action::Namespaces => {
                "a recording is shown as it was taken".to_owned()
            }
            Action::Suspend => "there is no shell to go back to".to_owned(),
            _ => return None,
        };
        Some(why)
    }

    /// Where a key works that does nothing here; `None` for one that works nowhere.
    pub(super) fn where_it_works(&self, key: KeyEvent) -> Option<String> {
        let entries = self.setup.keymap.elsewhere(key, self.place());
        let all = entries.map(|entry| format!("{}: {}", whereabouts(entry.places), entry.brief));
        let all: Vec<_> = all.collect();
        (!all.is_empty()).then(|| format!("{} works {}", Key::of(key).label(), all.join("; ")))
    }

    fn key_of(&self, action: Action) -> String {
        self.setup.keymap.first_key(action)
    }

    /// Why there is no process: none can be seen, else `otherwise`.
    fn no_owner(&self, otherwise: &str) -> String {
        let socket = self.subject_socket();
        if socket.is_some_and(|one| one.raw.state.can_have_owner() && one.closed_at.is_none()) {
            let why = self.key_of(Action::Why);
            return format!("its owner is not visible; {why} says how to see it");
        }
        otherwise.to_owned()
    }

    fn nothing_to_open(&self) -> Option<String> {
        match self.place() {
            Place::View(View::Processes) => Some(self.no_owner("its owner is not visible")),
            Place::View(_) => None,
            Place::Port | Place::Process | Place::Connection => {
                let next = self.key_of(Action::NextSection);
                Some(format!("{next} selects what can be opened"))
            }
        }
    }

    fn nothing_to_accept(&self) -> String {
        let socket = self.subject_socket();
        let words = match socket {
            Some(socket) if socket.closed_at.is_some() => "it has closed",
            Some(_) => "nothing was found here that could be accepted",
            None => "no single socket is selected",
        };
        words.to_owned()
    }

    /// Why there is no moment to go to.
    pub(super) fn nowhere_to_go(&self) -> &'static str {
        if self.timeline.count() == 0 {
            "nothing has happened yet"
        } else {
            "no event is shown to go to"
        }
    }
}

/// `in Sockets, Findings, on the page of a port`.
fn whereabouts(places: &[Place]) -> String {
    let views = View::ALL.map(Place::View);
    let is_everywhere = views.iter().all(|view| places.contains(view));
    let views = views.iter().filter(|view| places.contains(view));
    let views: Vec<_> = views.map(|view| view.name()).collect();
    let views = match views.as_slice() {
        [] => None,
        _ if is_everywhere => Some("in every view".to_owned()),
        some => Some(format!("in {}", some.join(", "))),
    };
    let pages = places.iter().filter_map(|place| match place {
        Place::View(_) => None,
        Place::Port | Place::Process | Place::Connection => {
            Some(format!("on the page of a {}", place.name().to_lowercase()))
        }
    });
    let all: Vec<_> = views.into_iter().chain(pages).collect();
    all.join(", ")
}
