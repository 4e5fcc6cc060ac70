//! What works on this machine, as text and as JSON.

use super::{Style, socket::SCHEMA_VERSION};
use crate::model::{Ability, Verdict, Works};
use serde::Serialize;
use std::io;
use unicode_width::UnicodeWidthStr as _;

/// The column at which what was found begins.
const TEXT: usize = 24;
/// The widest line, but for commands, which stay whole.
const WIDTH: usize = 100;

/// Writes what works and what does not, each with what is missing and the command that gives it.
pub fn write_text(
    out: &mut dyn io::Write,
    abilities: &[Ability],
    everything: Option<&str>,
    style: Style,
) -> io::Result<()> {
    for ability in abilities {
        let badge = format!("{:<8}", word(ability.works));
        let badge = style.verdict(colour(ability.works), &badge);
        let mut lines = wrapped(&ability.detail, WIDTH - TEXT).into_iter();
        let first = lines.next().unwrap_or_default();
        writeln!(out, "{badge}  {:<14}{first}", ability.name)?;
        for line in lines {
            writeln!(out, "{:TEXT$}{line}", "")?;
        }
        if let Some(needs) = &ability.needs {
            for line in wrapped(&format!("needs {needs}"), WIDTH - TEXT) {
                writeln!(out, "{:TEXT$}{line}", "")?;
            }
        }
        if let Some(remedy) = &ability.remedy {
            writeln!(out, "{:TEXT$}> {remedy}", "")?;
        }
    }
    if let Some(command) = everything {
        writeln!(out)?;
        writeln!(
            out,
            "All privileges at once; whoever may start the program then has them in it:"
        )?;
        writeln!(out, "> {command}")?;
    }
    Ok(())
}

fn word(works: Works) -> &'static str {
    match works {
        Works::Yes => "works",
        Works::Partly => "partly",
        Works::No => "missing",
        Works::Unknown => "untried",
    }
}

fn colour(works: Works) -> Verdict {
    match works {
        Works::Yes | Works::Unknown => Verdict::Expected,
        Works::Partly => Verdict::Notable,
        Works::No => Verdict::Unusual,
    }
}

/// Lines of at most `width` columns; a longer word has a line of its own.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[derive(Serialize)]
struct DoctorJson<'a> {
    schema_version: u32,
    portwise_version: &'static str,
    all_well: bool,
    abilities: Vec<AbilityJson<'a>>,
    everything: Option<&'a str>,
}

#[derive(Serialize)]
struct AbilityJson<'a> {
    name: &'static str,
    works: &'static str,
    detail: &'a str,
    needs: Option<&'a str>,
    remedy: Option<&'a str>,
}

/// Writes what works and what does not as one JSON object.
pub fn write_json(
    out: &mut dyn io::Write,
    abilities: &[Ability],
    everything: Option<&str>,
) -> io::Result<()> {
    let json = DoctorJson {
        schema_version: SCHEMA_VERSION,
        portwise_version: env!("CARGO_PKG_VERSION"),
        all_well: abilities
            .iter()
            .all(|ability| matches!(ability.works, Works::Yes | Works::Unknown)),
        abilities: abilities
            .iter()
            .map(|ability| AbilityJson {
                name: ability.name,
                works: ability.works.name(),
                detail: &ability.detail,
                needs: ability.needs.as_deref(),
                remedy: ability.remedy.as_deref(),
            })
            .collect(),
        everything,
    };
    serde_json::to_writer_pretty(&mut *out, &json)?;
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_stands_below_what_was_found_and_its_command_stays_whole() {
        let owners = Ability::partly("owners", "own: 3 of 9 processes can be looked into")
            .needing("CAP_DAC_READ_SEARCH and CAP_SYS_PTRACE")
            .cured_by(
                "sudo setcap cap_dac_read_search,cap_sys_ptrace+ep \"$(command -v portwise)\"",
            );
        let mut out = vec![];
        write_text(&mut out, &[owners], Some("sudo all"), Style::default()).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r#"
    partly    owners        own: 3 of 9 processes can be looked into
                            needs CAP_DAC_READ_SEARCH and CAP_SYS_PTRACE
                            > sudo setcap cap_dac_read_search,cap_sys_ptrace+ep "$(command -v portwise)"

    All privileges at once; whoever may start the program then has them in it:
    > sudo all
    "#);
    }

    #[test]
    fn no_line_of_words_is_wider_than_the_screen() {
        let long = "word ".repeat(60);
        assert!(wrapped(&long, 40).iter().all(|line| line.width() <= 40));
        assert_eq!(wrapped("", 40), Vec::<String>::new());
    }
}
