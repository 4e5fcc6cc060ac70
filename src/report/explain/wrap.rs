//! Brings words into lines of at most so many columns.

use unicode_width::UnicodeWidthStr as _;

/// The widest line of text, where nothing says otherwise.
pub(in crate::report) const WIDTH: usize = 80;

/// Where the rest of an address stands that is too long for its place.
const DEEP: usize = 6;

/// After these an address may be broken.
const SEAMS: [char; 5] = ['/', '-', '_', '?', '&'];

/// What an indent leaves of a line at least; one that would leave less is [`DEEP`].
const ROOM: usize = 24;

/// The narrowest line: a terminal of fewer columns breaks it for itself.
const NARROWEST: usize = 20;

/// Text in lines of at most so many columns.
#[derive(Debug)]
pub(in crate::report) struct Lines {
    text: String,
    width: usize,
}

impl Lines {
    /// No lines yet, of at most `width` columns; `usize::MAX` breaks none.
    pub(in crate::report) fn of(width: usize) -> Self {
        Self {
            text: String::new(),
            width: width.max(NARROWEST),
        }
    }

    /// The lines, each with its end.
    pub(in crate::report) fn text(&self) -> &str {
        &self.text
    }

    /// Appends `line` as it is, however long: a command that is to be copied, a title.
    pub(in crate::report) fn whole(&mut self, line: &str) {
        end(&mut self.text, line);
    }

    /// Appends `words` in lines, all but the first indented by `indent`; `first` begins the first one and may be coloured.
    ///
    /// A word that fits no line, as a long address does, is broken after a stroke or a hyphen. Where `indent` leaves
    /// little of a line, lines go on further left.
    pub(in crate::report) fn words(&mut self, first: &str, indent: usize, words: &str) {
        let (text, width) = (&mut self.text, self.width);
        if columns(first) + words.width() <= width {
            end(text, &format!("{first}{words}"));
            return;
        }
        let indent = if width.saturating_sub(indent) < ROOM {
            indent.min(DEEP)
        } else {
            indent
        };
        let mut line = String::from(first);
        let mut is_fresh = true;
        for word in words.split_whitespace() {
            let gap = usize::from(!is_fresh);
            let mut rest = word;
            if columns(&line) + gap + word.width() > width {
                let indent = if indent + word.width() > width {
                    indent.min(DEEP)
                } else {
                    indent
                };
                // An item that fits no line anyhow begins beside its mark.
                let begins_here =
                    is_fresh && columns(&line) <= indent && indent + word.width() > width;
                if !begins_here {
                    if !line.trim().is_empty() {
                        end(text, &line);
                    }
                    line = " ".repeat(indent);
                }
                is_fresh = true;
                while columns(&line) + rest.width() > width {
                    let (head, tail) = broken(rest, width.saturating_sub(columns(&line)));
                    line.push_str(head);
                    end(text, &line);
                    line = " ".repeat(indent);
                    rest = tail;
                }
            }
            if !is_fresh {
                line.push(' ');
            }
            line.push_str(rest);
            is_fresh = false;
        }
        end(text, &line);
    }

    /// Appends a command, indented by two; one that is too long goes on in lines that a shell joins again.
    pub(in crate::report) fn command(&mut self, command: &str) {
        const INDENT: &str = "  ";
        const ON: &str = " \\";
        let mut line = String::from(INDENT);
        for word in shell_words(command) {
            let gap = usize::from(line.trim_start() != "");
            let room = self.width - ON.len();
            let is_long = command.width() + INDENT.len() > self.width;
            if gap == 1 && line.width() + gap + word.width() > room && is_long {
                end(&mut self.text, &format!("{line}{ON}"));
                line = " ".repeat(DEEP);
            } else if gap == 1 {
                line.push(' ');
            }
            line.push_str(word);
        }
        end(&mut self.text, &line);
    }
}

