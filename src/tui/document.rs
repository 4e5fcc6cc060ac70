//! Text with roles that is wrapped to a width: pages, the details pane, the help.
//!
//! Scrolling needs to know how many lines there are, drawing needs to know what they look like;
//! both ask the same document.

mod flow;
mod graph;
mod table;

pub(super) use graph::{Graph, Graphs};
pub(super) use table::{Cell, Cut, Table, TableRow, mark};

use super::{plain, theme::Role};
use crate::model::{ProcessKey, SocketKey};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Columns of a field's label, the gap behind it included.
const LABEL: usize = 11;

/// A blank at which no line ends.
pub(super) const HOLD: char = '\u{a0}';

/// Lines of text, not yet wrapped.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Document {
    paragraphs: Vec<Paragraph>,
    links: Vec<Target>,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// The page of a port.
    Port(u16),
    /// The page of a process.
    Process(ProcessKey),
    /// The page of a socket.
    Socket(SocketKey),
    /// The table of sockets, with this filter.
    Filter(String),
    /// A command, to the clipboard.
    Command(String),
}

/// One line before it is wrapped.
#[derive(Debug, Clone, PartialEq)]
struct Paragraph {
    pieces: Vec<Piece>,
    /// Columns that its second and later lines are moved to the right.
    hanging: usize,
    link: Option<usize>,
    form: Form,
}

/// How a paragraph becomes lines.
#[derive(Debug, Clone, PartialEq, Default)]
enum Form {
    /// Its pieces, wrapped.
    #[default]
    Text,
    /// A title of a section.
    Heading,
    /// A line across.
    Rule,
    Graphs(Graphs),
    /// Short fields, side by side.
    Fields(Vec<Vec<Piece>>),
    Table(Table),
}

/// Text of one role.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    pub(super) role: Role,
    pub(super) text: String,
}

/// One line on the screen.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Line {
    pub(super) pieces: Vec<Piece>,
    /// The number of the link it belongs to.
    pub(super) link: Option<usize>,
    /// A section begins with it.
    pub(super) is_heading: bool,
}

impl Document {
    /// An empty line.
    pub(super) fn blank(&mut self) {
        self.push(vec![], 0, None);
    }

    /// A title of a section.
    pub(super) fn heading(&mut self, text: &str) {
        self.heading_of(vec![Piece::new(Role::Head, text)]);
    }

    /// A title of a section, of several roles.
    pub(super) fn heading_of(&mut self, pieces: Vec<Piece>) {
        if !self.paragraphs.is_empty() {
            self.blank();
        }
        self.push(pieces, 0, None);
        self.form(Form::Heading);
    }

    /// A line across.
    pub(super) fn rule(&mut self) {
        self.push(vec![], 0, None);
        self.form(Form::Rule);
    }

    /// A section of graphs, side by side where there is room.
    pub(super) fn graphs(&mut self, graphs: Graphs) {
        if !self.paragraphs.is_empty() {
            self.blank();
        }
        self.push(vec![], 0, None);
        self.form(Form::Graphs(graphs));
    }

