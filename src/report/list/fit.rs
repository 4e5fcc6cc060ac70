//! Which columns of a table a terminal has room for, and how wide each is there.

use super::Column;
use std::borrow::Cow;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// What stands between two columns.
const GAP: usize = 2;
/// As much as an IPv4 address with its port takes.
const IPV4: usize = 21;
/// What any address keeps: its beginning and its port.
const ADDRESS: usize = 16;
/// The columns that are left out where nobody asked for them, the least needed first.
const LEFT_OUT: [Column; 7] = [
    Column::Why,
    Column::User,
    Column::State,
    Column::Pid,
    Column::Protocol,
    Column::Service,
    Column::Remote,
];
/// The columns that get what room is left, those that say most with it first.
const GROWING: [Column; 6] = [
    Column::Local,
    Column::Remote,
    Column::Process,
    Column::Service,
    Column::Host,
    Column::User,
];

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) column: Column,
    /// Its header and its widest cell.
    pub(super) widest: usize,
    /// Its header and its widest cell that cannot be cut well: no IPv6 address and no path.
    stiff: usize,
    is_empty: bool,
}

impl Held {
    pub(super) fn header(column: Column, has_header: bool) -> Self {
        let width = if has_header { column.name().len() } else { 0 };
        Self {
            column,
            widest: width,
            stiff: width,
            is_empty: true,
        }
    }

    pub(super) fn take(&mut self, cell: &str) {
        let width = cell.width();
        self.is_empty &= width == 0;
        self.widest = self.widest.max(width);
        if !cell.starts_with(['[', '/', '@']) {
            self.stiff = self.stiff.max(width);
        }
    }

    pub(super) fn is_empty(self) -> bool {
        self.is_empty
    }

    /// As narrow as it may become.
    fn least(self) -> usize {
        let least = match self.column {
            Column::Local | Column::Remote => self.stiff.clamp(ADDRESS, IPV4),
            Column::Service => 10,
            Column::Process | Column::Host => 12,
            Column::User => 8,
            Column::Exe | Column::Cmd | Column::Unit | Column::Container | Column::Cgroup => 16,
            Column::Why => 24,
            Column::Verdict
            | Column::Protocol
            | Column::Family
            | Column::State
            | Column::Direction
            | Column::Exposure
            | Column::Pid
            | Column::Recv
            | Column::Send
            | Column::Rtt
            | Column::Inode
            | Column::Netns
            | Column::Memory
            | Column::Drops => self.widest,
        };
        least.max(self.column.name().len()).min(self.widest)
    }
}

/// How wide each column is, `None` where it is left out; all columns as wide as they are where `room` is `None`.
///
/// Where they do not fit, cells are cut down to what still tells something; where that does not help and `may_leave_out`,
/// columns go: the empty ones, then those that are least needed.
pub(super) fn fit(held: &[Held], room: Option<usize>, may_leave_out: bool) -> Vec<Option<usize>> {
    let widest = || {
        held.iter()
            .map(|held| Some(held.widest))
            .collect::<Vec<_>>()
    };
    let Some(room) = room.filter(|room| needs(&widest()) > *room) else {
        return widest();
    };
    let mut widths: Vec<_> = held.iter().map(|held| Some(held.least())).collect();
    if may_leave_out {
        for (width, _) in widths
            .iter_mut()
            .zip(held)
            .filter(|(_, held)| held.is_empty)
        {
            *width = None;
        }
        for column in LEFT_OUT {
            if needs(&widths) <= room {
                break;
            }
            if let Some(at) = held.iter().position(|held| held.column == column)
                && let Some(width) = widths.get_mut(at)
            {
                *width = None;
            }
        }
    }
    let mut left = room.saturating_sub(needs(&widths));
    let others = held.iter().map(|held| held.column);
    let others: Vec<_> = others.filter(|one| !GROWING.contains(one)).collect();
    for column in GROWING.into_iter().chain(others) {
        for (width, held) in widths.iter_mut().zip(held) {
            if let Some(width) = width.as_mut().filter(|_| held.column == column) {
                let more = (held.widest - *width).min(left);
                *width += more;
                left -= more;
            }
        }
    }
    widths
}

/// How wide a line of such columns is.
fn needs(widths: &[Option<usize>]) -> usize {
    let shown = widths.iter().flatten();
    let (columns, cells) = shown.fold((0, 0), |(count, sum), width| (count + 1, sum + width));
    cells + GAP * usize::saturating_sub(columns, 1)
}