/// How wide `text` is, the colours that we put into it left out: no other text holds an escape.
fn columns(text: &str) -> usize {
    let mut parts = text.split('\x1b');
    let before = parts.next().map_or(0, str::width);
    let coloured = parts.map(|part| part.split_once('m').map_or(0, |(_, shown)| shown.width()));
    before + coloured.sum::<usize>()
}

/// Appends one block of Markdown, `indent` columns in from its second line on.
///
/// No line begins with what would make it a list, a heading or a table: the word before comes with it.
pub(super) fn markdown(text: &mut String, indent: usize, block: &str) {
    let margin = " ".repeat(indent);
    let mut before = "";
    let mut line: Vec<&str> = vec![];
    for word in block.split(' ') {
        line.push(word);
        let width = before.width() + line.join(" ").width();
        let can_begin = |at: &usize| line.get(*at).is_some_and(|word| !opens_a_block(word));
        if width > WIDTH
            && let Some(at) = (1..line.len()).rev().find(can_begin)
        {
            let rest = line.split_off(at);
            end(text, &format!("{before}{}", line.join(" ")));
            line = rest;
            before = &margin;
        }
    }
    end(text, &format!("{before}{}", line.join(" ")));
}

/// Whether a word at the beginning of a line would make it a list, a heading or a quotation.
fn opens_a_block(word: &str) -> bool {
    let numbered = word.strip_suffix(['.', ')']);
    word.starts_with('>')
        || word.chars().all(|one| "-+*=#~".contains(one))
        || numbered.is_some_and(|number| number.chars().all(|one| one.is_ascii_digit()))
}

fn end(text: &mut String, line: &str) {
    text.push_str(line.trim_end());
    text.push('\n');
}

/// The part of a word that fits into `room` columns, up to its last seam, and the rest.
fn broken(word: &str, room: usize) -> (&str, &str) {
    let mut width = 0;
    let mut fits = 0;
    let mut seam = 0;
    for (at, character) in word.char_indices() {
        let mut buffer = [0; 4];
        width += character.encode_utf8(&mut buffer).width();
        if width > room {
            break;
        }
        fits = at + character.len_utf8();
        if SEAMS.contains(&character) {
            seam = fits;
        }
    }
    let first = word.chars().next().map_or(0, char::len_utf8);
    let at = if seam > 0 { seam } else { fits.max(first) };
    word.split_at_checked(at).unwrap_or((word, ""))
}

