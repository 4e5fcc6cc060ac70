//! The palette: every action with its keys, and ways to ports, services, processes and saved filters.

use super::{
    App,
    chooser::{Chooser, Does, Item, Kind},
};
use crate::tui::action::{ACTIONS, Action, Entry};
use std::collections::BTreeSet;

/// Things that are offered at most, of each kind.
const MOST: usize = 8;

/// What else can be typed.
const WAYS: &str = "A number opens that port, a name finds services; pid:812 a process.";

impl App {
    /// Opens the palette.
    pub(super) fn open_palette(&mut self) {
        let mut chooser = Chooser::typed(Kind::Palette, self.palette(""));
        chooser.words = vec![WAYS.to_owned()];
        self.choose_from(chooser);
    }

    /// What fits `text`: actions that do something here, then ports, programs and saved filters.
    pub(super) fn palette(&self, text: &str) -> Vec<Item> {
        // Who is used to other programs types the colon again.
        let text = text.trim().trim_start_matches(':');
        let wanted = text.to_lowercase();
        let mut items = vec![];
        // Who types a number means a port or a process.
        if let Some(number) = number(text) {
            items.extend(self.numbered(number));
        }
        items.extend(self.actions(&wanted));
        if !wanted.is_empty() {
            items.extend(self.services(&wanted));
            items.extend(self.programs(&wanted));
            items.extend(self.saved_filters(text));
        }
        if items.is_empty() {
            // What is there comes before what may have been meant.
            items = self.nearly(&wanted);
        }
        items
    }

    fn actions(&self, wanted: &str) -> Vec<Item> {
        let mut offered = self.possible();
        offered.retain(|entry| fits(entry, wanted));
        // Who types the name of an action means that one.
        offered.sort_by_key(|entry| !entry.name.starts_with(wanted));
        let mut items: Vec<_> = offered.iter().map(|entry| self.item(entry)).collect();
        if let Some(tree) = self.tree(wanted) {
            let signal = offered
                .iter()
                .position(|entry| entry.action == Action::Signal);
            items.insert(signal.map_or(items.len(), |at| at + 1), tree);
        }
        items
    }

    /// The way to the signal for everything that a process started, where one can be sent.
    fn tree(&self, wanted: &str) -> Option<Item> {
        const LABEL: &str = "send a signal to the owner and all it started; asks first";
        const NAME: &str = "signal-tree";
        let said = format!("{LABEL} {NAME} kill end terminate stop whole process");
        let fits = wanted.split_whitespace().all(|word| said.contains(word));
        (fits && self.can(Action::Signal)).then(|| Item {
            letter: None,
            label: LABEL.to_owned(),
            more: NAME.to_owned(),
            keys: format!("{} t", self.setup.keymap.first_key(Action::Signal)),
            does: Does::Tree,
        })
    }

    /// The actions that are called nearly so: one letter too many, too few or another one.
    fn nearly(&self, wanted: &str) -> Vec<Item> {
        let mut offered = self.possible();
        offered.retain(|entry| nearly_fits(entry, wanted));
        offered.sort_by_key(|entry| strsim::osa_distance(entry.name, wanted));
        offered.into_iter().map(|entry| self.item(entry)).collect()
    }

