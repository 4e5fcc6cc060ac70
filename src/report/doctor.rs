//! What works on this machine, as text and as JSON.

use super::{Style, explain::wrap::Lines, socket::SCHEMA_VERSION};
use crate::model::{Ability, Verdict, Works};
use serde::Serialize;
use std::io;

/// The column at which what was found begins.
const TEXT: usize = 24;

/// Writes what works and what does not, each with what is missing and the command that gives it.
pub fn write_text(
    out: &mut dyn io::Write,
    abilities: &[Ability],
    everything: Option<&str>,
    style: Style,
) -> io::Result<()> {
    for ability in abilities {
        let badge = format!("{:<8}", ability.works.word());
        let first = format!("{badge}  {:<14}", ability.name);
        let mut text = Lines::of(style.prose());
        text.words(&first, TEXT, &ability.detail);
        let indent = " ".repeat(TEXT);
        if let Some(needs) = &ability.needs {
            text.words(&indent, TEXT, &format!("needs {needs}"));
        }
        // A command stays whole, so that it can be copied.
        if let Some(remedy) = &ability.remedy {
            text.whole(&format!("{indent}> {remedy}"));
        }
        let text = text.text();
        let rest = text.strip_prefix(&badge).unwrap_or(text);
        let badge = style.verdict(colour(ability.works), &badge);
        write!(out, "{badge}{rest}")?;
    }
    if let Some(command) = everything {
        let mut text = Lines::of(style.prose());
        text.whole("");
        text.words(
            "",
            0,
            "All privileges at once; whoever may start the program then has them in it:",
        );
        text.whole(&format!("> {command}"));
        out.write_all(text.text().as_bytes())?;
    }
    Ok(())
}

fn colour(works: Works) -> Verdict {
    match works {
        Works::Yes | Works::Unknown => Verdict::Expected,
        Works::Partly => Verdict::Notable,
        Works::No => Verdict::Unusual,
    }
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
        let mut owners = Ability::partly("owners", "word ".repeat(60));
        owners = owners.needing("more ".repeat(40));
        let mut out = vec![];
        write_text(&mut out, &[owners], None, Style::default()).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.lines().count() > 4, "{text}");
        assert!(
            text.lines()
                .all(|line| line.len() <= crate::report::explain::wrap::WIDTH),
            "{text}"
        );
    }
}
