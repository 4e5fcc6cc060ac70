//! Everything a person can bind a key to: one table feeds the keys, the footer and the help.

use super::keymap::{Key, ctrl, key, named};
use crossterm::event::KeyCode;

/// A verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    NextLink,
    PreviousLink,
    PreviousPort,
    NextPort,
    Open,
    OpenProcess,
    OpenPort,
    OpenConnection,
    Back,
    Filter,
    SortNext,
    SortPrevious,
    SortReverse,
    Pause,
    Refresh,
    Faster,
    Slower,
    Details,
    Signal,
    Copy,
    Mouse,
    Redraw,
    Help,
    Suspend,
    Quit,
}

/// Where a person is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The table of sockets.
    Table,
    /// The page of a port.
    Port,
    /// The page of a process.
    Process,
    /// The page of a connection.
    Connection,
}

/// Heading of a part of the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    Move,
    Find,
    Act,
    Show,
    Time,
    Program,
}

impl Group {
    /// Every group, in the order of the help.
    pub(super) const ALL: [Self; 6] = [
        Self::Move,
        Self::Find,
        Self::Act,
        Self::Show,
        Self::Time,
        Self::Program,
    ];

    /// Its title.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Move => "Move",
            Self::Find => "Find",
            Self::Act => "Act",
            Self::Show => "Show",
            Self::Time => "Time",
            Self::Program => "Program",
        }
    }
}

/// One line of the table.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) action: Action,
    pub(super) keys: &'static [Key],
    /// A word for the footer; empty for what is only in the help.
    pub(super) hint: &'static str,
    /// What it does, for the help.
    pub(super) help: &'static str,
    pub(super) group: Group,
    pub(super) places: &'static [Place],
}

const EVERYWHERE: &[Place] = &[Place::Table, Place::Port, Place::Process, Place::Connection];
const TABLE: &[Place] = &[Place::Table];
const PAGES: &[Place] = &[Place::Port, Place::Process, Place::Connection];
const PORT: &[Place] = &[Place::Port];
const NOT_PORT: &[Place] = &[Place::Table, Place::Process, Place::Connection];
const NOT_PROCESS: &[Place] = &[Place::Table, Place::Port, Place::Connection];

