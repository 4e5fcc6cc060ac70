//! The columns of the views that are not about single sockets.

use super::{MARGIN, Slot};

/// A column of a view.
#[derive(Debug, Clone, Copy)]
pub(in crate::tui) struct Field<C: 'static> {
    pub(in crate::tui) column: C,
    /// Its title; with the columns it has on a narrow screen, where that differs.
    pub(in crate::tui) title: &'static str,
    /// Its columns; those that others leave it at least, for the one that takes what is left.
    width: u16,
    /// Which is given up first: the highest. 0 is never given up.
    rank: u8,
    /// Its values stand on the right.
    pub(in crate::tui) number: bool,
    /// It takes what is left.
    grows: bool,
}

/// A column of processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui) enum OfProcess {
    Verdict,
    Name,
    Pid,
    User,
    Sockets,
    Listens,
    Rx,
    Tx,
    Unit,
}

/// A column of ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui) enum OfPort {
    Verdict,
    Port,
    Protocols,
    Service,
    Tier,
    Listeners,
    Connections,
    Programs,
    Rx,
    Tx,
}

/// A column of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui) enum OfStory {
    Verdict,
    What,
    Program,
    Sockets,
    Since,
}

/// A column of the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui) enum OfEvent {
    Time,
    /// How long after the event before.
    Apart,
    Event,
    Verdict,
    Socket,
    Program,
    Detail,
}

const fn field<C>(column: C, title: &'static str, width: u16, rank: u8) -> Field<C> {
    Field {
        column,
        title,
        width,
        rank,
        number: false,
        grows: false,
    }
}

impl<C> Field<C> {
    const fn number(mut self) -> Self
    where
        C: Copy,
    {
        self.number = true;
        self
    }

    const fn grows(mut self) -> Self
    where
        C: Copy,
    {
        self.grows = true;
        self
    }
}

/// The columns of processes, from left to right.
pub(in crate::tui) const PROCESSES: &[Field<OfProcess>] = &[
    field(OfProcess::Verdict, "VERDICT", 8, 0),
    field(OfProcess::Name, "PROCESS", 13, 0).grows(),
    field(OfProcess::Pid, "PID", 7, 1).number(),
    field(OfProcess::User, "USER", 9, 5),
    field(OfProcess::Sockets, "SOCKETS", 7, 3).number(),
    field(OfProcess::Listens, "LISTENS ON", 14, 2),
    field(OfProcess::Rx, "↓ B/s", 7, 4).number(),
    field(OfProcess::Tx, "↑ B/s", 7, 4).number(),
    field(OfProcess::Unit, "UNIT", 18, 6),
];

/// The columns of ports, from left to right.
pub(in crate::tui) const PORTS: &[Field<OfPort>] = &[
    field(OfPort::Verdict, "VERDICT", 8, 0),
    field(OfPort::Port, "PORT", 5, 0).number(),
    field(OfPort::Protocols, "PROTO", 7, 5),
    field(OfPort::Service, "SERVICE", 14, 0).grows(),
    field(OfPort::Tier, "KNOWN AS", 10, 6),
    field(OfPort::Listeners, "LISTEN", 6, 3).number(),
    field(OfPort::Connections, "CONN", 6, 3).number(),
    field(OfPort::Programs, "PROGRAMS", 18, 2),
    field(OfPort::Rx, "↓ B/s", 7, 4).number(),
    field(OfPort::Tx, "↑ B/s", 7, 4).number(),
];

/// The columns of the browser of every port, from left to right.
pub(in crate::tui) const EVERY_PORT: &[Field<OfPort>] = &[
    field(OfPort::Verdict, "HERE", 8, 0),
    field(OfPort::Port, "PORT", 5, 0).number(),
    field(OfPort::Protocols, "PROTO", 7, 2),
    field(OfPort::Service, "SERVICE", 14, 0).grows(),
    field(OfPort::Tier, "KNOWN AS", 10, 1),
];

/// The columns of findings, from left to right.
pub(in crate::tui) const STORIES: &[Field<OfStory>] = &[
    field(OfStory::Verdict, "VERDICT", 8, 0),
    // It is what one came for; what it has no room for follows on further lines.
    field(OfStory::What, "WHAT", 50, 0).grows(),
    // The first to go: most sentences begin with it.
    field(OfStory::Program, "PROGRAM", 20, 4),
    field(OfStory::Sockets, "SOCKETS", 7, 2).number(),
    field(OfStory::Since, "SINCE", 6, 3).number(),
];

/// The columns of the timeline, from left to right.
pub(in crate::tui) const EVENTS: &[Field<OfEvent>] = &[
    field(OfEvent::Time, "TIME", 8, 0),
    field(OfEvent::Apart, "Δ", 6, 5).number(),
    field(OfEvent::Event, "EVENT", 7, 1),
    field(OfEvent::Verdict, "VERDICT", 8, 2),
    field(OfEvent::Socket, "SOCKET", 21, 0),
    field(OfEvent::Program, "PROCESS", 16, 4),
    field(OfEvent::Detail, "DETAIL", 14, 3).grows(),
];

