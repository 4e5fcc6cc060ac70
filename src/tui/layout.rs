//! Where everything is. Pure, so `update` and `view` agree without talking.

pub(super) mod fields;

use super::action::View;
use crate::query::Column;
use ratatui::layout::{Constraint, Layout, Position, Rect};

/// The smallest terminal there is a screen for.
pub(super) const SMALLEST: (u16, u16) = (40, 8);

/// Columns from which verdicts have their word.
pub(super) const ROOMY: u16 = 80;

/// Rows from which there is room for more than the table.
pub(super) const TALL: u16 = 20;

/// Rows of the picture of what happened when.
const GRAPH: u16 = 4;

/// Lines of the footer on a screen that is tall enough to have room, and not wide enough for one.
const FOOTER: u16 = 2;

/// Columns from which the details stand on the right.
pub(super) const WIDE: u16 = 110;

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
    /// There is something that details would be about.
    pub(super) selected: bool,
    /// A page covers the table.
    pub(super) page: bool,
    /// The view under it.
    pub(super) view: View,
}

/// Where each part of the screen is; empty where it is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Regions {
    pub(super) header: Rect,
    /// Where the page on top is.
    pub(super) crumbs: Rect,
    pub(super) counts: Rect,
    pub(super) rates: Rect,
    /// What happened when.
    pub(super) graph: Rect,
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
        let tall = area.height >= TALL;
        let rows = |shown: bool| Constraint::Length(u16::from(shown));
        let table = !shape.page;
        let timeline = shape.view == View::Timeline;
        let graph = u16::from(table && timeline && tall) * GRAPH;
        let [
            header,
            crumbs,
            counts,
            rates,
            graph,
            notice,
            filter,
            fault,
            main,
            footer,
        ] = Layout::vertical([
            Constraint::Length(1),
            rows(shape.page),
            rows(table),
            rows(table && tall && !timeline),
            Constraint::Length(graph),
            rows(table && shape.notice && area.height >= 10),
            rows(table && shape.filter),
            rows(table && shape.fault),
            Constraint::Fill(1),
            Constraint::Length(if tall && area.width < WIDE { FOOTER } else { 1 }),
        ])
        .areas(area);
        let mut regions = Self {
            header,
            crumbs,
            counts,
            rates,
            graph,
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
            regions.divide_main(main, shape, area);
        }
        regions
    }

    fn divide_main(&mut self, main: Rect, shape: Shape, area: Rect) {
        let mut table = main;
        if shape.details && area.width >= WIDE {
            let side = (area.width * 5 / 16).clamp(36, 48);
            [table, self.side] =
                Layout::horizontal([Constraint::Fill(1), Constraint::Length(side)]).areas(main);
        } else if shape.details && shape.selected && area.width >= ROOMY && area.height >= TALL {
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

/// One tab of the first line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tab {
    pub(super) view: View,
    pub(super) x: u16,
    pub(super) width: u16,
}

impl Tab {
    /// Whether a click at column `x` of the first line means this tab.
    pub(super) fn is_at(self, x: u16) -> bool {
        (self.x..self.x + self.width).contains(&x)
    }
}

/// How much of a tab's title there is room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TabForm {
    /// `1 Sockets`.
    Whole,
    /// `1 Sock`.
    Short,
    /// `1`, with the short title of the view that is shown.
    Number,
}

impl TabForm {
    /// The form on a screen of `width` columns.
    pub(super) fn on(width: u16) -> Self {
        match width {
            WIDE.. => Self::Whole,
            ROOMY..WIDE => Self::Short,
            _ => Self::Number,
        }
    }
}

/// Columns of a count behind a tab's title.
pub(super) const TAB_COUNT: u16 = 3;

/// The tabs on a screen of `width` columns. No data moves them.
pub(super) fn tabs(width: u16) -> Vec<Tab> {
    let form = TabForm::on(width);
    let mut x = match form {
        TabForm::Whole | TabForm::Short => 10,
        TabForm::Number => 1,
    };
    let mut tabs = vec![];
    for view in View::ALL {
        let title = match form {
            TabForm::Whole => view.title().len(),
            TabForm::Short => view.short_title().len(),
            TabForm::Number => 0,
        };
        let count = if view == View::Findings { TAB_COUNT } else { 0 };
        // A number and a gap before the title, a blank or a bracket on each side.
        let gap = u16::from(form != TabForm::Number);
        let title = u16::try_from(title).unwrap_or(u16::MAX);
        let width = 3 + gap + title + count;
        tabs.push(Tab { view, x, width });
        x += width + u16::from(form == TabForm::Whole);
    }
    tabs
}

/// Whether `area` is too small for any screen.
pub(super) fn too_small(area: Rect) -> bool {
    let (width, height) = SMALLEST;
    area.width < width || area.height < height
}

/// The place of what is read over everything else: most of the screen, a little less on a large one.
pub(super) fn popup(area: Rect) -> Rect {
    over_most(area, 84)
}

/// The place of the help, which has columns side by side.
pub(super) fn help(area: Rect) -> Rect {
    over_most(area, 190)
}

fn over_most(area: Rect, widest: u16) -> Rect {
    let width = area.width.saturating_sub(4).min(widest);
    let width = width.max(area.width.min(40));
    let height = area.height.saturating_sub(2).min(44);
    area.centered(Constraint::Length(width), Constraint::Length(height))
}

