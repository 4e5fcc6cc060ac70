//! Where everything is. Pure, so `update` and `view` agree without talking.

use crate::query::Column;
use ratatui::layout::{Constraint, Layout, Rect};

/// The smallest terminal there is a screen for.
pub(super) const SMALLEST: (u16, u16) = (40, 8);

/// Columns from which verdicts have their word.
const ROOMY: u16 = 80;

/// Columns from which the details stand on the right.
const WIDE: u16 = 110;

/// What is on screen besides the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each part is there or not, whatever the others are"
)]
pub(super) struct Shape {
    /// A notice has something to say.
    pub(super) notice: bool,
    /// The filter bar is open or a filter is set.
    pub(super) filter: bool,
    /// The filter has a fault to point at.
    pub(super) fault: bool,
    /// The person wants the details.
    pub(super) details: bool,
    /// A page covers the table.
    pub(super) page: bool,
}

/// Where each part of the screen is; empty where it is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Regions {
    pub(super) header: Rect,
    pub(super) counts: Rect,
    pub(super) rates: Rect,
    pub(super) notice: Rect,
    pub(super) filter: Rect,
    pub(super) fault: Rect,
    pub(super) titles: Rect,
    pub(super) body: Rect,
    /// Beside the table.
    pub(super) side: Rect,
    /// Below the table.
    pub(super) strip: Rect,
    pub(super) page: Rect,
    pub(super) footer: Rect,
}

impl Regions {
    /// Divides `area`.
    pub(super) fn new(area: Rect, shape: Shape) -> Self {
        let tall = area.height >= 20;
        let rows = |shown: bool| Constraint::Length(u16::from(shown));
        let table = !shape.page;
        let [header, counts, rates, notice, filter, fault, main, footer] = Layout::vertical([
            Constraint::Length(1),
            rows(table),
            rows(table && tall),
            rows(table && shape.notice && area.height >= 10),
            rows(table && shape.filter),
            rows(table && shape.fault),
            Constraint::Fill(1),
            Constraint::Length(1),
        ])
        .areas(area);
        let mut regions = Self {
            header,
            counts,
            rates,
            notice,
            filter,
            fault,
            titles: Rect::ZERO,
            body: Rect::ZERO,
            side: Rect::ZERO,
            strip: Rect::ZERO,
            page: Rect::ZERO,
            footer,
        };
        if shape.page {
            regions.page = main;
        } else {
            regions.divide_main(main, shape.details, area);
        }
        regions
    }

    fn divide_main(&mut self, main: Rect, details: bool, area: Rect) {
        let mut table = main;
        if details && area.width >= WIDE {
            let side = (area.width * 5 / 16).clamp(36, 48);
            [table, self.side] =
                Layout::horizontal([Constraint::Fill(1), Constraint::Length(side)]).areas(main);
        } else if details && area.width >= ROOMY && area.height >= 20 {
            [table, self.strip] =
                Layout::vertical([Constraint::Fill(1), Constraint::Length(6)]).areas(main);
        }
        [self.titles, self.body] =
            Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(table);
    }

    /// Rows of the table that fit.
    pub(super) fn rows(&self) -> usize {
        usize::from(self.body.height)
    }
}

/// Whether `area` is too small for any screen.
pub(super) fn too_small(area: Rect) -> bool {
    let (width, height) = SMALLEST;
    area.width < width || area.height < height
}

/// The place of the help: most of the screen, a little less on a large one.
pub(super) fn popup(area: Rect) -> Rect {
    let width = area.width.saturating_sub(4).min(84).max(area.width.min(40));
    let height = area.height.saturating_sub(2).min(44);
    area.centered(Constraint::Length(width), Constraint::Length(height))
}

/// One column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) column: Column,
    /// Distance from the table's left edge.
    pub(super) x: u16,
    pub(super) width: u16,
}

/// Columns in the order in which they are given up, the last first, with their widths.
const PRIORITY: &[(Column, u16)] = &[
    (Column::Service, 13),
    (Column::Rx, 7),
    (Column::Tx, 7),
    (Column::State, 2),
    (Column::Protocol, 5),
    (Column::Remote, 21),
    (Column::User, 9),
    (Column::Age, 6),
];