/// The words of a command; what stands between quotes stays together.
fn shell_words(command: &str) -> Vec<&str> {
    let mut words = vec![];
    let mut quote = None;
    let mut start = 0;
    for (at, character) in command.char_indices() {
        match (quote, character) {
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            (None, ' ') => {
                words.extend(command.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    words.extend(command.get(start..));
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    fn wrapped(first: &str, indent: usize, text: &str) -> String {
        in_columns(WIDTH, first, indent, text)
    }

    fn in_columns(width: usize, first: &str, indent: usize, text: &str) -> String {
        let mut lines = Lines::of(width);
        lines.words(first, indent, text);
        lines.text().to_owned()
    }

    fn widest(text: &str) -> usize {
        text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0)
    }

    #[test]
    fn an_address_too_long_for_its_column_gets_a_line_of_its_own() {
        let address = format!("https://example.org/{}", "a".repeat(50));
        let text = wrapped("  source        ", 16, &address);
        assert_eq!(text, format!("  source\n      {address}\n"));
    }

    #[test]
    fn an_address_too_long_for_any_line_is_broken_at_a_seam() {
        let address = format!("https://example.org/{}/{}", "a".repeat(40), "b".repeat(60));
        let text = wrapped("  source        ", 16, &address);
        assert!(widest(&text) <= WIDTH, "{text}");
        assert!(text.contains("/\n      bbb"), "{text}");
        let joined: String = text.split_whitespace().skip(1).collect();
        assert_eq!(joined, address);
    }

    #[test]
    fn an_item_too_long_for_any_line_begins_beside_its_mark() {
        let text = wrapped(
            "  - ",
            4,
            &format!("PATH=/{}/{}", "a".repeat(50), "b".repeat(60)),
        );
        assert!(text.starts_with("  - PATH=/aaa"), "{text}");
        assert!(widest(&text) <= WIDTH, "{text}");
    }

    #[test]
    fn a_word_without_a_seam_is_broken_all_the_same() {
        let text = wrapped("", 2, &"日".repeat(100));
        assert!(widest(&text) <= WIDTH, "{text}");
        assert_eq!(text.matches('日').count(), 100);
    }

    #[test]
    fn a_long_command_goes_on_in_lines_that_a_shell_joins() {
        let long = format!(
            "swaks --server HOST --note '{}' --quit-after RCPT --from a@b",
            "x y ".repeat(12)
        );
        let mut lines = Lines::of(WIDTH);
        lines.command(&long);
        let text = lines.text();
        assert!(widest(text) <= WIDTH, "{text}");
        let joined = text.replace(" \\\n      ", " ");
        assert_eq!(joined.trim(), long);
    }

    #[test]
    fn in_few_columns_no_word_is_lost_and_none_passes_the_edge() {
        let said = format!(
            "{} https://example.org/{} 日本語 end",
            "some words of a sentence ".repeat(6).trim(),
            "path-of-it/".repeat(12)
        );
        for width in NARROWEST..=WIDTH {
            for (first, indent) in [
                ("  - ", 4),
                ("  source        ", 16),
                ("    8080  http-alt        ", 25),
            ] {
                let text = in_columns(width, first, indent, &said);
                let room = width.max(first.trim_end().width());
                assert!(widest(&text) <= room, "{width}: {text}");
                let bare = |text: &str| text.replace(char::is_whitespace, "");
                assert_eq!(bare(&text), bare(first) + &bare(&said), "{width}: {text}");
            }
        }
    }

    #[test]
    fn an_indent_that_leaves_little_of_a_line_gives_way() {
        let text = in_columns(
            40,
            "works     source        ",
            24,
            "sock-diag, the best there is of all",
        );
        assert_eq!(
            text,
            "works     source        sock-diag, the\n      best there is of all\n"
        );
        let text = in_columns(40, "  user          ", 16, "somebody with a long name");
        assert_eq!(
            text,
            "  user          somebody with a long\n                name\n"
        );
    }

    #[test]
    fn colours_take_no_room() {
        let words = "w ".repeat(36);
        let plain = wrapped("  high  ", 4, words.trim());
        let coloured = wrapped("  \x1b[1;7;91mhigh\x1b[0m  ", 4, words.trim());
        assert_eq!(
            coloured.lines().count(),
            plain.lines().count(),
            "{coloured}"
        );
    }

    #[test]
    fn a_command_that_fits_stays_on_its_line() {
        let fits = "x".repeat(38) + " " + &"y".repeat(39);
        let mut lines = Lines::of(WIDTH);
        lines.command(&fits);
        assert_eq!(lines.text(), format!("  {fits}\n"));
    }

    #[test]
    fn a_number_at_the_end_of_a_sentence_brings_the_word_before_it_along() {
        let mut text = String::new();
        markdown(
            &mut text,
            2,
            &format!("- {} it to 587.", "word ".repeat(14).trim()),
        );
        assert!(widest(&text) <= WIDTH, "{text}");
        assert!(text.ends_with("\n  to 587.\n"), "{text}");
    }

    #[test]
    fn no_line_of_markdown_begins_with_what_would_be_markup() {
        let mut text = String::new();
        markdown(
            &mut text,
            2,
            &format!("- {} - 1. # > + end", "word ".repeat(16).trim()),
        );
        for line in text.lines().skip(1) {
            let word = line.split_whitespace().next().unwrap_or("");
            assert!(!["-", "1.", "#", ">", "+"].contains(&word), "{text}");
        }
    }
}