    /// Labels and values, side by side where there is room.
    pub(super) fn fields<'a>(&mut self, fields: impl IntoIterator<Item = (&'a str, String)>) {
        let fields = fields
            .into_iter()
            .map(|(label, value)| vec![Piece::label(label), Piece::new(Role::Text, value)]);
        let fields = fields.collect();
        self.push(vec![], 0, None);
        self.form(Form::Fields(fields));
    }

    /// Rows with columns; `targets` says of each where it leads.
    pub(super) fn table(&mut self, mut table: Table, targets: Vec<Target>) {
        for (row, target) in table.rows.iter_mut().zip(targets) {
            row.link = Some(self.links.len());
            self.links.push(target);
        }
        self.push(vec![], 0, None);
        self.form(Form::Table(table));
    }

    fn form(&mut self, form: Form) {
        if let Some(last) = self.paragraphs.last_mut() {
            last.form = form;
        }
    }

    /// A label and a value: `User       deploy`.
    pub(super) fn field(&mut self, label: &str, value: impl Into<String>) {
        self.field_of(label, vec![Piece::new(Role::Text, value)]);
    }

    /// A label and a value of several roles.
    pub(super) fn field_of(&mut self, label: &str, value: Vec<Piece>) {
        let mut pieces = vec![Piece::label(label)];
        pieces.extend(value);
        self.push(pieces, LABEL, None);
    }

    /// A label and a value behind a sign; its later lines begin under its first word.
    pub(super) fn field_item(&mut self, label: &str, sign: Piece, value: Piece) {
        let hanging = LABEL + plain::width(&sign.text);
        self.push(vec![Piece::label(label), sign, value], hanging, None);
    }

    /// A label and a value that leads somewhere.
    pub(super) fn field_link(&mut self, label: &str, value: Vec<Piece>, target: Target) {
        let mut pieces = vec![Piece::label(label)];
        pieces.extend(value);
        self.push_link(pieces, LABEL, target);
    }

    /// A line of several roles, moved `indent` columns to the right.
    pub(super) fn line(&mut self, indent: usize, mut pieces: Vec<Piece>) {
        pieces.insert(0, Piece::new(Role::Text, " ".repeat(indent)));
        self.push(pieces, indent, None);
    }

    /// A line whose later lines begin `hanging` columns to the right.
    pub(super) fn hanging(&mut self, hanging: usize, pieces: Vec<Piece>) {
        self.push(pieces, hanging, None);
    }

    /// A line behind a sign; its later lines begin under its first word.
    pub(super) fn item(&mut self, indent: usize, sign: Piece, mut pieces: Vec<Piece>) {
        let hanging = indent + plain::width(&sign.text);
        pieces.insert(0, Piece::new(Role::Text, " ".repeat(indent)));
        pieces.insert(1, sign);
        self.push(pieces, hanging, None);
    }

    /// A line of one role.
    pub(super) fn text(&mut self, indent: usize, role: Role, text: impl Into<String>) {
        self.line(indent, vec![Piece::new(role, text)]);
    }

    /// A line that leads somewhere.
    pub(super) fn link(&mut self, indent: usize, mut pieces: Vec<Piece>, target: Target) {
        pieces.insert(0, Piece::new(Role::Text, " ".repeat(indent)));
        self.push_link(pieces, indent + 2, target);
    }

    /// A command that can be copied.
    pub(super) fn command(&mut self, indent: usize, command: &str, purpose: &str) {
        let mut pieces = vec![Piece::new(Role::Command, command)];
        if !purpose.is_empty() {
            pieces.push(Piece::new(Role::Dim, format!("   {purpose}")));
        }
        self.link(indent, pieces, Target::Command(command.to_owned()));
    }

    /// Everything of `other`, below.
    pub(super) fn append(&mut self, other: Self) {
        if !self.paragraphs.is_empty() {
            self.blank();
        }
        let before = self.links.len();
        self.links.extend(other.links);
        for mut paragraph in other.paragraphs {
            paragraph.link = paragraph.link.map(|link| link + before);
            if let Form::Table(table) = &mut paragraph.form {
                for row in &mut table.rows {
                    row.link = row.link.map(|link| link + before);
                }
            }
            self.paragraphs.push(paragraph);
        }
    }

    /// Where its links lead, in order.
    pub(super) fn links(&self) -> &[Target] {
        &self.links
    }

    /// Its lines on a screen of `width` columns.
    pub(super) fn lines(&self, width: usize) -> Vec<Line> {
        let width = width.max(8);
        let mut lines = vec![];
        for paragraph in &self.paragraphs {
            match &paragraph.form {
                Form::Text => lines.extend(wrap(paragraph, width)),
                Form::Heading => {
                    let mut heading = wrap(paragraph, width);
                    if let Some(first) = heading.first_mut() {
                        first.is_heading = true;
                    }
                    lines.extend(heading);
                }
                Form::Rule => lines.push(Line {
                    pieces: vec![Piece::new(Role::Dim, "─".repeat(width))],
                    ..Line::default()
                }),
                Form::Graphs(graphs) => lines.extend(graphs.lines(width)),
                Form::Fields(fields) => lines.extend(flow::lines(fields, width)),
                Form::Table(table) => lines.extend(table.lines(width)),
            }
        }
        lines
    }

    fn push_link(&mut self, pieces: Vec<Piece>, hanging: usize, target: Target) {
        self.links.push(target);
        self.push(pieces, hanging, Some(self.links.len() - 1));
    }

    fn push(&mut self, pieces: Vec<Piece>, hanging: usize, link: Option<usize>) {
        self.paragraphs.push(Paragraph {
            pieces,
            hanging,
            link,
            form: Form::Text,
        });
    }
}

impl Piece {
    /// A piece.
    pub(super) fn new(role: Role, text: impl Into<String>) -> Self {
        Self {
            role,
            text: text.into(),
        }
    }

    fn label(text: &str) -> Self {
        Self::new(Role::Dim, format!("{text:<LABEL$}"))
    }
}

/// A line in the making.
struct Wrapped {
    lines: Vec<Line>,
    used: usize,
    hanging: usize,
    width: usize,
    link: Option<usize>,
}

/// The lines of a paragraph that is nothing but these.
fn wrap_pieces(pieces: &[Piece], hanging: usize, width: usize) -> Vec<Line> {
    let paragraph = Paragraph {
        pieces: pieces.to_vec(),
        hanging,
        link: None,
        form: Form::Text,
    };
    wrap(&paragraph, width)
}

