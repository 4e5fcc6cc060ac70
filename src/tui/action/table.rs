//! The table of verbs: which keys each has at first, where it holds, and what it is called.

use super::{
    Action, Entry, Group, Place, View,
    places::{
        ASKED, BUT_TIMELINE, EVERYWHERE, FINDINGS, PAGES, PORT, PORTS, PROCESSES, SOCKETS, SORTED,
        TIMELINE, UNASKED, VIEWS, WITH_OWNER, WITH_PORT, WITH_ROW, WITH_SOCKET,
        WITH_SOCKET_OR_PAGE,
    },
};
use crate::tui::keymap::{Key, ctrl, key, named};
use crossterm::event::KeyCode;

/// A line that holds everywhere and has no word in the footer; said in brief and in full.
const fn verb(
    action: Action,
    name: &'static str,
    keys: &'static [Key],
    group: Group,
    [brief, help]: [&'static str; 2],
) -> Entry {
    Entry {
        action,
        name,
        keys,
        hint: "",
        short: "",
        brief,
        help,
        group,
        places: EVERYWHERE,
    }
}

impl Entry {
    const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self.short = hint;
        self
    }

    /// The word for the footer where there is less room.
    const fn short(mut self, short: &'static str) -> Self {
        self.short = short;
        self
    }

    const fn at(mut self, places: &'static [Place]) -> Self {
        self.places = places;
        self
    }
}

