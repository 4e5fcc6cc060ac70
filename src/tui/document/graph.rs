//! Numbers over time, drawn with block characters.

use super::{Line, Piece};
use crate::tui::theme::Role;
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

/// The lines of `graphs` on `width` columns.
pub(super) fn lines(graphs: &[Graph], width: usize) -> Vec<Line> {
    if graphs.iter().all(|graph| graph.rows == 1) {
        return graphs
            .iter()
            .map(|graph| graph.in_one_line(width))
            .collect();
    }
    let across = if width >= PAIRED { 2 } else { 1 };
    let each = (width - GAP * (across - 1)) / across;
    let mut lines = vec![];
    for beside in graphs.chunks(across) {
        let drawn: Vec<Vec<Line>> = beside.iter().map(|graph| graph.lines(each)).collect();
        let tallest = drawn.iter().map(Vec::len).max().unwrap_or(0);
        for row in 0..tallest {
            let mut joined = Line::default();
            for lines in &drawn {
                if !joined.pieces.is_empty() {
                    joined.pieces.push(Piece::new(Role::Text, " ".repeat(GAP)));
                }
                let line = lines.get(row).cloned().unwrap_or_default();
                joined.pieces.extend(line.pieces);
            }
            lines.push(joined);
        }
    }
    lines
}

impl Graph {
    /// Its title, the picture, and what the numbers lie between where there is room.
    fn in_one_line(&self, width: usize) -> Line {
        let room = width.saturating_sub(NAME + 1);
        let with_range = room > PICTURE + RANGE;
        let room = if with_range { room - RANGE - 1 } else { room };
        let newest = self.values.get(self.values.len().saturating_sub(room)..);
        let newest = newest.unwrap_or_default();
        let highest = newest.iter().flatten().copied().fold(0.0, f64::max);
        let bars = newest.iter().map(|value| block(*value, highest, 0, 1));
        let bars: String = bars.collect();
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
    fn lines(&self, width: usize) -> Vec<Line> {
        let room = width.saturating_sub(SCALE + 1);
        let newest = self.values.get(self.values.len().saturating_sub(room)..);
        let newest = newest.unwrap_or_default();
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
            let bars: String = newest
                .iter()
                .map(|value| block(*value, highest, row, self.rows))
                .collect();
            lines.push(line(vec![
                Piece::new(Role::Dim, format!("{scale:>SCALE$} ")),
                Piece::new(self.role, fill(&bars, room)),
            ]));
        }
        lines
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

/// The part of a bar that lies in `row` of `rows`, the lowest being 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of at most a few dozen eighths"
)]
fn block(value: Option<f64>, highest: f64, row: usize, rows: usize) -> char {
    const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let Some(value) = value else { return ' ' };
    let share = if highest > 0.0 { value / highest } else { 0.0 };
    let eighths = (share.clamp(0.0, 1.0) * (rows * 8) as f64).round() as usize;
    // What is known and small is still a line.
    let eighths = eighths.max(1);
    let here = eighths.saturating_sub(row * 8).min(8);
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

    fn plain(lines: &[Line]) -> Vec<String> {
        lines.iter().map(Line::plain).collect()
    }

    #[test]
    fn bars_grow_over_the_rows() {
        let lines = graph(&[Some(4.0), Some(2.0), None, Some(0.0), Some(1.0)]).lines(16);
        assert_eq!(
            plain(&lines),
            ["RTT 2.0 ms      ", "   4.0 ms █     ", "        0 ██ ▁▄ "]
        );
    }

    #[test]
    fn two_graphs_stand_side_by_side_where_there_is_room() {
        let both = [graph(&[Some(1.0)]), graph(&[Some(1.0)])];
        assert_eq!(lines(&both, 80).len(), 3);
        assert_eq!(lines(&both, 40).len(), 6);
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
        let told = |width| plain(&lines(&[one.clone(), one.clone()], width));
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
        let lines = plain(&graph(&values).lines(20));
        assert!(lines[1].trim_end().ends_with('█'), "{lines:?}");
    }
}
