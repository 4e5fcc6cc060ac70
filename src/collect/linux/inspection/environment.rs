//! `/proc/PID/environ`, decoded. Pure.
//!
//! The process can write anything there, and programs that set their title do.

use crate::model::inspection::{Environment, Variable};

/// The most variables that are kept.
const MOST: usize = 2048;

/// Reads what there is, of which the first `limit` bytes count.
pub(super) fn parse(file: &[u8], limit: usize) -> Environment {
    let is_long = file.len() > limit;
    let whole = file.get(..limit).unwrap_or(file);
    let mut entries: Vec<&[u8]> = whole.split(|byte| *byte == 0).collect();
    if is_long {
        // The last one may have lost its end, and with it what makes a secret known.
        entries.pop();
    }
    entries.retain(|entry| !entry.is_empty());
    let is_cut = is_long || entries.len() > MOST;
    let mut environment = Environment {
        is_cut,
        ..Environment::default()
    };
    for entry in entries.into_iter().take(MOST) {
        match variable(entry) {
            Some(variable) => environment.variables.push(variable),
            None => environment.nameless += 1,
        }
    }
    environment
}

fn variable(entry: &[u8]) -> Option<Variable> {
    let at = entry.iter().position(|byte| *byte == b'=')?;
    let (name, value) = (entry.get(..at)?, entry.get(at + 1..)?);
    if name.is_empty() {
        return None;
    }
    let (name, value) = (
        String::from_utf8_lossy(name),
        String::from_utf8_lossy(value),
    );
    Some(Variable::new(&name, &value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::linux::noise::Noise;

    #[test]
    fn variables_are_told_from_what_is_none() {
        let all = parse(
            b"HOME=/root\0nginx: master process\0X=a=b\0=odd\0\0\0",
            1000,
        );
        let shown: Vec<String> = all.variables.iter().map(|one| format!("{one:?}")).collect();
        assert_eq!(shown, ["HOME=/root", "X=a=b"]);
        assert_eq!((all.nameless, all.is_cut), (2, false));
    }

    #[test]
    fn what_was_cut_off_its_end_is_not_shown() {
        let all = parse(b"A=1\0URL=postgres://u:secret@h", 24);
        assert_eq!(all.variables.len(), 1, "{all:?}");
        assert!(all.is_cut);
    }

    #[test]
    fn a_secret_longer_than_any_text_is_hidden_all_the_same() {
        let long = format!("URL=postgres://u:{}@h", "x".repeat(9000));
        let all = parse(long.as_bytes(), 100_000);
        assert_eq!(format!("{:?}", all.variables[0]), "URL=postgres://u:***@h");
    }

    #[test]
    fn whatever_a_process_writes_there_comes_out_escaped_and_bounded() {
        let mut noise = Noise::new(13);
        let whole =
            b"PATH=/bin\0TOKEN=hunter2\0A=\x1b]0;x\x07\xff\xfe\0DATABASE_URL=postgres://u:p@h\0";
        for _ in 0..2000 {
            let all = parse(&noise.spoilt(whole), 120);
            for one in &all.variables {
                let shown = format!("{one:?}");
                assert!(!shown.chars().any(char::is_control), "{shown}");
            }
        }
        let many = b"A=1\0".repeat(MOST * 2);
        let all = parse(&many, many.len());
        assert_eq!((all.variables.len(), all.is_cut), (MOST, true));
    }
}