/// Everything a key can do. The order is that of footer and help.
pub(in crate::tui) const ACTIONS: &[Entry] = &[
    verb(
        Action::Back,
        "back",
        &[named(KeyCode::Esc), named(KeyCode::Backspace)],
        Group::Move,
        ["back one step", "back one step: page, then filter"],
    )
    .hint("back"),
    verb(
        Action::Open,
        "open",
        &[named(KeyCode::Enter)],
        Group::Act,
        ["open its page", "open the page of the row or link"],
    )
    .hint("open"),
    verb(
        Action::NextSection,
        "next-section",
        &[named(KeyCode::Tab)],
        Group::Move,
        [
            "next section",
            "the next section of the page, and what can be opened there",
        ],
    )
    .hint("next section")
    .short("section")
    .at(PAGES),
    verb(
        Action::PreviousSection,
        "previous-section",
        &[named(KeyCode::BackTab)],
        Group::Move,
        ["section before", "the section before"],
    )
    .at(PAGES),
    verb(
        Action::NextLink,
        "next-link",
        &[key(')')],
        Group::Move,
        [
            "next link",
            "the next socket, process, port or command to open",
        ],
    )
    .at(PAGES),
    verb(
        Action::PreviousLink,
        "previous-link",
        &[key('(')],
        Group::Move,
        ["link before", "the link before"],
    )
    .at(PAGES),
    verb(
        Action::OtherPane,
        "other-pane",
        &[named(KeyCode::Tab), named(KeyCode::BackTab)],
        Group::Show,
        [
            "in use / every port",
            "the ports in use, or every port there is",
        ],
    )
    .hint("all ports")
    .short("all")
    .at(&[PORTS]),
    verb(
        Action::Pane,
        "pane",
        &[named(KeyCode::Tab), named(KeyCode::BackTab)],
        Group::Show,
        [
            "the pane, the table",
            "scroll the pane about the selected row, or move in the table",
        ],
    )
    .at(&[SOCKETS, PROCESSES, FINDINGS, TIMELINE]),
    verb(
        Action::Filter,
        "filter",
        &[key('/')],
        Group::Find,
        [
            "filter…",
            "filter the sockets: port:443 proc:ssh state:listen !lo",
        ],
    )
    .hint("filter")
    .at(VIEWS),
    verb(
        Action::Signal,
        "signal",
        &[key('x'), named(KeyCode::Delete), named(KeyCode::F(9))],
        Group::Act,
        ["send a signal…", "send a signal to the owner; asks first"],
    )
    .hint("signal"),
    verb(
        Action::CloseConnection,
        "close",
        &[key('K')],
        Group::Act,
        [
            "close connection…",
            "close this one TCP connection; asks first",
        ],
    ),
    verb(
        Action::Log,
        "log",
        &[key('L')],
        Group::Act,
        [
            "what was done",
            "what was done: signals, stops, closed connections",
        ],
    ),
    verb(
        Action::Pause,
        "pause",
        &[named(KeyCode::Char(' '))],
        Group::Time,
        [
            "pause, resume",
            "hold the view still; sockets are still read",
        ],
    )
    .hint("pause"),
    verb(
        Action::Palette,
        "palette",
        &[key(':'), ctrl('p')],
        Group::Find,
        [
            "commands…",
            "commands, ports, services, programs, process ids",
        ],
    )
    .hint("commands")
    .short("cmds"),
    verb(
        Action::SortNext,
        "sort",
        &[key('s'), key('>')],
        Group::Show,
        [
            "sort by the next",
            "sort by the next column; or click its title",
        ],
    )
    .hint("sort")
    .at(SORTED),
    verb(
        Action::SortPrevious,
        "sort-previous",
        &[key('<')],
        Group::Show,
        ["by the one before", "sort by the column before"],
    )
    .at(SORTED),
    verb(
        Action::SortReverse,
        "sort-reverse",
        &[key('S')],
        Group::Show,
        ["the other way round", "the other way round"],
    )
    .at(SORTED),
    verb(
        Action::QuickFilter,
        "quick-filter",
        &[key('f')],
        Group::Find,
        ["filter by this row…", "filter by the selected row (menu)"],
    )
    .hint("quick filter")
    .short("quick")
    .at(WITH_ROW),
    verb(
        Action::SavedFilters,
        "saved-filters",
        &[key('@')],
        Group::Find,
        ["saved filters…", "saved filters; keep the one of now"],
    )
    .at(VIEWS),
    verb(
        Action::Group,
        "group",
        &[key('t')],
        Group::Show,
        [
            "group by…",
            "group by program, port, host, user, container, or not (menu)",
        ],
    )
    .hint("group")
    .at(&[SOCKETS]),
    verb(
        Action::Fold,
        "fold",
        &[named(KeyCode::Left), key('h')],
        Group::Show,
        [
            "fold the group",
            "count the sockets of a group in one row; hide those of a finding",
        ],
    )
    .at(&[SOCKETS, FINDINGS]),
    verb(
        Action::Unfold,
        "unfold",
        &[named(KeyCode::Right), key('l')],
        Group::Show,
        [
            "unfold the group",
            "show the sockets of a group, more of those of a finding",
        ],
    )
    .at(&[SOCKETS, FINDINGS]),
    verb(
        Action::Columns,
        "columns",
        &[key('C')],
        Group::Show,
        ["columns…", "choose the columns and their order"],
    )
    .at(&[SOCKETS]),
    verb(
        Action::Follow,
        "follow",
        &[key('F')],
        Group::Time,
        [
            "follow this row",
            "keep the selected row on its line of the screen",
        ],
    )
    .at(&[SOCKETS]),
    verb(
        Action::OnlyFindings,
        "only-findings",
        &[key('z')],
        Group::Show,
        ["findings alone", "only what rules found and found no more"],
    )
    .hint("only findings")
    .short("found")
    .at(&[TIMELINE]),
    verb(
        Action::Accepted,
        "accepted",
        &[key('A')],
        Group::Show,
        [
            "what is accepted",
            "what the policy accepts, below what was found",
        ],
    )
    .hint("accepted")
    .at(&[FINDINGS]),
    verb(
        Action::Earlier,
        "earlier",
        &[named(KeyCode::Left), key('h')],
        Group::Move,
        [
            "earlier",
            "to what happened before, in the picture; or click there",
        ],
    )
    .at(&[TIMELINE]),
    verb(
        Action::Later,
        "later",
        &[named(KeyCode::Right), key('l')],
        Group::Move,
        ["later", "to what happened after it"],
    )
    .at(&[TIMELINE]),
    verb(
        Action::GoTo,
        "go-to",
        &[key('g')],
        Group::Move,
        ["go to…", "go to a time, or to another port: type which"],
    )
    .hint("go to")
    .at(ASKED),
    verb(
        Action::Closer,
        "zoom-in",
        &[key('+'), key('=')],
        Group::Show,
        ["zoom in", "a shorter time in the picture"],
    )
    .hint("zoom in")
    .short("in")
    .at(&[TIMELINE]),
    verb(
        Action::Further,
        "zoom-out",
        &[key('-')],
        Group::Show,
        ["zoom out", "a longer time in the picture"],
    )
    .hint("zoom out")
    .short("out")
    .at(&[TIMELINE]),
    verb(
        Action::Closed,
        "closed",
        &[key('z')],
        Group::Show,
        [
            "what has closed",
            "what has closed since the dashboard began, among what is open",
        ],
    )
    .at(&[SOCKETS]),
    verb(
        Action::Units,
        "units",
        &[key('u')],
        Group::Show,
        ["bits or bytes", "throughput in bits or in bytes"],
    ),
    verb(
        Action::PortNames,
        "port-names",
        &[key('n')],
        Group::Show,
        [
            "names of ports",
            "names or numbers of ports behind addresses",
        ],
    )
    .at(&[SOCKETS]),
    verb(
        Action::HostNames,
        "host-names",
        &[key('N')],
        Group::Show,
        [
            "names of hosts",
            "names of other machines; DNS learns whom you look at",
        ],
    ),
    verb(
        Action::GoToPort,
        "go-to-port",
        &[key('o')],
        Group::Find,
        ["any port…", "any port there is: type a number or a name"],
    )
    .hint("any port"),
    verb(
        Action::OpenProcess,
        "process",
        &[key('p')],
        Group::Act,
        ["page of the owner", "the page of the owner"],
    )
    .hint("process")
    .short("proc")
    .at(WITH_OWNER),
    verb(
        Action::PreviousPort,
        "previous-port",
        &[named(KeyCode::Left), key('h')],
        Group::Move,
        ["port below", "the port below this one"],
    )
    .at(PORT),
    verb(
        Action::NextPort,
        "next-port",
        &[named(KeyCode::Right), key('l')],
        Group::Move,
        ["port above", "the port above this one"],
    )
    .hint("next port")
    .short("next")
    .at(PORT),
    verb(
        Action::OpenPort,
        "port",
        &[key('P')],
        Group::Act,
        ["page of the port", "the page of the port"],
    )
    .hint("port")
    .at(WITH_PORT),
    verb(
        Action::Details,
        "details",
        &[key('i')],
        Group::Show,
        ["details pane", "the pane about the selected row"],
    )
    .hint("details")
    .short("info")
    .at(VIEWS),
    verb(
        Action::OpenConnection,
        "connection",
        &[key('c')],
        Group::Act,
        ["page of the socket", "the page of this one socket"],
    )
    .at(WITH_SOCKET),
    verb(
        Action::Ask,
        "ask",
        &[key('b')],
        Group::Act,
        [
            "ask what it speaks",
            "ask a listener what it speaks: connects to it, once",
        ],
    )
    .at(WITH_SOCKET_OR_PAGE),
    verb(
        Action::Accept,
        "accept",
        &[key('a')],
        Group::Act,
        [
            "accept a finding…",
            "accept what was found, in the policy; asks how widely",
        ],
    )
    .hint("accept"),
    verb(
        Action::Undo,
        "undo",
        &[key('U')],
        Group::Act,
        ["undo the last accept", "take back what was accepted last"],
    )
    .hint("undo"),
    verb(
        Action::Export,
        "export",
        &[key('e')],
        Group::Act,
        [
            "export to a file…",
            "write what is shown to a file: JSON or CSV",
        ],
    )
    .at(&[SOCKETS, PROCESSES, PORTS, FINDINGS]),
    verb(
        Action::Why,
        "why",
        &[key('!')],
        Group::Program,
        [
            "why owners are hidden",
            "why some owners are hidden, and how to see them",
        ],
    ),
    verb(
        Action::Doctor,
        "doctor",
        &[key('D')],
        Group::Program,
        [
            "what works here",
            "what works on this machine and this terminal, and how to get the rest",
        ],
    ),
    verb(
        Action::Reveal,
        "reveal",
        &[key('v')],
        Group::Show,
        [
            "show secrets",
            "show passwords, tokens and keys of the process, or hide them",
        ],
    )
    .hint("secrets")
    .at(&[Place::Process]),
    verb(
        Action::Copy,
        "copy",
        &[key('y')],
        Group::Act,
        ["copy…", "copy the address, the process, all as JSON (menu)"],
    )
    .hint("copy"),
    verb(
        Action::Show(View::Sockets),
        "sockets",
        &[key('1')],
        Group::Move,
        ["Sockets", "the view of sockets; or click its tab"],
    ),
    verb(
        Action::Show(View::Processes),
        "processes",
        &[key('2')],
        Group::Move,
        ["Processes", "the view of processes, one row each"],
    ),
    verb(
        Action::Show(View::Ports),
        "ports",
        &[key('3')],
        Group::Move,
        ["Ports", "the view of ports, and the whole registry"],
    ),
    verb(
        Action::Show(View::Findings),
        "findings",
        &[key('4')],
        Group::Move,
        ["Findings", "the view of findings, one row a program"],
    ),
    verb(
        Action::Show(View::Timeline),
        "timeline",
        &[key('5')],
        Group::Move,
        ["Timeline", "the view of what happened since the start"],
    ),
    verb(
        Action::PreviousView,
        "previous-view",
        &[key('[')],
        Group::Move,
        ["view before", "the view before"],
    ),
    verb(
        Action::NextView,
        "next-view",
        &[key(']')],
        Group::Move,
        ["next view", "the next view"],
    ),
    verb(
        Action::Up,
        "up",
        &[named(KeyCode::Up), key('k')],
        Group::Move,
        ["line up", "one line up; wheel"],
    ),
    verb(
        Action::Down,
        "down",
        &[named(KeyCode::Down), key('j')],
        Group::Move,
        ["line down", "one line down; wheel"],
    ),
    verb(
        Action::PageUp,
        "page-up",
        &[named(KeyCode::PageUp), ctrl('u')],
        Group::Move,
        ["half a page up", "half a page up"],
    ),
    verb(
        Action::PageDown,
        "page-down",
        &[named(KeyCode::PageDown), ctrl('d')],
        Group::Move,
        ["half a page down", "half a page down"],
    ),
    verb(
        Action::First,
        "first",
        &[named(KeyCode::Home), key('g')],
        Group::Move,
        ["first", "to the first"],
    )
    .at(UNASKED),
    verb(
        Action::Start,
        "start",
        &[named(KeyCode::Home)],
        Group::Move,
        ["first", "to the first"],
    )
    .at(ASKED),
    verb(
        Action::Last,
        "last",
        &[named(KeyCode::End), key('G')],
        Group::Move,
        ["last", "to the last"],
    ),
    verb(
        Action::Refresh,
        "refresh",
        &[key('r')],
        Group::Time,
        ["read now", "read the sockets now"],
    ),
    verb(
        Action::Faster,
        "faster",
        &[key('+'), key('=')],
        Group::Time,
        ["read more often", "read them more often"],
    )
    .at(BUT_TIMELINE),
    verb(
        Action::Slower,
        "slower",
        &[key('-')],
        Group::Time,
        ["read less often", "read them less often"],
    )
    .at(BUT_TIMELINE),
    verb(
        Action::Namespaces,
        "namespaces",
        &[key('W')],
        Group::Time,
        [
            "every namespace",
            "read every network namespace, or this one alone",
        ],
    ),
    verb(
        Action::Mouse,
        "mouse",
        &[key('m')],
        Group::Program,
        [
            "mouse on, off",
            "mouse on or off; off lets the terminal select text",
        ],
    ),
    verb(
        Action::Theme,
        "theme",
        &[key('T')],
        Group::Program,
        ["another theme", "another theme"],
    ),
    verb(
        Action::Redraw,
        "redraw",
        &[ctrl('l')],
        Group::Program,
        ["draw again", "draw everything again"],
    ),
    verb(
        Action::Suspend,
        "suspend",
        &[ctrl('z')],
        Group::Program,
        ["to the shell", "back to the shell; `fg` returns"],
    ),
    verb(
        Action::Help,
        "help",
        &[key('?'), named(KeyCode::F(1))],
        Group::Program,
        ["this help", "this help"],
    )
    .hint("help"),
    verb(
        Action::Quit,
        "quit",
        &[key('q'), ctrl('c')],
        Group::Program,
        ["quit", "leave"],
    )
    .hint("quit"),
];
