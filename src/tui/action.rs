//! Everything a person can bind a key to: one table feeds the keys, the footer, the help and the palette.

mod places;
mod table;

pub(super) use table::ACTIONS;

use super::keymap::Key;

/// A verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Action {
    Show(View),
    NextView,
    PreviousView,
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    NextSection,
    PreviousSection,
    NextLink,
    PreviousLink,
    OtherPane,
    Pane,
    PreviousPort,
    NextPort,
    Open,
    OpenProcess,
    OpenPort,
    OpenConnection,
    GoToPort,
    GoTo,
    Closer,
    Further,
    Start,
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
    OnlyFindings,
    Reveal,
    Earlier,
    Later,
    Accepted,
    Closed,
    Units,
    PortNames,
    HostNames,
    Fold,
    Unfold,
    Group,
    Columns,
    Follow,
    QuickFilter,
    SavedFilters,
    Palette,
    Why,
    Ask,
    Accept,
    Undo,
    Export,
    Signal,
    CloseConnection,
    Log,
    Doctor,
    Copy,
    Namespaces,
    Mouse,
    Redraw,
    Theme,
    Help,
    Suspend,
    Quit,
}

/// One of the views, each a table over everything that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) enum View {
    #[default]
    Sockets,
    Processes,
    Ports,
    Findings,
    Timeline,
}

impl Action {
    /// Whether it does nothing but move the selection of a view.
    pub(super) fn is_movement(self) -> bool {
        matches!(
            self,
            Self::Up
                | Self::Down
                | Self::PageUp
                | Self::PageDown
                | Self::First
                | Self::Start
                | Self::Last
        )
    }
}

impl View {
    /// Every view, in the order of the tabs.
    pub(super) const ALL: [Self; 5] = [
        Self::Sockets,
        Self::Processes,
        Self::Ports,
        Self::Findings,
        Self::Timeline,
    ];

    /// Its title.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Sockets => "Sockets",
            Self::Processes => "Processes",
            Self::Ports => "Ports",
            Self::Findings => "Findings",
            Self::Timeline => "Timeline",
        }
    }

    /// Its title where there is less room.
    pub(super) fn short_title(self) -> &'static str {
        match self {
            Self::Sockets => "Sock",
            Self::Processes => "Proc",
            Self::Ports => "Ports",
            Self::Findings => "Find",
            Self::Timeline => "Time",
        }
    }

    /// The view so many tabs to the right, round the end.
    pub(super) fn beside(self, by: isize) -> Self {
        let count = Self::ALL.len();
        let at = (self as usize + count).saturating_add_signed(by) % count;
        Self::ALL.get(at).copied().unwrap_or_default()
    }
}

/// Where a person is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// One of the views.
    View(View),
    /// The page of a port.
    Port,
    /// The page of a process.
    Process,
    /// The page of a connection.
    Connection,
}

impl Place {
    /// What it is called.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::View(view) => view.title(),
            Self::Port => "Port",
            Self::Process => "Process",
            Self::Connection => "Connection",
        }
    }
}

/// The longest that is said of an action in brief.
pub(super) const BRIEF: usize = 22;

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
        Self::Find,
        Self::Act,
        Self::Time,
        Self::Show,
        Self::Move,
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
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) action: Action,
    /// What it is called in the configuration.
    pub(super) name: &'static str,
    /// The keys it has unless the configuration says otherwise.
    pub(super) keys: &'static [Key],
    /// A word for the footer; empty for what is only in the help.
    pub(super) hint: &'static str,
    /// The same where there is less room.
    pub(super) short: &'static str,
    /// What it does in at most [`BRIEF`] columns, for the help where several columns stand side by side.
    pub(super) brief: &'static str,
    /// What it does, for the help.
    pub(super) help: &'static str,
    pub(super) group: Group,
    pub(super) places: &'static [Place],
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr as _;

    #[test]
    fn every_action_says_in_brief_what_it_does() {
        for entry in ACTIONS {
            let columns = entry.brief.width();
            assert!(
                (1..=BRIEF).contains(&columns),
                "{}: {:?}",
                entry.name,
                entry.brief
            );
        }
    }

    #[test]
    fn a_short_word_for_the_footer_is_no_longer_than_the_other() {
        for entry in ACTIONS {
            assert!(entry.short.width() <= entry.hint.width(), "{}", entry.name);
            assert_eq!(entry.short.is_empty(), entry.hint.is_empty());
        }
    }
}