/// Everything a key can do. The order is that of footer and help.
pub(super) const ACTIONS: &[Entry] = &[
    Entry {
        action: Action::Back,
        keys: &[named(KeyCode::Esc), named(KeyCode::Backspace)],
        hint: "back",
        help: "back one step: page, then filter",
        group: Group::Move,
        places: EVERYWHERE,
    },
    Entry {
        action: Action::Open,
        keys: &[named(KeyCode::Enter)],
        hint: "open",
        help: "open the page of the row or link",
        group: Group::Act,
        places: EVERYWHERE,
    },
    Entry {
        action: Action::NextLink,
        keys: &[named(KeyCode::Tab)],
        hint: "next link",
        help: "the next socket, process, port or command to open",
        group: Group::Move,
        places: PAGES,
    },
    Entry {
        action: Action::PreviousLink,
        keys: &[named(KeyCode::BackTab)],
        hint: "",
        help: "the link before",
        group: Group::Move,
        places: PAGES,
    },
    Entry {
        action: Action::Filter,
        keys: &[key('/')],
        hint: "filter",
        help: "filter the sockets: port:443 proc:ssh state:listen !lo",
        group: Group::Find,
        places: TABLE,
    },
    Entry {
        action: Action::Signal,
        keys: &[key('x'), named(KeyCode::Delete), named(KeyCode::F(9))],
        hint: "signal",
        help: "send a signal to the owner; asks first",
        group: Group::Act,
        places: EVERYWHERE,
    },
    Entry {
        action: Action::SortNext,
        keys: &[key('s'), key('>')],
        hint: "sort",
        help: "sort by the next column; or click its title",
        group: Group::Show,
        places: TABLE,
    },
    Entry {
        action: Action::SortPrevious,
        keys: &[key('<')],
        hint: "",
        help: "sort by the column before",
        group: Group::Show,
        places: TABLE,
    },
    Entry {
        action: Action::SortReverse,
        keys: &[key('S')],
        hint: "",
        help: "the other way round",
        group: Group::Show,
        places: TABLE,
    },
    Entry {
        action: Action::Pause,
        keys: &[named(KeyCode::Char(' '))],
        hint: "pause",
        help: "hold the view still; sockets are still read",
        group: Group::Time,
        places: EVERYWHERE,
    },
    Entry {
        action: Action::OpenProcess,
        keys: &[key('p')],
        hint: "process",
        help: "the page of the owner",
        group: Group::Act,
        places: NOT_PROCESS,
    },
    Entry {
        action: Action::PreviousPort,
        keys: &[named(KeyCode::Left), key('h')],
        hint: "",
        help: "the port below this one",
        group: Group::Move,
        places: PORT,
    },
    Entry {
        action: Action::NextPort,
        keys: &[named(KeyCode::Right), key('l')],
        hint: "next port",
        help: "the port above this one",
        group: Group::Move,
        places: PORT,
    },
    Entry {
        action: Action::OpenPort,
        keys: &[key('P')],
        hint: "port",
        help: "the page of the port",
        group: Group::Act,
        places: NOT_PORT,
    },
    Entry {
        action: Action::Details,
        keys: &[key('i')],
        hint: "details",
        help: "the pane about the selected socket",
        group: Group::Show,
        places: TABLE,
    },
    Entry {
        action: Action::OpenConnection,
        keys: &[key('c')],
        hint: "",
        help: "the page of this one socket",
        group: Group::Act,
        places: TABLE,
    },
    Entry {
        action: Action::Copy,
        keys: &[key('y')],
        hint: "copy",
        help: "copy the address, or the selected command",
        group: Group::Act,
        places: EVERYWHERE,
    },
    Entry {
        action: Action::Up,
        keys: &[named(KeyCode::Up), key('k')],
        hint: "",
        help: "one line up; wheel",
        group: Group::Move,
        places: EVERYWHERE,
    },
    Entry {
        action: Action::Down,
        keys: &[named(KeyCode::Down), key('j')],
        hint: "",
        help: "one line down; wheel",
        group: Group::Move,
        places: EVERYWHERE,
    },
    Entry {
        action: Action::PageUp,
        keys: &[named(KeyCode::PageUp), ctrl('u')],
        hint: "",
        help: "half a page up",
        group: Group::Move,
        places: EVERYWHERE,
    },
    Entry {
        action: Action::PageDown,
        keys: &[named(KeyCode::PageDown), ctrl('d')],
        hint: "",
        help: "half a page down",
        group: Group::Move,
        places: EVERYWHERE,
    },
    Entry {
        action: Action::First,
        keys: &[named(KeyCode::Home), key('g')],
        hint: "",
        help: "to the first",
        group: Group::Move,
        places: EVERYWHERE,
    },
    Entry {
        action: Action::Last,
        keys: &[named(KeyCode::End), key('G')],
        hint: "",
        help: "to the last",
        group: Group::Move,
        places: EVERYWHERE,
    },
    Entry {
        action: Action::Refresh,
        keys: &[key('r')],
        hint: "",
        help: "read the sockets now",
        group: Group::Time,
        places: EVERYWHERE,
    },
    Entry {
        action: Action::Faster,
        keys: &[key('+'), key('=')],
        hint: "",
        help: "read them more often",
        group: Group::Time,
        places: EVERYWHERE,
    },
    Entry {
        action: Action::Slower,
        keys: &[key('-')],
        hint: "",
        help: "read them less often",
        group: Group::Time,
        places: EVERYWHERE,
    },
    Entry {
        action: Action::Mouse,
        keys: &[key('m')],
        hint: "",
        help: "mouse on or off; off lets the terminal select text",
        group: Group::Program,
        places: EVERYWHERE,
    },
    Entry {
        action: Action::Redraw,
        keys: &[ctrl('l')],
        hint: "",
        help: "draw everything again",
        group: Group::Program,
        places: EVERYWHERE,
    },
    Entry {
        action: Action::Suspend,
        keys: &[ctrl('z')],
        hint: "",
        help: "back to the shell; `fg` returns",
        group: Group::Program,
        places: EVERYWHERE,
    },
    Entry {
        action: Action::Help,
        keys: &[key('?'), named(KeyCode::F(1))],
        hint: "help",
        help: "this help",
        group: Group::Program,
        places: EVERYWHERE,
    },
    Entry {
        action: Action::Quit,
        keys: &[key('q'), ctrl('c')],
        hint: "quit",
        help: "leave",
        group: Group::Program,
        places: EVERYWHERE,
    },
];

impl Entry {
    /// Its keys, as a person reads them: `j ↓`.
    pub(super) fn keys_text(&self) -> String {
        let keys: Vec<_> = self.keys.iter().map(|key| key.label()).collect();
        keys.join(" ")
    }

    /// The key to show where there is room for one.
    pub(super) fn first_key(&self) -> String {
        self.keys.first().map(|key| key.label()).unwrap_or_default()
    }
}