    /// The actions that do something here.
    fn possible(&self) -> Vec<&'static Entry> {
        let place = self.place();
        let possible = ACTIONS.iter().filter(|entry| {
            entry.places.contains(&place)
                && entry.action != Action::Palette
                && self.can(entry.action)
        });
        possible.collect()
    }

    fn item(&self, entry: &Entry) -> Item {
        Item {
            letter: None,
            label: entry.help.to_owned(),
            more: entry.name.to_owned(),
            keys: self.setup.keymap.keys_text(entry.action),
            does: Does::Act(entry.action),
        }
    }

    fn numbered(&self, number: u32) -> Vec<Item> {
        let mut items = vec![];
        if let Ok(port) = u16::try_from(number) {
            let label = self.setup.registry.page(port, None).label;
            let label = label.unwrap_or("no name");
            items.push(way(format!("port {port}"), label, Does::Port(port)));
        }
        let snapshot = self.feed.shown.as_deref();
        let processes = snapshot.map(|one| one.processes.as_slice());
        let found = processes.unwrap_or_default().iter();
        for process in found.filter(|process| process.key.pid == number) {
            let label = format!("process {number}");
            items.push(way(label, &process.name, Does::Process(process.key)));
        }
        items
    }

    fn services(&self, wanted: &str) -> Vec<Item> {
        let registry = self.setup.registry;
        let name = wanted.strip_prefix("port:").unwrap_or(wanted);
        let mut names = registry.names_beginning(name);
        names.sort_unstable_by_key(|found| found.len());
        names.truncate(MOST);
        let ports = registry.ports_of_names(&names).into_iter().take(MOST);
        ports
            .map(|(port, name)| way(format!("port {port}"), name, Does::Port(port)))
            .collect()
    }

    fn programs(&self, wanted: &str) -> Vec<Item> {
        let Some(snapshot) = self.feed.shown.as_deref() else {
            return vec![];
        };
        let pid = wanted.strip_prefix("pid:").and_then(number);
        let found = snapshot.processes.iter().filter(|process| match pid {
            Some(pid) => process.key.pid == pid,
            None => process.name.to_lowercase().contains(wanted),
        });
        let found = found.take(MOST);
        found
            .map(|process| {
                let label = format!("process {}", process.key.pid);
                way(label, &process.name, Does::Process(process.key))
            })
            .collect()
    }

    /// The saved filters that fit `text`; without a text all.
    pub(super) fn saved_filters(&self, text: &str) -> Vec<Item> {
        let wanted = text.trim_start_matches('@').to_lowercase();
        let mut seen = BTreeSet::new();
        let all = self.setup.filters.iter().chain(&self.kept);
        let fitting = all.filter(|(name, filter)| {
            name.to_lowercase().contains(&wanted) || filter.to_lowercase().contains(&wanted)
        });
        fitting
            .filter(|(name, _)| seen.insert(name.clone()))
            .map(|(name, filter)| Item {
                letter: None,
                label: format!("@{name}"),
                more: filter.clone(),
                keys: String::new(),
                does: Does::Filter(filter.clone()),
            })
            .collect()
    }

    /// The saved filters that fit `text`, and what can be kept under that name, or forgotten.
    pub(super) fn saved_and_to_keep(&self, text: &str) -> Vec<Item> {
        let mut items = self.saved_filters(text);
        let now = self.filter.understood.as_str();
        let typed = text.trim().trim_start_matches('@');
        let is_kept = self.kept.iter().any(|(_, filter)| filter == now);
        let (name, label) = match typed {
            "" => (now, "keep the filter of now".to_owned()),
            name => (name, format!("keep the filter of now as @{name}")),
        };
        if now.is_empty() {
            return items;
        }
        let so_called = |(taken, _): &&(String, String)| taken == name;
        let before = self.kept.iter().find(so_called);
        let keep = Does::Keep(name.to_owned());
        if is_kept && typed.is_empty() {
            let label = "forget the filter of now".to_owned();
            items.push(way(label, now, Does::Forget));
        } else if self.is_configured(name) {
            // What stands in the configuration is changed there.
        } else if let Some((_, before)) = before {
            let label = format!("replace @{name} by the filter of now");
            let more = format!("{before}, from now on {now}");
            items.extend((before != now).then(|| way(label, &more, keep)));
        } else {
            items.push(way(label, now, keep));
        }
        items
    }

    /// Whether a filter of this name stands in the configuration.
    fn is_configured(&self, name: &str) -> bool {
        let mut all = self.setup.filters.iter();
        all.any(|(taken, _)| taken == name)
    }

    /// What is to be said above the saved filters while a name is typed.
    pub(super) fn said_of_saved(&self, text: &str) -> Vec<String> {
        let typed = text.trim().trim_start_matches('@');
        let words = if self.filter.understood.is_empty() {
            return vec![];
        } else if self.is_configured(typed) {
            format!("@{typed} stands in the configuration, and is changed there.")
        } else {
            "Type a name to keep the filter of now under it.".to_owned()
        };
        vec![words]
    }

    /// Opens the saved filters.
    pub(super) fn open_saved_filters(&mut self) {
        let mut chooser = Chooser::typed(Kind::SavedFilters, self.saved_and_to_keep(""));
        if chooser.items.is_empty() {
            chooser.words = vec!["None yet: set a filter first, then keep it here.".to_owned()];
        } else {
            chooser.words = self.said_of_saved("");
        }
        self.choose_from(chooser);
    }
}

fn way(label: String, more: &str, does: Does) -> Item {
    Item {
        letter: None,
        label,
        more: more.to_owned(),
        keys: String::new(),
        does,
    }
}

fn number(text: &str) -> Option<u32> {
    text.parse().ok()
}

/// Whether every word of `wanted` is somewhere in what is said of the action, or in what else it is called.
fn fits(entry: &Entry, wanted: &str) -> bool {
    let said = said_of(entry);
    wanted.split_whitespace().all(|word| said.contains(word))
}

/// Whether every word of `wanted` is nearly a word that is said of the action.
fn nearly_fits(entry: &Entry, wanted: &str) -> bool {
    const SHORTEST: usize = 4;
    let said = said_of(entry);
    let words = said.split(|one: char| !one.is_alphanumeric());
    let words: Vec<&str> = words.filter(|word| word.len() >= SHORTEST).collect();
    let is_near = |one: &str| {
        words
            .iter()
            .any(|word| strsim::osa_distance(one, word) <= 1)
    };
    let mut wanted = wanted.split_whitespace();
    wanted.all(|one| one.chars().count() >= SHORTEST && is_near(one))
}

fn said_of(entry: &Entry) -> String {
    let also = also(entry.action);
    format!("{} {} {} {also}", entry.name, entry.help, entry.hint).to_lowercase()
}

/// What else people call an action, or look for when they mean it.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "most are called as their help says"
)]
fn also(action: Action) -> &'static str {
    match action {
        Action::Signal => "kill end terminate stop tree",
        Action::CloseConnection => "kill disconnect drop reset",
        Action::Accept => "allow ignore expect policy",
        Action::Undo => "take back",
        Action::Pause => "freeze",
        Action::Filter => "search find",
        Action::Export => "save write",
        Action::Copy => "clipboard yank",
        Action::Columns => "fields",
        Action::HostNames => "resolve reverse",
        Action::Namespaces => "containers netns",
        Action::Why => "sudo root privilege permission",
        Action::Doctor => "check detected privilege colours utf-8",
        Action::Theme => "colours dark light",
        Action::Refresh => "reload update",
        Action::Faster | Action::Slower => "interval rate",
        Action::Quit => "exit",
        _ => "",
    }
}
