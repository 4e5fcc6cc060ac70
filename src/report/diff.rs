//! How a text would change, in the form that `patch` and people know.

use super::Style;
use crate::model::Text;
use std::io;

/// How many lines around a change are shown.
const AROUND: usize = 3;

/// Writes what turns the first text into the second: one unified hunk, or nothing when they are equal.
///
/// One hunk is enough for a text that was changed in one place, and right for any other.
pub fn write(
    out: &mut dyn io::Write,
    path: &str,
    [before, after]: [&str; 2],
    style: Style,
) -> io::Result<()> {
    let (old, new): (Vec<&str>, Vec<&str>) = (lines(before), lines(after));
    let both = || old.iter().zip(&new);
    let head = both().take_while(|(old, new)| old == new).count();
    let most = old.len().min(new.len()) - head;
    let ends = old.iter().rev().zip(new.iter().rev());
    let tail = ends.take(most).take_while(|(old, new)| old == new).count();
    if head == old.len() && head == new.len() {
        return Ok(());
    }
    let first = head.saturating_sub(AROUND);
    let last = |lines: &[&str]| (lines.len() - tail + AROUND).min(lines.len());
    let exists = if old.is_empty() { "/dev/null" } else { path };
    writeln!(out, "{}", style.heading(&format!("--- {exists}")))?;
    writeln!(out, "{}", style.heading(&format!("+++ {path}")))?;
    let span = |lines: &[&str]| {
        let count = last(lines) - first;
        let from = if count == 0 { first } else { first + 1 };
        format!("{from},{count}")
    };
    writeln!(out, "@@ -{} +{} @@", span(&old), span(&new))?;
    put(out, ' ', old.get(first..head))?;
    put(out, '-', old.get(head..old.len() - tail))?;
    put(out, '+', new.get(head..new.len() - tail))?;
    put(out, ' ', old.get(old.len() - tail..last(&old)))
}

/// The lines with their ends, so that a last line without one differs from one with it.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn put(out: &mut dyn io::Write, mark: char, lines: Option<&[&str]>) -> io::Result<()> {
    for line in lines.unwrap_or_default() {
        let (content, ends) = match line.strip_suffix('\n') {
            Some(content) => (content, true),
            None => (*line, false),
        };
        // A file of the person's own may still hold what a terminal would obey.
        writeln!(out, "{mark}{}", Text::from(content.replace('\t', "    ")))?;
        if !ends {
            writeln!(out, "\\ No newline at end of file")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(before: &str, after: &str) -> String {
        let mut out = vec![];
        write(&mut out, "p.toml", [before, after], Style::default()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_new_file_is_made_out_of_nothing() {
        let expected = "--- /dev/null\n+++ p.toml\n@@ -0,0 +1,2 @@\n+a\n+b\n";
        assert_eq!(diff("", "a\nb\n"), expected);
    }

    #[test]
    fn three_lines_around_a_change_are_shown() {
        let expected = "--- p.toml\n+++ p.toml\n@@ -2,6 +2,7 @@\n 2\n 3\n 4\n+new\n 5\n 6\n 7\n";
        assert_eq!(
            diff("1\n2\n3\n4\n5\n6\n7\n8\n", "1\n2\n3\n4\nnew\n5\n6\n7\n8\n"),
            expected
        );
    }

    #[test]
    fn equal_texts_have_no_difference() {
        assert_eq!(diff("a\n", "a\n"), "");
    }

    #[test]
    fn a_missing_newline_at_the_end_is_said() {
        let diff = diff("a", "a\nb\n");
        assert!(
            diff.contains("-a\n\\ No newline at end of file\n+a\n+b\n"),
            "{diff}"
        );
    }
}
