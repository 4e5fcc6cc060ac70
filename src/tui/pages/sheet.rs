//! A page as lines on a screen: where its columns, sections and links are.

use super::Content;
use crate::tui::document::{Line, Target};
use std::ops::Range;

/// Columns from which a page has two columns.
const TWO_COLUMNS: u16 = 110;

/// A page as lines on a screen. The lines know their links by the numbers that these have in `links`.
#[derive(Debug)]
pub(in crate::tui) struct Sheet {
    /// Over both columns.
    pub(in crate::tui) title: Vec<Line>,
    pub(in crate::tui) main: Vec<Line>,
    pub(in crate::tui) side: Vec<Line>,
    /// Columns of `main`; `side` begins behind them.
    pub(in crate::tui) main_width: u16,
    pub(in crate::tui) links: Vec<Target>,
    pub(in crate::tui) sections: Vec<Section>,
}

/// What stands under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tui) struct Section {
    /// Its lines among all, the heading first.
    pub(in crate::tui) rows: Range<usize>,
    /// Its first link.
    pub(in crate::tui) link: Option<usize>,
    /// It is in the column on the right.
    pub(in crate::tui) in_side: bool,
}

impl Sheet {
    /// Lays `content` out on `width` columns.
    pub(in crate::tui) fn new(content: Content, width: u16) -> Self {
        let room = usize::from(width.saturating_sub(2));
        let Content {
            title,
            mut main,
            mut side,
            rest,
        } = content;
        let is_wide = width >= TWO_COLUMNS;
        if !is_wide {
            main.append(std::mem::take(&mut side));
        }
        main.append(rest);
        let main_width = if is_wide { width * 3 / 5 } else { width };
        let (in_title, in_main) = (title.links().len(), main.links().len());
        let links = [title.links(), main.links(), side.links()].concat();
        let side_room = usize::from((width - main_width).saturating_sub(3));
        let mut sheet = Self {
            title: title.lines(room),
            main: main.lines(usize::from(main_width.saturating_sub(2))),
            side: if is_wide {
                side.lines(side_room)
            } else {
                vec![]
            },
            main_width,
            links,
            sections: vec![],
        };
        count_from(&mut sheet.main, in_title);
        count_from(&mut sheet.side, in_title + in_main);
        let below = sheet.title.len();
        sheet.sections = sections(&sheet.title, 0, false);
        sheet.sections.extend(sections(&sheet.main, below, false));
        sheet.sections.extend(sections(&sheet.side, below, true));
        sheet
    }

    /// How many lines it has.
    pub(in crate::tui) fn height(&self) -> usize {
        self.title.len() + self.main.len().max(self.side.len())
    }

    /// The lines of a link.
    pub(in crate::tui) fn rows_of(&self, link: usize) -> Range<usize> {
        let of = |lines: &[Line], above: usize| {
            let first = lines.iter().position(|line| line.link == Some(link))?;
            let last = lines.iter().rposition(|line| line.link == Some(link))?;
            Some(first + above..last + 1 + above)
        };
        let below = self.title.len();
        let rows = of(&self.title, 0).or_else(|| of(&self.main, below));
        rows.or_else(|| of(&self.side, below)).unwrap_or_default()
    }

    /// Whether a link is in the column on the right.
    pub(in crate::tui) fn is_in_side(&self, link: usize) -> bool {
        self.side.iter().any(|line| line.link == Some(link))
    }

    /// The link at a line and a column.
    pub(in crate::tui) fn link_at(&self, row: usize, x: u16) -> Option<usize> {
        let Some(below) = row.checked_sub(self.title.len()) else {
            return self.title.get(row)?.link;
        };
        if x < self.main_width {
            self.main.get(below)?.link
        } else {
            self.side.get(below)?.link
        }
    }
}

/// Gives the links of these lines the numbers that they have among all.
fn count_from(lines: &mut [Line], first: usize) {
    for line in lines {
        line.link = line.link.map(|link| link + first);
    }
}

/// The sections of a column; what stands before the first heading is one where something of it leads on.
fn sections(lines: &[Line], above: usize, in_side: bool) -> Vec<Section> {
    let headings = lines.iter().enumerate().filter(|(_, line)| line.is_heading);
    let mut begins: Vec<usize> = headings.map(|(at, _)| at).collect();
    if begins.first() != Some(&0) {
        begins.insert(0, 0);
    }
    let ends = begins.iter().skip(1).copied().chain([lines.len()]);
    let all = begins.iter().copied().zip(ends).filter_map(|(first, end)| {
        let its = lines.get(first..end)?;
        let link = its.iter().find_map(|line| line.link);
        let is_one = link.is_some() || its.first().is_some_and(|line| line.is_heading);
        is_one.then_some(Section {
            rows: first + above..end + above,
            link,
            in_side,
        })
    });
    all.collect()
}
