//! The table of verbs: which keys each has at first, where it holds, and what it is called.

use super::{Action, Entry, Group, Place, View};
use crate::tui::keymap::{Key, ctrl, key, named};
use crossterm::event::KeyCode;

/// A line that holds everywhere and has no word in the footer.
const fn verb(
    action: Action,
    name: &'static str,
    keys: &'static [Key],
    group: Group,
    help: &'static str,
) -> Entry {
    Entry {
        action,
        name,
        keys,
        hint: "",
        brief: "",
        help,
        group,
        places: EVERYWHERE,
    }
}

impl Entry {
    const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    const fn brief(mut self, brief: &'static str) -> Self {
        self.brief = brief;
        self
    }

    const fn at(mut self, places: &'static [Place]) -> Self {
        self.places = places;
        self
    }
}

const SOCKETS: Place = Place::View(View::Sockets);
const PROCESSES: Place = Place::View(View::Processes);
const PORTS: Place = Place::View(View::Ports);
const FINDINGS: Place = Place::View(View::Findings);
const TIMELINE: Place = Place::View(View::Timeline);

const EVERYWHERE: &[Place] = &[
    SOCKETS,
    PROCESSES,
    PORTS,
    FINDINGS,
    TIMELINE,
    Place::Port,
    Place::Process,
    Place::Connection,
];
/// Where nothing asks for a place to go to.
const UNASKED: &[Place] = &[
    SOCKETS,
    PROCESSES,
    PORTS,
    FINDINGS,
    Place::Process,
    Place::Connection,
];
const ASKED: &[Place] = &[TIMELINE, Place::Port];
const BUT_TIMELINE: &[Place] = &[
    SOCKETS,
    PROCESSES,
    PORTS,
    FINDINGS,
    Place::Port,
    Place::Process,
    Place::Connection,
];
const VIEWS: &[Place] = &[SOCKETS, PROCESSES, PORTS, FINDINGS, TIMELINE];
const PAGES: &[Place] = &[Place::Port, Place::Process, Place::Connection];
const PORT: &[Place] = &[Place::Port];
const SORTED: &[Place] = &[SOCKETS, PROCESSES, PORTS];
const WITH_OWNER: &[Place] = &[
    SOCKETS,
    PORTS,
    FINDINGS,
    TIMELINE,
    Place::Port,
    Place::Connection,
];
const WITH_PORT: &[Place] = &[
    SOCKETS,
    PROCESSES,
    FINDINGS,
    TIMELINE,
    Place::Process,
    Place::Connection,
];
const WITH_SOCKET_OR_PAGE: &[Place] = &[
    SOCKETS,
    FINDINGS,
    Place::Port,
    Place::Process,
    Place::Connection,
];
const WITH_SOCKET: &[Place] = &[SOCKETS, FINDINGS, TIMELINE];

