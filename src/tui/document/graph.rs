//! Numbers over time, drawn with block characters or with the dots of braille.

use super::{Line, Piece};
use crate::tui::{ascii::GraphSigns, theme::Role, words};
use std::{ops::Range, time::Duration};
use unicode_width::UnicodeWidthStr as _;

/// Columns that the number before a graph has.
const SCALE: usize = 9;

/// Columns from which two graphs stand side by side.
const PAIRED: usize = 70;

/// Columns of the title of a graph that has one line, of what the numbers lie between, and the least for the picture.
const NAME: usize = 22;
const RANGE: usize = 26;
const PICTURE: usize = 8;

/// Columns between two graphs.
const GAP: usize = 3;

/// A series of numbers with a title.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::tui) struct Graph {
    /// What it shows, and the newest number in words.
    pub(in crate::tui) title: String,
    /// More, where there is room for it.
    pub(in crate::tui) note: String,
    /// Oldest first; `None` where nobody could tell.
    pub(in crate::tui) values: Vec<Option<f64>>,
    /// The highest in words.
    pub(in crate::tui) highest: String,
    pub(in crate::tui) role: Role,
    /// Rows of the picture.
    pub(in crate::tui) rows: usize,
}

/// Graphs of the same moments, under one line that says when these were.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::tui) struct Graphs {
    /// The title of their section.
    pub(in crate::tui) heading: String,
    pub(in crate::tui) all: Vec<Graph>,
    /// How long before the newest each moment was, oldest first.
    pub(in crate::tui) ages: Vec<Duration>,
    pub(in crate::tui) signs: GraphSigns,
}

impl Graphs {
    /// Its lines on `width` columns.
    pub(super) fn lines(&self, width: usize) -> Vec<Line> {
        let mut heading = line(vec![Piece::new(Role::Head, self.heading.clone())]);
        heading.is_heading = true;
        if self.all.iter().all(|graph| graph.rows == 1) {
            let (room, _) = room_in_one_line(width);
            if self.heading.width() < NAME {
                heading.pad(NAME + 1);
                heading.pieces.extend(self.axis(room));
            }
            let graphs = self.all.iter();
            let graphs = graphs.map(|graph| graph.in_one_line(width, self.signs));
            return std::iter::once(heading).chain(graphs).collect();
        }
        let across = if width >= PAIRED { 2 } else { 1 };
        let each = (width - GAP * (across - 1)) / across;
        let mut lines = vec![heading];
        if let Some(axis) = self.axis(each.saturating_sub(SCALE + 1)) {
            let axis = line(vec![Piece::new(Role::Text, " ".repeat(SCALE + 1)), axis]);
            lines.extend(side_by_side(&vec![vec![axis]; across]));
        }
        for some in self.all.chunks(across) {
            let drawn: Vec<Vec<Line>> = some
                .iter()
                .map(|graph| graph.lines(each, self.signs))
                .collect();
            lines.extend(side_by_side(&drawn));
        }
        lines
    }

    /// Since when the pictures on `room` columns are, and where now is; `None` before there is a while.
    fn axis(&self, room: usize) -> Option<Piece> {
        let drawn = newest(&self.ages, room, self.signs);
        let columns = drawn.len().div_ceil(moments_in_a_column(self.signs));
        let first = drawn.first().filter(|age| !age.is_zero())?;
        // To whole seconds, since samples come a little earlier or later.
        let first = Duration::from_secs((*first + Duration::from_millis(500)).as_secs());
        let both = format!("{} ago", words::age(first));
        let missing = columns.checked_sub(both.width() + 3).filter(|gap| *gap > 0);
        let text = match missing {
            Some(gap) => format!("{both}{}now", " ".repeat(gap)),
            None => format!("last {}", words::age(first)),
        };
        Some(Piece::new(Role::Dim, fill(&text, room)))
    }
}

/// Lines side by side.
fn side_by_side(drawn: &[Vec<Line>]) -> Vec<Line> {
    let tallest = drawn.iter().map(Vec::len).max().unwrap_or(0);
    let mut lines = vec![];
    for row in 0..tallest {
        let mut joined = Line::default();
        for lines in drawn {
            if !joined.pieces.is_empty() {
                joined.pieces.push(Piece::new(Role::Text, " ".repeat(GAP)));
            }
            let line = lines.get(row).cloned().unwrap_or_default();
            joined.pieces.extend(line.pieces);
        }
        lines.push(joined);
    }
    lines
}

/// How many moments have room in one column: braille has two columns of dots.
fn moments_in_a_column(signs: GraphSigns) -> usize {
    if signs == GraphSigns::Braille { 2 } else { 1 }
}

/// The newest of `all` that have room on so many columns.
fn newest<T>(all: &[T], columns: usize, signs: GraphSigns) -> &[T] {
    let most = columns * moments_in_a_column(signs);
    all.get(all.len().saturating_sub(most)..)
        .unwrap_or_default()
}