/// Columns from left to right.
const ORDER: [Column; 11] = [
    Column::Verdict,
    Column::Protocol,
    Column::State,
    Column::Local,
    Column::Remote,
    Column::Service,
    Column::Process,
    Column::User,
    Column::Rx,
    Column::Tx,
    Column::Age,
];

/// The most a process column is given before `STATE` gets its whole word.
const STATE_WORD: u16 = 11;
const PROCESS_LEAST: u16 = 13;
const PROCESS_ENOUGH: u16 = 24;

/// Columns before the first cell: the mark of a row, and a gap.
const MARGIN: u16 = 2;

/// The columns that fit into `width`. Depends on the width alone, so nothing moves with the data.
pub(super) fn columns(width: u16) -> Vec<Slot> {
    // The last column belongs to the scroll bar.
    let width = width.saturating_sub(1);
    let verdict = if width >= 64 { 8 } else { 2 };
    let local = if width >= 50 { 21 } else { 19 };
    let mut chosen = vec![
        (Column::Verdict, verdict),
        (Column::Local, local),
        (Column::Process, PROCESS_LEAST),
    ];
    let used = |chosen: &[(Column, u16)]| MARGIN + chosen.iter().map(|(_, w)| w + 1).sum::<u16>();
    for (column, wide) in PRIORITY {
        // Behind the last column no gap is needed.
        if used(&chosen) + wide > width {
            break;
        }
        chosen.push((*column, *wide));
    }
    let mut slack = (width + 1).saturating_sub(used(&chosen));
    let has_protocol = chosen.iter().any(|(column, _)| *column == Column::Protocol);
    if has_protocol && slack >= STATE_WORD - 2 + PROCESS_ENOUGH - PROCESS_LEAST {
        slack -= widen(&mut chosen, Column::State, STATE_WORD);
    }
    let process = PROCESS_LEAST + slack;
    widen(&mut chosen, Column::Process, process);
    place(&chosen)
}

/// Gives `column` the width `to` and returns how much that took.
fn widen(chosen: &mut [(Column, u16)], column: Column, to: u16) -> u16 {
    let Some((_, width)) = chosen.iter_mut().find(|(one, _)| *one == column) else {
        return 0;
    };
    let more = to.saturating_sub(*width);
    *width += more;
    more
}

fn place(chosen: &[(Column, u16)]) -> Vec<Slot> {
    let mut x = MARGIN;
    let mut slots = vec![];
    for column in ORDER {
        let Some((_, width)) = chosen.iter().find(|(one, _)| *one == column) else {
            continue;
        };
        slots.push(Slot {
            column,
            x,
            width: *width,
        });
        x += width + 1;
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_fit_at_every_width() {
        for width in 39..300 {
            let slots = columns(width);
            let last = slots.last().unwrap();
            assert!(last.x + last.width < width, "{width}: {slots:?}");
            for pair in slots.windows(2) {
                assert!(pair[0].x + pair[0].width < pair[1].x, "{width}: {slots:?}");
            }
        }
    }

    #[test]
    fn verdict_address_and_process_are_never_dropped() {
        for width in 39..300 {
            for needed in [Column::Verdict, Column::Local, Column::Process] {
                assert!(columns(width).iter().any(|slot| slot.column == needed));
            }
        }
    }

    #[test]
    fn details_stand_right_below_or_nowhere() {
        let shape = Shape {
            details: true,
            ..Shape::default()
        };
        let at = |w, h| Regions::new(Rect::new(0, 0, w, h), shape);
        assert!(at(120, 36).side.width >= 36);
        assert!(at(80, 24).strip.height >= 4);
        let small = at(79, 24);
        assert!(small.side.is_empty() && small.strip.is_empty());
        assert!(at(80, 19).strip.is_empty());
    }

    #[test]
    fn a_small_terminal_still_shows_rows() {
        let shape = Shape {
            notice: true,
            filter: true,
            fault: true,
            details: true,
            page: false,
        };
        assert!(Regions::new(Rect::new(0, 0, 40, 8), shape).rows() >= 2);
    }
}
