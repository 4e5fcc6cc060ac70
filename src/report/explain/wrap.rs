//! Brings words into lines of at most [`WIDTH`] columns.

use unicode_width::UnicodeWidthStr as _;

/// The widest line of text.
pub(in crate::report) const WIDTH: usize = 80;

/// Where the rest of an address stands that is too long for its place.
const DEEP: usize = 6;

/// After these an address may be broken.
const SEAMS: [char; 5] = ['/', '-', '_', '?', '&'];

/// Appends `words` in lines, all but the first indented by `indent`; `first` begins the first one.
///
/// A word that fits no line, as a long address does, is broken after a stroke or a hyphen.
pub(in crate::report) fn words(text: &mut String, first: &str, indent: usize, words: &str) {
    let mut line = String::from(first);
    let mut is_fresh = true;
    for word in words.split_whitespace() {
        let gap = usize::from(!is_fresh);
        let mut rest = word;
        if line.width() + gap + word.width() > WIDTH {
            let indent = if indent + word.width() > WIDTH {
                indent.min(DEEP)
            } else {
                indent
            };
            // An item that fits no line anyhow begins beside its mark.
            let begins_here = is_fresh && line.width() <= indent && indent + word.width() > WIDTH;
            if !begins_here {
                if !line.trim().is_empty() {
                    end(text, &line);
                }
                line = " ".repeat(indent);
            }
            is_fresh = true;
            while line.width() + rest.width() > WIDTH {
                let (head, tail) = broken(rest, WIDTH - line.width());
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
pub(in crate::report) fn command(text: &mut String, command: &str) {
    const INDENT: &str = "  ";
    const ON: &str = " \\";
    let mut line = String::from(INDENT);
    for word in shell_words(command) {
        let gap = usize::from(line.trim_start() != "");
        let room = WIDTH - ON.len();
        if gap == 1 && line.width() + gap + word.width() > room && command.width() + 2 > WIDTH {
            end(text, &format!("{line}{ON}"));
            line = " ".repeat(DEEP);
        } else if gap == 1 {
            line.push(' ');
        }
        line.push_str(word);
    }
    end(text, &line);
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
        let mut out = String::new();
        words(&mut out, first, indent, text);
        out
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
        let mut text = String::new();
        command(&mut text, &long);
        assert!(widest(&text) <= WIDTH, "{text}");
        let joined = text.replace(" \\\n      ", " ");
        assert_eq!(joined.trim(), long);
    }

    #[test]
    fn a_command_that_fits_stays_on_its_line() {
        let fits = "x".repeat(38) + " " + &"y".repeat(39);
        let mut text = String::new();
        command(&mut text, &fits);
        assert_eq!(text, format!("  {fits}\n"));
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