/// Columns for a picture that has its title before it, and whether there are some for what lies between behind it.
fn room_in_one_line(width: usize) -> (usize, bool) {
    let room = width.saturating_sub(NAME + 1);
    let with_range = room > PICTURE + RANGE;
    let room = if with_range { room - RANGE - 1 } else { room };
    (room, with_range)
}

impl Graph {
    /// Its title, the picture, and what the numbers lie between where there is room.
    fn in_one_line(&self, width: usize, signs: GraphSigns) -> Line {
        let (room, with_range) = room_in_one_line(width);
        let newest = newest(&self.values, room, signs);
        let highest = newest.iter().flatten().copied().fold(0.0, f64::max);
        let bars = bars(newest, highest, 0..1, signs);
        let mut pieces = vec![
            Piece::new(Role::Text, format!("{} ", fill(&self.title, NAME))),
            Piece::new(self.role, fill(&bars, room)),
        ];
        if with_range {
            let most = format!("max {}", self.highest);
            let both = format!("{} {most}", self.note);
            let range = if both.width() <= RANGE { both } else { most };
            pieces.push(Piece::new(
                Role::Dim,
                format!(" {}", fill(range.trim_start(), RANGE)),
            ));
        }
        line(pieces)
    }

    /// Its title, and under it the picture with its scale.
    fn lines(&self, width: usize, signs: GraphSigns) -> Vec<Line> {
        let room = width.saturating_sub(SCALE + 1);
        let newest = newest(&self.values, room, signs);
        let highest = self.values.iter().flatten().copied().fold(0.0, f64::max);
        let both = format!("{}   {}", self.title, self.note);
        let title = if both.width() <= width {
            &both
        } else {
            &self.title
        };
        let mut lines = vec![line(vec![Piece::new(Role::Text, fill(title, width))])];
        for row in (0..self.rows).rev() {
            let scale = match row {
                _ if row + 1 == self.rows => self.highest.as_str(),
                0 => "0",
                _ => "",
            };
            let bars = bars(newest, highest, row..self.rows, signs);
            lines.push(line(vec![
                Piece::new(Role::Dim, format!("{scale:>SCALE$} ")),
                Piece::new(self.role, fill(&bars, room)),
            ]));
        }
        lines
    }
}

/// One row of a picture, `rows.start` of `rows.end`, the lowest being 0.
fn bars(values: &[Option<f64>], highest: f64, rows: Range<usize>, signs: GraphSigns) -> String {
    let (row, rows) = (rows.start, rows.end);
    if signs != GraphSigns::Braille {
        let each = values.iter();
        return each
            .map(|value| block(*value, highest, row, rows))
            .collect();
    }
    let dots = |value: &Option<f64>| part(*value, highest, row, rows, DOTS);
    let pairs = values.chunks(2);
    let pairs = pairs.map(|pair| [pair.first().map_or(0, dots), pair.get(1).map_or(0, dots)]);
    pairs.map(braille).collect()
}

/// Dots in a column of dots.
const DOTS: usize = 4;

/// The sign of two columns with so many dots each, from below.
fn braille([left, right]: [usize; 2]) -> char {
    const LEFT: [u32; DOTS + 1] = [0, 0x40, 0x44, 0x46, 0x47];
    const RIGHT: [u32; DOTS + 1] = [0, 0x80, 0xa0, 0xb0, 0xb8];
    let of = |column: [u32; DOTS + 1], dots: usize| column.get(dots).copied().unwrap_or(0);
    match of(LEFT, left) | of(RIGHT, right) {
        0 => ' ',
        dots => char::from_u32(0x2800 + dots).unwrap_or(' '),
    }
}

fn line(pieces: Vec<Piece>) -> Line {
    Line {
        pieces,
        ..Line::default()
    }
}

/// `text` with blanks behind it, or cut, so that it has just `width` columns.
fn fill(text: &str, width: usize) -> String {
    let mut text = if text.width() <= width {
        text.to_owned()
    } else {
        text.chars().take(width).collect()
    };
    let missing = width.saturating_sub(text.width());
    text.extend(std::iter::repeat_n(' ', missing));
    text
}

/// How much of a bar lies in `row` of `rows`, the lowest being 0, in steps of which a row has so many.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of at most a few dozen steps"
)]
fn part(value: Option<f64>, highest: f64, row: usize, rows: usize, steps: usize) -> usize {
    let Some(value) = value else { return 0 };
    let share = if highest > 0.0 { value / highest } else { 0.0 };
    let all = (share.clamp(0.0, 1.0) * (rows * steps) as f64).round() as usize;
    // What is known and small is still a line.
    all.max(1).saturating_sub(row * steps).min(steps)
}