fn wrap(paragraph: &Paragraph, width: usize) -> Vec<Line> {
    let mut wrapped = Wrapped {
        lines: vec![Line {
            link: paragraph.link,
            ..Line::default()
        }],
        used: 0,
        hanging: paragraph.hanging.min(width / 2),
        width,
        link: paragraph.link,
    };
    for piece in &paragraph.pieces {
        for word in words(&piece.text) {
            wrapped.word(piece.role, word);
        }
    }
    wrapped.lines
}

/// Splits `text` into runs of spaces and runs of anything else.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let blank = rest.starts_with(' ');
        let end = rest
            .find(|c: char| (c == ' ') != blank)
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at_checked(end)?;
        rest = after;
        (!word.is_empty()).then_some(word)
    })
}

impl Wrapped {
    fn word(&mut self, role: Role, word: &str) {
        let columns = plain::width(word);
        if self.used + columns <= self.width {
            self.put(role, word, columns);
        } else if word.starts_with(' ') {
            // The gap at the end of a full line is the break itself.
            self.used = self.width;
        } else {
            if self.used > self.hanging {
                self.turn();
            }
            self.put_broken(role, word);
        }
    }

    /// Puts a word that may be longer than a line.
    fn put_broken(&mut self, role: Role, word: &str) {
        let mut part = String::new();
        let mut columns = 0;
        for character in word.chars() {
            let more = character.width().unwrap_or(0);
            if self.used + columns + more > self.width {
                self.put(role, &part, columns);
                self.turn();
                part.clear();
                columns = 0;
            }
            part.push(character);
            columns += more;
        }
        self.put(role, &part, columns);
    }

    fn put(&mut self, role: Role, text: &str, columns: usize) {
        self.used += columns;
        // What held two words together while lines were made is a blank on the screen.
        let blank = text.contains(HOLD).then(|| text.replace(HOLD, " "));
        let text = blank.as_deref().unwrap_or(text);
        let Some(line) = self.lines.last_mut() else {
            return;
        };
        match line.pieces.last_mut() {
            Some(last) if last.role == role => last.text.push_str(text),
            _ => line.pieces.push(Piece::new(role, text)),
        }
    }

    fn turn(&mut self) {
        self.lines.push(Line {
            pieces: vec![Piece::new(Role::Text, " ".repeat(self.hanging))],
            link: self.link,
            ..Line::default()
        });
        self.used = self.hanging;
    }
}

impl Line {
    /// Blanks up to this column; none where it is that long already.
    pub(super) fn pad(&mut self, column: usize) {
        let pieces = self.pieces.iter();
        let used: usize = pieces.map(|piece| piece.text.width()).sum();
        let missing = column.saturating_sub(used);
        if missing > 0 {
            self.pieces
                .push(Piece::new(Role::Text, " ".repeat(missing)));
        }
    }

    /// Its text without roles.
    #[cfg(test)]
    pub(super) fn plain(&self) -> String {
        self.pieces
            .iter()
            .map(|piece| piece.text.as_str())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(document: &Document, width: usize) -> Vec<String> {
        let lines = document.lines(width);
        let plain = lines.iter().map(Line::plain);
        plain.map(|line| line.trim_end().to_owned()).collect()
    }

    #[test]
    fn a_long_value_goes_on_under_itself() {
        let mut document = Document::default();
        document.field("Command", "python3 -m http.server 8000");
        assert_eq!(
            plain(&document, 26),
            [
                "Command    python3 -m",
                "           http.server",
                "           8000"
            ]
        );
    }

    #[test]
    fn what_is_held_together_stays_on_one_line_and_is_a_blank_there() {
        let mut document = Document::default();
        document.text(0, Role::Text, format!("sender 39{HOLD}%"));
        assert_eq!(plain(&document, 9), ["sender", "39 %"]);
        assert_eq!(plain(&document, 11), ["sender 39 %"]);
    }

    #[test]
    fn a_word_longer_than_the_line_is_broken_and_not_lost() {
        let mut document = Document::default();
        document.text(0, Role::Text, "/a/very/long/path");
        assert_eq!(plain(&document, 8), ["/a/very/", "long/pat", "h"]);
    }

    #[test]
    fn every_line_of_a_link_knows_its_link() {
        let mut document = Document::default();
        document.text(0, Role::Text, "first");
        document.command(2, "ss -ltnp", "who listens on it");
        let lines = document.lines(12);
        assert_eq!(lines[0].link, None);
        assert!(lines.len() > 2);
        assert!(lines[1..].iter().all(|line| line.link == Some(0)));
    }

    #[test]
    fn wide_characters_do_not_run_over_the_edge() {
        let mut document = Document::default();
        document.text(0, Role::Text, "日本語アプリ日本語");
        for line in plain(&document, 9) {
            assert!(line.width() <= 9, "{line}");
        }
    }
}