/// A cell in `width` columns: of an address the port stays, of a path its end, of everything else its beginning.
pub(super) fn shortened(column: Column, cell: &str, width: usize) -> Cow<'_, str> {
    if cell.width() <= width {
        return Cow::Borrowed(cell);
    }
    let room = width.saturating_sub(1);
    if !matches!(column, Column::Local | Column::Remote) {
        return Cow::Owned(format!("{}…", beginning(cell, room)));
    }
    if cell.starts_with(['/', '@']) {
        return Cow::Owned(format!("…{}", end(cell, room)));
    }
    let port = cell.rfind("]:").or_else(|| cell.rfind(':'));
    let (address, port) = port
        .and_then(|at| cell.split_at_checked(at))
        .unwrap_or((cell, ""));
    let room = room.saturating_sub(port.width());
    Cow::Owned(format!("{}…{port}", beginning(address, room)))
}

/// As much of the beginning of `text` as goes into `room` columns.
fn beginning(text: &str, room: usize) -> &str {
    text.get(..taken(text.char_indices(), room)).unwrap_or("")
}

/// As much of its end.
fn end(text: &str, room: usize) -> &str {
    let mut from = text.len();
    let mut room = room;
    for (at, character) in text.char_indices().rev() {
        let Some(left) = room.checked_sub(character.width().unwrap_or(0)) else {
            break;
        };
        (room, from) = (left, at);
    }
    text.get(from..).unwrap_or("")
}

/// Where the characters end that go into `room` columns.
fn taken(characters: impl Iterator<Item = (usize, char)>, mut room: usize) -> usize {
    let mut until = 0;
    for (at, character) in characters {
        let Some(left) = room.checked_sub(character.width().unwrap_or(0)) else {
            break;
        };
        (room, until) = (left, at + character.len_utf8());
    }
    until
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usual(cells: &[[&str; 10]]) -> Vec<Held> {
        let mut held = Column::USUAL.map(|column| Held::header(column, true));
        for row in cells {
            for (held, cell) in held.iter_mut().zip(row) {
                held.take(cell);
            }
        }
        held.to_vec()
    }

    const V6: &str = "[2001:db8:1234:5678:9abc:def0:1234:5678]:49998";

    fn mixed() -> Vec<Held> {
        usual(&[
            [
                "suspicious",
                "tcp",
                "established",
                V6,
                V6,
                "http-alt →8080",
                "nginx-worker +12",
                "4194304",
                "www-data",
                "a long sentence about what was found",
            ],
            [
                "expected",
                "tcp",
                "listen",
                "127.0.0.1:11211",
                "",
                "memcache",
                "memcached",
                "15",
                "nobody",
                "",
            ],
        ])
    }

    fn shown(held: &[Held], room: usize) -> Vec<Column> {
        let widths = fit(held, Some(room), true);
        let shown = widths.iter().zip(held).filter(|(width, _)| width.is_some());
        shown.map(|(_, held)| held.column).collect()
    }

    #[test]
    fn what_fits_is_as_wide_as_it_is() {
        let held = mixed();
        let widest: Vec<_> = held.iter().map(|held| Some(held.widest)).collect();
        assert_eq!(fit(&held, None, true), widest);
        assert_eq!(fit(&held, Some(300), true), widest);
        let all = needs(&widest);
        assert_eq!(fit(&held, Some(all), true), widest);
        assert_ne!(fit(&held, Some(all - 1), true), widest);
    }

    #[test]
    fn who_has_which_address_is_told_in_60_columns() {
        use Column::{Local, Pid, Process, Protocol, Remote, Service, Verdict};
        assert_eq!(shown(&mixed(), 60), [Verdict, Local, Remote, Process]);
        assert_eq!(
            shown(&mixed(), 80),
            [Verdict, Protocol, Local, Remote, Service, Process]
        );
        let listener = [
            "suspicious",
            "tcp",
            "listen",
            V6,
            "",
            "pra-elmd",
            "python3",
            "17",
            "root",
            "why",
        ];
        assert_eq!(
            shown(&usual(&[listener]), 60),
            [Verdict, Protocol, Local, Service, Process, Pid]
        );
    }

    #[test]
    fn no_width_is_passed_and_what_room_there_is_is_used() {
        let held = mixed();
        for room in 56..300 {
            let widths = fit(&held, Some(room), true);
            assert!(needs(&widths) <= room, "{room}: {widths:?}");
        }
        // What was asked for stays.
        assert!(fit(&held, Some(40), false).iter().all(Option::is_some));
    }

    #[test]
    fn an_address_keeps_its_port_and_a_path_its_end() {
        let local = |cell, width| shortened(Column::Local, cell, width).into_owned();
        assert_eq!(local(V6, 20), "[2001:db8:12…]:49998");
        assert_eq!(local("203.0.113.100:65535", 16), "203.0.113…:65535");
        assert_eq!(local("/run/user/1000/bus", 10), "…/1000/bus");
        assert_eq!(local("[::]:80", 10), "[::]:80");
        assert_eq!(local("日本日本日本:80", 8), "日本…:80");
        assert_eq!(
            shortened(Column::Process, "chromium-browser", 9),
            "chromium…"
        );
    }
}
