//! What is on the screen, what the next frame is drawn on, and what tells one from the other.

use super::plain::is_narrow;
use ratatui::{
    backend::Backend,
    buffer::{Buffer, Cell},
    layout::{Position, Rect, Size},
};
use std::mem;

/// What a line shows, and of which revision of everything that it could show: two lines with the same stamp look alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) revision: u64,
    pub(super) part: Part,
}

/// What a line shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Header,
    Counts,
    Rates,
    Notice,
    Titles,
    /// A row of the table, by its number.
    Row(usize),
}

/// A frame while it is drawn.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    buffer: &'a mut Buffer,
    cursor: Option<Position>,
    shown: &'a Buffer,
    /// The lines of the frame that is shown.
    before: &'a [(Rect, Stamp)],
    lines: &'a mut Vec<(Rect, Stamp)>,
    /// For each line of the screen, how many columns from the left are what they were.
    same: &'a mut [u16],
}

impl Frame<'_> {
    /// The whole screen.
    pub(super) fn area(&self) -> Rect {
        self.buffer.area
    }

    /// What is drawn on.
    pub(super) fn buffer_mut(&mut self) -> &mut Buffer {
        self.buffer
    }

    /// Takes a line over from the frame that is shown, where it has one of this stamp. If not, it is to be drawn, and
    /// nothing else over it as long as the revision stays.
    pub(super) fn keep(&mut self, area: Rect, stamp: Stamp) -> bool {
        self.lines.push((area, stamp));
        let alike = |(place, known): &&(Rect, Stamp)| {
            *known == stamp && (place.x, place.width, place.height) == (area.x, area.width, 1)
        };
        let Some((place, _)) = self.before.iter().find(alike) else {
            return false;
        };
        let columns = |area: Rect| {
            let line = usize::from(area.y) * usize::from(self.shown.area.width);
            let begin = line + usize::from(area.x);
            begin..begin + usize::from(area.width)
        };
        let (from, to) = (columns(*place), columns(area));
        let (Some(from), Some(to)) = (
            self.shown.content.get(from),
            self.buffer.content.get_mut(to),
        ) else {
            return false;
        };
        to.clone_from_slice(from);
        if place.y == area.y
            && area.x == 0
            && let Some(same) = self.same.get_mut(usize::from(area.y))
        {
            *same = area.width;
        }
        true
    }

    /// Shows the cursor there.
    pub(super) fn set_cursor_position(&mut self, at: impl Into<Position>) {
        self.cursor = Some(at.into());
    }
}

/// The frame on the screen, and room for the next. As ratatui's terminal does it, in a fifth of the time: of lines that stay
/// as they are nothing more is asked.
#[derive(Debug)]
pub(super) struct Picture {
    shown: Buffer,
    /// Blank between frames.
    next: Buffer,
    /// The lines of the one that is shown which may be taken over.
    lines: Vec<(Rect, Stamp)>,
    /// For each line, how many columns of the next are taken over in their place.
    same: Vec<u16>,
    /// Where the next differs from the one that is shown.
    places: Vec<Position>,
}

impl Picture {
    /// A blank screen.
    pub(super) fn blank(size: Size) -> Self {
        let blank = Buffer::empty(Rect::from((Position::ORIGIN, size)));
        Self {
            shown: blank.clone(),
            next: blank,
            lines: vec![],
            same: vec![0; usize::from(size.height)],
            places: vec![],
        }
    }

    /// The frame on the screen.
    #[cfg(test)]
    pub(super) fn shown(&self) -> &Buffer {
        &self.shown
    }