/// The columns of the sockets of a process, from left to right; each by its number.
pub(in crate::tui) const SOCKETS_OF_PROCESS: &[Field<usize>] = &[
    field(0, "VERDICT", 8, 0),
    field(1, "STATE", 11, 0),
    field(2, "LOCAL", 20, 0),
    field(3, "REMOTE", 20, 1),
    field(4, "SERVICE", 11, 2),
    field(5, "RX total", 8, 4).number(),
    field(6, "TX total", 8, 4).number(),
    field(7, "AGE", 5, 5).number(),
    field(8, "WHY", 14, 3).grows(),
];

/// The columns of `all` that fit into `width`, from left to right. Depends on the width alone.
pub(in crate::tui) fn fit<C: Copy + PartialEq>(all: &[Field<C>], width: u16) -> Vec<Slot<C>> {
    // The last column belongs to the scroll bar.
    let room = width.saturating_sub(1);
    let mut chosen: Vec<&Field<C>> = vec![];
    let mut used = MARGIN;
    let ranks = all.iter().map(|field| field.rank).max().unwrap_or(0);
    for rank in 0..=ranks {
        let of_rank: Vec<_> = all.iter().filter(|field| field.rank == rank).collect();
        let wanted: u16 = of_rank
            .iter()
            .map(|field| own_width(field, width) + 1)
            .sum();
        // Behind the last column no gap is needed.
        if rank > 0 && used + wanted > room + 1 {
            break;
        }
        used += wanted;
        chosen.extend(of_rank);
    }
    let spare = (room + 1).saturating_sub(used);
    // What can never be given up may be more than there is.
    let lacking = used.saturating_sub(room + 1);
    let has_grower = chosen.iter().any(|field| field.grows);
    let last_column = all.iter().rev().find(|field| is_chosen(&chosen, field));
    let grows = |field: &Field<C>| {
        field.grows || !has_grower && last_column.is_some_and(|last| last.column == field.column)
    };
    let mut x = MARGIN;
    let mut slots = vec![];
    for field in all.iter().filter(|field| is_chosen(&chosen, field)) {
        let own = own_width(field, width);
        let wide = if grows(field) {
            (own + spare).saturating_sub(lacking)
        } else {
            own
        };
        slots.push(Slot {
            column: field.column,
            x,
            width: wide,
        });
        x += wide + 1;
    }
    slots
}

/// The room of the sentence of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::tui) struct Sentence {
    /// Its columns; 0 before the screen is known.
    pub(in crate::tui) columns: usize,
    /// The program has a column of its own.
    pub(in crate::tui) has_program: bool,
}

impl Sentence {
    /// In a table of this `width`.
    pub(in crate::tui) fn on(width: u16) -> Self {
        let slots = fit(STORIES, width);
        let find = |column| slots.iter().find(|slot| slot.column == column);
        Self {
            columns: find(OfStory::What).map_or(0, |slot| usize::from(slot.width)),
            has_program: find(OfStory::Program).is_some(),
        }
    }
}

fn is_chosen<C: PartialEq>(chosen: &[&Field<C>], field: &Field<C>) -> bool {
    chosen.iter().any(|one| one.column == field.column)
}

/// A verdict is a glyph alone on a narrow screen.
fn own_width<C>(field: &Field<C>, width: u16) -> u16 {
    let is_verdict = matches!(field.title, "VERDICT" | "HERE");
    if is_verdict && width < 65 {
        2
    } else {
        field.width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits<C: Copy + PartialEq + std::fmt::Debug>(all: &[Field<C>], least: usize) {
        for width in 39..300 {
            let slots = fit(all, width);
            assert!(slots.len() >= least, "{width}: {slots:?}");
            let end = slots.last().unwrap();
            assert!(end.x + end.width < width, "{width}: {slots:?}");
            for pair in slots.windows(2) {
                assert!(pair[0].x + pair[0].width < pair[1].x, "{width}: {slots:?}");
            }
        }
        assert_eq!(fit(all, 200).len(), all.len());
    }

    #[test]
    fn the_columns_of_every_view_fit_at_every_width() {
        fits(PROCESSES, 2);
        fits(PORTS, 3);
        fits(EVERY_PORT, 3);
        fits(STORIES, 2);
        fits(EVENTS, 2);
        fits(SOCKETS_OF_PROCESS, 3);
    }

    #[test]
    fn a_sentence_has_the_room_before_the_other_columns_have_theirs() {
        let widths = [40, 60, 80, 97, 98, 120];
        let columns = widths.map(|width| Sentence::on(width).columns);
        assert_eq!(columns, [34, 54, 53, 70, 50, 72]);
        let has_program = widths.map(|width| Sentence::on(width).has_program);
        assert_eq!(has_program, [false, false, false, false, true, true]);
    }
}