/// The same as a block.
fn block(value: Option<f64>, highest: f64, row: usize, rows: usize) -> char {
    const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let here = part(value, highest, row, rows, 8);
    BLOCKS.get(here).copied().unwrap_or(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(values: &[Option<f64>]) -> Graph {
        Graph {
            title: "RTT 2.0 ms".to_owned(),
            note: "least 1.0 ms".to_owned(),
            values: values.to_vec(),
            highest: "4.0 ms".to_owned(),
            role: Role::Received,
            rows: 2,
        }
    }

    fn lines(all: &[Graph], width: usize) -> Vec<Line> {
        told(all, GraphSigns::Block).lines(width)
    }

    /// A moment each second.
    fn told(all: &[Graph], signs: GraphSigns) -> Graphs {
        let moments = all.first().map_or(0, |graph| graph.values.len());
        let ages = (0..moments as u64).rev().map(Duration::from_secs);
        Graphs {
            heading: "Since".to_owned(),
            all: all.to_vec(),
            ages: ages.collect(),
            signs,
        }
    }

    fn plain(lines: &[Line]) -> Vec<String> {
        lines.iter().map(Line::plain).collect()
    }

    #[test]
    fn bars_grow_over_the_rows() {
        let lines =
            graph(&[Some(4.0), Some(2.0), None, Some(0.0), Some(1.0)]).lines(16, GraphSigns::Block);
        assert_eq!(
            plain(&lines),
            ["RTT 2.0 ms      ", "   4.0 ms █     ", "        0 ██ ▁▄ "]
        );
    }

    #[test]
    fn two_graphs_stand_side_by_side_where_there_is_room() {
        let both = [graph(&[Some(1.0)]), graph(&[Some(1.0)])];
        assert_eq!(lines(&both, 80).len(), 4);
        assert_eq!(lines(&both, 40).len(), 7);
        for width in [8, 40, 69, 70, 71, 120] {
            for line in plain(&lines(&both, width)) {
                assert!(line.width() <= width.max(10), "{width}: {line:?}");
            }
        }
    }

    #[test]
    fn a_graph_of_one_row_is_one_line_with_what_its_numbers_lie_between() {
        let mut one = graph(&[Some(1.0), Some(4.0)]);
        one.rows = 1;
        let told = |width| plain(&lines(&[one.clone(), one.clone()], width))[1..].to_vec();
        let wide = told(78);
        assert_eq!(wide.len(), 2);
        assert!(
            wide[0].starts_with("RTT 2.0 ms             ▂█ "),
            "{wide:?}"
        );
        assert!(wide[0].contains("least 1.0 ms max 4.0 ms"), "{wide:?}");
        assert!(told(58)[0].contains("max 4.0 ms"));
        assert!(!told(38)[0].contains("max"));
        for width in [8, 38, 57, 58, 78] {
            assert!(
                told(width)
                    .iter()
                    .all(|line| line.width() <= width.max(NAME + 1))
            );
        }
    }

    #[test]
    fn only_the_newest_numbers_that_fit_are_drawn() {
        let values: Vec<_> = (0..100).map(|n| Some(f64::from(n))).collect();
        let lines = plain(&graph(&values).lines(20, GraphSigns::Block));
        assert!(lines[1].trim_end().ends_with('█'), "{lines:?}");
    }

    #[test]
    fn braille_has_two_moments_in_a_column() {
        let lines = graph(&[Some(4.0), Some(2.0), None, Some(0.0), Some(1.0)]);
        let lines = lines.lines(16, GraphSigns::Braille);
        assert_eq!(
            plain(&lines),
            ["RTT 2.0 ms      ", "   4.0 ms ⡇     ", "        0 ⣿⢀⡄   "]
        );
        let values: Vec<_> = (0..100).map(|n| Some(f64::from(n))).collect();
        let all = graph(&values);
        let bars = |signs| bars(newest(&all.values, 10, signs), 99.0, 0..2, signs);
        // From 80 and from 90 on, of 99: 20 moments on 10 columns.
        assert_eq!(bars(GraphSigns::Braille).chars().count(), 10);
        assert_eq!(newest(&all.values, 10, GraphSigns::Braille)[0], Some(80.0));
        assert_eq!(newest(&all.values, 10, GraphSigns::Block)[0], Some(90.0));
    }

    #[test]
    fn a_line_says_when_what_is_drawn_was() {
        let values = vec![Some(1.0); 100];
        let of = |signs, width| plain(&told(&[graph(&values)], signs).lines(width))[1].clone();
        assert_eq!(
            of(GraphSigns::Block, 40),
            format!("{:10}29 s ago{:19}now", "", "")
        );
        assert_eq!(
            of(GraphSigns::Braille, 40),
            format!("{:10}59 s ago{:19}now", "", "")
        );
        assert_eq!(of(GraphSigns::Block, 18), format!("{:10}last 7 s", ""));
        assert!(!plain(&lines(&[graph(&[Some(1.0)])], 40))[1].contains("now"));
        let mut one = graph(&values);
        one.rows = 1;
        let beside = plain(&lines(&[one], 57))[0].clone();
        assert_eq!(beside, format!("Since{:18}33 s ago{:23}now", "", ""));
    }
}