/// Everything a key can do. The order is that of footer and help.
pub(in crate::tui) const ACTIONS: &[Entry] = &[
    verb(
        Action::Back,
        "back",
        &[named(KeyCode::Esc), named(KeyCode::Backspace)],
        Group::Move,
        "back one step: page, then filter",
    )
    .brief("back one step")
    .hint("back"),
    verb(
        Action::Open,
        "open",
        &[named(KeyCode::Enter)],
        Group::Act,
        "open the page of the row or link",
    )
    .brief("open its page")
    .hint("open"),
    verb(
        Action::NextLink,
        "next-link",
        &[named(KeyCode::Tab)],
        Group::Move,
        "the next socket, process, port or command to open",
    )
    .brief("next link")
    .hint("next link")
    .at(PAGES),
    verb(
        Action::PreviousLink,
        "previous-link",
        &[named(KeyCode::BackTab)],
        Group::Move,
        "the link before",
    )
    .brief("link before")
    .at(PAGES),
    verb(
        Action::OtherPane,
        "other-pane",
        &[named(KeyCode::Tab), named(KeyCode::BackTab)],
        Group::Show,
        "the ports in use, or every port there is",
    )
    .brief("in use / every port")
    .hint("all ports")
    .at(&[PORTS]),
    verb(
        Action::Pane,
        "pane",
        &[named(KeyCode::Tab), named(KeyCode::BackTab)],
        Group::Show,
        "scroll the pane about the selected row, or move in the table",
    )
    .brief("the pane, the table")
    .at(&[SOCKETS, PROCESSES, FINDINGS, TIMELINE]),
    verb(
        Action::Filter,
        "filter",
        &[key('/')],
        Group::Find,
        "filter the sockets: port:443 proc:ssh state:listen !lo",
    )
    .brief("filter…")
    .hint("filter")
    .at(VIEWS),
    verb(
        Action::Signal,
        "signal",
        &[key('x'), named(KeyCode::Delete), named(KeyCode::F(9))],
        Group::Act,
        "send a signal to the owner; asks first",
    )
    .brief("send a signal…")
    .hint("signal"),
    verb(
        Action::CloseConnection,
        "close",
        &[key('K')],
        Group::Act,
        "close this one TCP connection; asks first",
    )
    .brief("close connection…"),
    verb(
        Action::Log,
        "log",
        &[key('L')],
        Group::Act,
        "what was done: signals, stops, closed connections",
    )
    .brief("what was done"),
    verb(
        Action::Pause,
        "pause",
        &[named(KeyCode::Char(' '))],
        Group::Time,
        "hold the view still; sockets are still read",
    )
    .brief("pause, resume")
    .hint("pause"),
    verb(
        Action::SortNext,
        "sort",
        &[key('s'), key('>')],
        Group::Show,
        "sort by the next column; or click its title",
    )
    .brief("sort by the next")
    .hint("sort")
    .at(SORTED),
    verb(
        Action::SortPrevious,
        "sort-previous",
        &[key('<')],
        Group::Show,
        "sort by the column before",
    )
    .brief("by the one before")
    .at(SORTED),
    verb(
        Action::SortReverse,
        "sort-reverse",
        &[key('S')],
        Group::Show,
        "the other way round",
    )
    .brief("the other way round")
    .at(SORTED),
    verb(
        Action::QuickFilter,
        "quick-filter",
        &[key('f')],
        Group::Find,
        "filter by the selected row (menu)",
    )
    .brief("filter by this row…")
    .hint("quick filter")
    .at(VIEWS),
    verb(
        Action::SavedFilters,
        "saved-filters",
        &[key('@')],
        Group::Find,
        "saved filters; keep the one of now",
    )
    .brief("saved filters…")
    .at(VIEWS),
    verb(
        Action::Palette,
        "palette",
        &[key(':'), ctrl('p')],
        Group::Find,
        "commands, ports, services, programs, process ids",
    )
    .brief("commands…")
    .hint("commands"),
    verb(
        Action::Group,
        "group",
        &[key('t')],
        Group::Show,
        "group by program, port, host, user, container, or not (menu)",
    )
    .brief("group by…")
    .hint("group")
    .at(&[SOCKETS]),
    verb(
        Action::Fold,
        "fold",
        &[named(KeyCode::Left), key('h')],
        Group::Show,
        "count the sockets of a group in one row",
    )
    .brief("fold the group")
    .at(&[SOCKETS]),
    verb(
        Action::Unfold,
        "unfold",
        &[named(KeyCode::Right), key('l')],
        Group::Show,
        "show the sockets of a group",
    )
    .brief("unfold the group")
    .at(&[SOCKETS]),
    verb(
        Action::Columns,
        "columns",
        &[key('C')],
        Group::Show,
        "choose the columns and their order",
    )
    .brief("columns…")
    .at(&[SOCKETS]),
    verb(
        Action::Follow,
        "follow",
        &[key('F')],
        Group::Time,
        "keep the selected row on its line of the screen",
    )
    .brief("follow this row")
    .at(&[SOCKETS]),
    verb(
        Action::OnlyFindings,
        "only-findings",
        &[key('z')],
        Group::Show,
        "only what rules found and found no more",
    )
    .brief("findings alone")
    .hint("only findings")
    .at(&[TIMELINE]),
    verb(
        Action::Accepted,
        "accepted",
        &[key('A')],
        Group::Show,
        "what the policy accepts, below what was found",
    )
    .brief("what is accepted")
    .hint("accepted")
    .at(&[FINDINGS]),
    verb(
        Action::Earlier,
        "earlier",
        &[named(KeyCode::Left), key('h')],
        Group::Move,
        "to what happened before, in the picture; or click there",
    )
    .brief("earlier")
    .at(&[TIMELINE]),
    verb(
        Action::Later,
        "later",
        &[named(KeyCode::Right), key('l')],
        Group::Move,
        "to what happened after it",
    )
    .brief("later")
    .at(&[TIMELINE]),
    verb(
        Action::GoTo,
        "go-to",
        &[key('g')],
        Group::Move,
        "go to a time, or to another port: type which",
    )
    .brief("go to…")
    .hint("go to")
    .at(ASKED),
    verb(
        Action::Closer,
        "zoom-in",
        &[key('+'), key('=')],
        Group::Show,
        "a shorter time in the picture",
    )
    .brief("zoom in")
    .hint("zoom in")
    .at(&[TIMELINE]),
    verb(
        Action::Further,
        "zoom-out",
        &[key('-')],
        Group::Show,
        "a longer time in the picture",
    )
    .brief("zoom out")
    .hint("zoom out")
    .at(&[TIMELINE]),
    verb(
        Action::Closed,
        "closed",
        &[key('z')],
        Group::Show,
        "what has closed since the dashboard began, among what is open",
    )
    .brief("what has closed")
    .at(&[SOCKETS]),
    verb(
        Action::Units,
        "units",
        &[key('u')],
        Group::Show,
        "throughput in bits or in bytes",
    )
    .brief("bits or bytes"),
    verb(
        Action::PortNames,
        "port-names",
        &[key('n')],
        Group::Show,
        "names or numbers of ports behind addresses",
    )
    .brief("names of ports")
    .at(&[SOCKETS]),
    verb(
        Action::HostNames,
        "host-names",
        &[key('N')],
        Group::Show,
        "names of other machines; DNS learns whom you look at",
    )
    .brief("names of hosts"),
    verb(
        Action::GoToPort,
        "go-to-port",
        &[key('o')],
        Group::Find,
        "any port there is: type a number or a name",
    )
    .brief("any port…")
    .hint("any port"),
    verb(
        Action::OpenProcess,
        "process",
        &[key('p')],
        Group::Act,
        "the page of the owner",
    )
    .brief("page of the owner")
    .hint("process")
    .at(WITH_OWNER),
    verb(
        Action::PreviousPort,
        "previous-port",
        &[named(KeyCode::Left), key('h')],
        Group::Move,
        "the port below this one",
    )
    .brief("port below")
    .at(PORT),
    verb(
        Action::NextPort,
        "next-port",
        &[named(KeyCode::Right), key('l')],
        Group::Move,
        "the port above this one",
    )
    .brief("port above")
    .hint("next port")
    .at(PORT),
    verb(
        Action::OpenPort,
        "port",
        &[key('P')],
        Group::Act,
        "the page of the port",
    )
    .brief("page of the port")
    .hint("port")
    .at(WITH_PORT),
    verb(
        Action::Details,
        "details",
        &[key('i')],
        Group::Show,
        "the pane about the selected row",
    )
    .brief("details pane")
    .hint("details")
    .at(VIEWS),
    verb(
        Action::OpenConnection,
        "connection",
        &[key('c')],
        Group::Act,
        "the page of this one socket",
    )
    .brief("page of the socket")
    .at(WITH_SOCKET),
    verb(
        Action::Ask,
        "ask",
        &[key('b')],
        Group::Act,
        "ask a listener what it speaks: connects to it, once",
    )
    .brief("ask what it speaks")
    .at(WITH_SOCKET_OR_PAGE),
    verb(
        Action::Accept,
        "accept",
        &[key('a')],
        Group::Act,
        "accept what was found, in the policy; asks how widely",
    )
    .brief("accept a finding…")
    .hint("accept"),
    verb(
        Action::Undo,
        "undo",
        &[key('U')],
        Group::Act,
        "take back what was accepted last",
    )
    .brief("undo the last accept")
    .hint("undo"),
    verb(
        Action::Export,
        "export",
        &[key('e')],
        Group::Act,
        "write what is shown to a file: JSON or CSV",
    )
    .brief("export to a file…")
    .at(&[SOCKETS, PROCESSES, PORTS, FINDINGS]),
    verb(
        Action::Why,
        "why",
        &[key('!')],
        Group::Program,
        "why some owners are hidden, and how to see them",
    )
    .brief("why owners are hidden"),
    verb(
        Action::Reveal,
        "reveal",
        &[key('v')],
        Group::Show,
        "show passwords, tokens and keys of the process, or hide them",
    )
    .brief("show secrets")
    .hint("secrets")
    .at(&[Place::Process]),
    verb(
        Action::Copy,
        "copy",
        &[key('y')],
        Group::Act,
        "copy the address, the process, all as JSON (menu)",
    )
    .brief("copy…")
    .hint("copy"),
    verb(
        Action::Show(View::Sockets),
        "sockets",
        &[key('1')],
        Group::Move,
        "the view of sockets; or click its tab",
    )
    .brief("Sockets"),
    verb(
        Action::Show(View::Processes),
        "processes",
        &[key('2')],
        Group::Move,
        "the view of processes, one row each",
    )
    .brief("Processes"),
    verb(
        Action::Show(View::Ports),
        "ports",
        &[key('3')],
        Group::Move,
        "the view of ports, and the whole registry",
    )
    .brief("Ports"),
    verb(
        Action::Show(View::Findings),
        "findings",
        &[key('4')],
        Group::Move,
        "the view of findings, one row a program",
    )
    .brief("Findings"),
    verb(
        Action::Show(View::Timeline),
        "timeline",
        &[key('5')],
        Group::Move,
        "the view of what happened since the start",
    )
    .brief("Timeline"),
    verb(
        Action::PreviousView,
        "previous-view",
        &[key('[')],
        Group::Move,
        "the view before",
    )
    .brief("view before"),
    verb(
        Action::NextView,
        "next-view",
        &[key(']')],
        Group::Move,
        "the next view",
    )
    .brief("next view"),
    verb(
        Action::Up,
        "up",
        &[named(KeyCode::Up), key('k')],
        Group::Move,
        "one line up; wheel",
    )
    .brief("line up"),
    verb(
        Action::Down,
        "down",
        &[named(KeyCode::Down), key('j')],
        Group::Move,
        "one line down; wheel",
    )
    .brief("line down"),
    verb(
        Action::PageUp,
        "page-up",
        &[named(KeyCode::PageUp), ctrl('u')],
        Group::Move,
        "half a page up",
    )
    .brief("half a page up"),
    verb(
        Action::PageDown,
        "page-down",
        &[named(KeyCode::PageDown), ctrl('d')],
        Group::Move,
        "half a page down",
    )
    .brief("half a page down"),
    verb(
        Action::First,
        "first",
        &[named(KeyCode::Home), key('g')],
        Group::Move,
        "to the first",
    )
    .brief("first")
    .at(UNASKED),
    verb(
        Action::Start,
        "start",
        &[named(KeyCode::Home)],
        Group::Move,
        "to the first",
    )
    .brief("first")
    .at(ASKED),
    verb(
        Action::Last,
        "last",
        &[named(KeyCode::End), key('G')],
        Group::Move,
        "to the last",
    )
    .brief("last"),
    verb(
        Action::Refresh,
        "refresh",
        &[key('r')],
        Group::Time,
        "read the sockets now",
    )
    .brief("read now"),
    verb(
        Action::Faster,
        "faster",
        &[key('+'), key('=')],
        Group::Time,
        "read them more often",
    )
    .brief("read more often")
    .at(BUT_TIMELINE),
    verb(
        Action::Slower,
        "slower",
        &[key('-')],
        Group::Time,
        "read them less often",
    )
    .brief("read less often")
    .at(BUT_TIMELINE),
    verb(
        Action::Namespaces,
        "namespaces",
        &[key('W')],
        Group::Time,
        "read every network namespace, or this one alone",
    )
    .brief("every namespace"),
    verb(
        Action::Mouse,
        "mouse",
        &[key('m')],
        Group::Program,
        "mouse on or off; off lets the terminal select text",
    )
    .brief("mouse on, off"),
    verb(
        Action::Theme,
        "theme",
        &[key('T')],
        Group::Program,
        "another theme",
    )
    .brief("another theme"),
    verb(
        Action::Redraw,
        "redraw",
        &[ctrl('l')],
        Group::Program,
        "draw everything again",
    )
    .brief("draw again"),
    verb(
        Action::Suspend,
        "suspend",
        &[ctrl('z')],
        Group::Program,
        "back to the shell; `fg` returns",
    )
    .brief("to the shell"),
    verb(
        Action::Help,
        "help",
        &[key('?'), named(KeyCode::F(1))],
        Group::Program,
        "this help",
    )
    .brief("this help")
    .hint("help"),
    verb(
        Action::Quit,
        "quit",
        &[key('q'), ctrl('c')],
        Group::Program,
        "leave",
    )
    .brief("quit")
    .hint("quit"),
];