    /// Draws a frame, and writes where it differs from the one before.
    pub(super) fn draw<B: Backend>(
        &mut self,
        backend: &mut B,
        view: impl FnOnce(&mut Frame<'_>),
    ) -> Result<(), B::Error> {
        let before = mem::take(&mut self.lines);
        self.same.fill(0);
        let mut frame = Frame {
            buffer: &mut self.next,
            cursor: None,
            shown: &self.shown,
            before: &before,
            lines: &mut self.lines,
            same: &mut self.same,
        };
        view(&mut frame);
        let cursor = frame.cursor;
        compare((&self.shown, &self.next), &self.same, &mut self.places);
        debug_assert!(
            self.places
                .iter()
                .map(|at| (at.x, at.y))
                .eq(self.shown.diff_iter(&self.next).map(|(x, y, _)| (x, y))),
            "what is written is not what ratatui would write"
        );
        let cells = self.places.iter();
        backend.draw(cells.filter_map(|at| Some((at.x, at.y, self.next.cell(*at)?))))?;
        match cursor {
            None => backend.hide_cursor()?,
            Some(at) => {
                backend.show_cursor()?;
                backend.set_cursor_position(at)?;
            }
        }
        mem::swap(&mut self.shown, &mut self.next);
        self.next.reset();
        Ok(())
    }
}

/// Notes the `places` that must be written to make `next` out of what is `shown`; of each line, so many columns are known
/// to be the `same`.
fn compare((shown, next): (&Buffer, &Buffer), same: &[u16], places: &mut Vec<Position>) {
    places.clear();
    let width = usize::from(next.area.width).max(1);
    let lines = shown.content.chunks(width).zip(next.content.chunks(width));
    for ((y, (before, now)), same) in (0..).zip(lines).zip(same) {
        let begin = usize::from(*same);
        let [before, now] = [before, now].map(|cells| cells.get(begin..).unwrap_or_default());
        let mut cells = before.iter().zip(now);
        let Some(first) = cells.position(|(before, now)| !is_same(before, now)) else {
            continue;
        };
        let mut both = before.iter().chain(now);
        if both.all(|cell| is_narrow(cell.symbol())) {
            let places_of = |x: usize| Some(Position::new(u16::try_from(begin + x).ok()?, y));
            places.extend(places_of(first));
            let rest = (first + 1..).zip(cells);
            let differ = rest.filter(|(_, (before, now))| !is_same(before, now));
            places.extend(differ.filter_map(|(x, _)| places_of(x)));
        } else {
            // What is wider than a column hides others; ratatui knows what terminals make of that.
            let line = Rect::new(*same, y, next.area.width - *same, 1);
            let [before, now] = [before, now].map(|cells| Buffer {
                area: line,
                content: cells.to_vec(),
            });
            let differ = before.diff_iter(&now);
            places.extend(differ.map(|(x, y, _)| Position::new(x, y)));
        }
    }
}

/// As cells are compared, what is cheap first; the rest of a cell is nothing that we set.
fn is_same(one: &Cell, other: &Cell) -> bool {
    let symbols = (one.symbol().as_bytes(), other.symbol().as_bytes());
    let has_same_symbol = match symbols {
        ([one], [other]) => one == other,
        (one, other) => one == other,
    };
    has_same_symbol
        && one.fg == other.fg
        && one.bg == other.bg
        && one.modifier == other.modifier
        && one.underline_color == other.underline_color
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::{
        backend::TestBackend,
        style::{Color, Style},
    };

    const SIZE: Size = Size::new(12, 3);

    /// Three lines of different kinds, another one for each number.
    fn paint(buffer: &mut Buffer, mut number: usize) {
        let words = ["", "abc", "日本語", "a日b", "…─│", "❤\u{fe0f}x", "ﾞa", "é"];
        let styles = [
            Style::new(),
            Style::new().bg(Color::Blue),
            Style::new().fg(Color::Red).underlined(),
        ];
        let mut take = |of: usize| {
            let taken = number % of;
            number /= of;
            taken
        };
        for y in 0..SIZE.height {
            let x = u16::try_from(take(4)).unwrap();
            let style = styles[take(styles.len())];
            buffer.set_string(x, y, words[take(words.len())], style);
        }
    }

    #[test]
    fn what_is_written_is_what_ratatui_would_write() {
        let blank = Buffer::empty(Rect::from((Position::ORIGIN, SIZE)));
        let mut number: usize = 1;
        let mut before = blank.clone();
        let mut places = vec![];
        for _ in 0..20_000 {
            number = number.wrapping_mul(6_364_136_223_846_793_005);
            number = number.wrapping_add(1_442_695_040_888_963_407);
            let mut now = blank.clone();
            paint(&mut now, number >> 33);
            compare((&before, &now), &[0; 3], &mut places);
            let wanted = before.diff_iter(&now);
            let wanted: Vec<_> = wanted.map(|(x, y, _)| Position::new(x, y)).collect();
            assert_eq!(places, wanted, "{before:?} {now:?}");
            before = now;
        }
    }

    #[test]
    fn frame_after_frame_the_screen_shows_the_last() {
        let mut backend = TestBackend::new(SIZE.width, SIZE.height);
        let mut picture = Picture::blank(SIZE);
        for number in [0, 77_777, 5, 5, 123_456_789, 3] {
            let mut wanted = Buffer::empty(backend.buffer().area);
            paint(&mut wanted, number);
            let view = |frame: &mut Frame<'_>| paint(frame.buffer_mut(), number);
            picture.draw(&mut backend, view).unwrap();
            let (got, wanted) = (&backend.buffer().content, &wanted.content);
            let visible = |cells: &[Cell]| -> Vec<Cell> {
                let mut hidden = 0;
                let cells = cells.iter().filter(|cell| {
                    let shown = hidden == 0;
                    let width = unicode_width::UnicodeWidthStr::width(cell.symbol());
                    hidden = if shown { width.max(1) - 1 } else { hidden - 1 };
                    shown
                });
                cells.cloned().collect()
            };
            assert_eq!(visible(got), visible(wanted));
        }
    }

    #[test]
    fn the_cursor_is_shown_where_a_frame_wants_it_and_hidden_otherwise() {
        let mut backend = TestBackend::new(SIZE.width, SIZE.height);
        let mut picture = Picture::blank(SIZE);
        let view = |frame: &mut Frame<'_>| frame.set_cursor_position((3, 1));
        picture.draw(&mut backend, view).unwrap();
        assert!(backend.cursor_visible());
        backend.assert_cursor_position((3, 1));
        picture.draw(&mut backend, |_| {}).unwrap();
        assert!(!backend.cursor_visible());
    }
}