/// Where a list to choose from stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct List {
    pub(super) area: Rect,
    /// Items that are in sight.
    pub(super) rows: usize,
}

impl List {
    /// The item at a place of the screen, counted from the first in sight.
    pub(super) fn row_at(self, at: Position) -> Option<usize> {
        let bottom = self.area.bottom().saturating_sub(1);
        let rows = u16::try_from(self.rows).unwrap_or(u16::MAX);
        let first = bottom.saturating_sub(rows);
        let inside = self.area.contains(at) && (first..bottom).contains(&at.y);
        inside.then(|| usize::from(at.y - first))
    }
}

/// Columns inside a list.
pub(super) fn list_width(area: Rect) -> u16 {
    area.width.saturating_sub(2).min(76).saturating_sub(4)
}

/// The place of a list of so many `items` with so many lines over it.
pub(super) fn list(area: Rect, items: usize, over: usize) -> List {
    let width = list_width(area) + 4;
    let most = usize::from(area.height.saturating_sub(2)).max(3);
    let wanted = (items + over + 2).min(most.min(24));
    let height = u16::try_from(wanted).unwrap_or(u16::MAX);
    List {
        area: area.centered(Constraint::Length(width), Constraint::Length(height)),
        rows: wanted.saturating_sub(over + 2),
    }
}

/// One column of a table on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot<C = Column> {
    pub(super) column: C,
    /// Distance from the table's left edge.
    pub(super) x: u16,
    pub(super) width: u16,
}

impl<C> Slot<C> {
    /// Whether a click `x` columns behind the table's left edge means this column.
    pub(super) fn is_at(&self, x: u16) -> bool {
        (self.x..=self.x + self.width).contains(&x)
    }
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
    (Column::Pid, 7),
    (Column::Age, 6),
    (Column::Interface, 9),
    (Column::Rtt, 8),
    (Column::Unit, 16),
    (Column::Container, 16),
    (Column::Namespace, 16),
];

/// The most a process column is given before `STATE` gets its whole word.
const STATE_WORD: u16 = 11;
const PROCESS_LEAST: u16 = 13;
const PROCESS_ENOUGH: u16 = 24;

/// Columns before the first cell: the mark of a row, and a gap.
const MARGIN: u16 = 2;

/// The columns of `shown` that fit into `width`, in their order. Depends on nothing else, so nothing
/// moves with the data.
pub(super) fn columns(width: u16, shown: &[Column]) -> Vec<Slot> {
    // The last column belongs to the scroll bar.
    let width = width.saturating_sub(1);
    let verdict = if width >= 64 { 8 } else { 2 };
    let local = if width >= 50 { 21 } else { 19 };
    let mut chosen = vec![
        (Column::Verdict, verdict),
        (Column::Local, local),
        (Column::Process, PROCESS_LEAST),
    ];
    chosen.retain(|(column, _)| shown.contains(column));
    let used = |chosen: &[(Column, u16)]| MARGIN + chosen.iter().map(|(_, w)| w + 1).sum::<u16>();
    for (column, wide) in PRIORITY.iter().filter(|(one, _)| shown.contains(one)) {
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
    widen(&mut chosen, Column::Process, PROCESS_LEAST + slack);
    place(&chosen, shown)
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

fn place(chosen: &[(Column, u16)], order: &[Column]) -> Vec<Slot> {
    let mut x = MARGIN;
    let mut slots = vec![];
    for column in order {
        let Some((_, width)) = chosen.iter().find(|(one, _)| one == column) else {
            continue;
        };
        slots.push(Slot {
            column: *column,
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
            let slots = columns(width, &Column::USUAL);
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
                let slots = columns(width, &Column::USUAL);
                assert!(slots.iter().any(|slot| slot.column == needed));
            }
        }
    }

    #[test]
    fn details_stand_right_below_or_nowhere() {
        let shape = Shape {
            details: true,
            selected: true,
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
    fn details_of_nothing_take_no_room_below_the_table() {
        let shape = Shape {
            details: true,
            ..Shape::default()
        };
        let regions = Regions::new(Rect::new(0, 0, 80, 24), shape);
        assert!(regions.strip.is_empty());
        assert_eq!(regions.body.bottom(), regions.footer.y);
        // Beside it the titles would move with the data.
        let regions = Regions::new(Rect::new(0, 0, 120, 36), shape);
        assert!(!regions.side.is_empty());
    }

    #[test]
    fn the_footer_has_two_lines_where_one_is_short_and_there_is_room() {
        let lines = |w, h| {
            Regions::new(Rect::new(0, 0, w, h), Shape::default())
                .footer
                .height
        };
        assert_eq!((lines(80, 24), lines(60, 20), lines(40, 20)), (2, 2, 2));
        assert_eq!((lines(120, 36), lines(80, 19), lines(60, 15)), (1, 1, 1));
    }

    #[test]
    fn a_small_terminal_still_shows_rows() {
        let shape = Shape {
            notice: true,
            filter: true,
            fault: true,
            details: true,
            selected: true,
            ..Shape::default()
        };
        assert!(Regions::new(Rect::new(0, 0, 40, 8), shape).rows() >= 2);
    }
}
