//! Which program is known to serve which port.

use crate::model::{Practice, ProgramKind, program::base_name};

/// How many bytes of a process's name Linux keeps, where the executable itself cannot be read.
const COMM_LENGTH: usize = 15;

/// What each program is known for.
pub(super) type ByName = Vec<(&'static str, &'static Practice)>;

/// What each program is known for, sorted by its name; the lowest port wins.
pub(super) fn by_name(practices: &'static [Practice]) -> ByName {
    let mut programs: Vec<_> = practices
        .iter()
        .flat_map(|practice| {
            practice
                .programs
                .iter()
                .map(move |program| (*program, practice))
        })
        .filter(|(program, _)| ProgramKind::of(program) == ProgramKind::Ordinary)
        .collect();
    programs.sort_by_key(|(program, practice)| (*program, practice.port));
    programs.dedup_by_key(|(program, _)| *program);
    programs
}

/// What `program` is known for, in the order of [`by_name`].
pub(super) fn known_for(
    programs: &[(&'static str, &'static Practice)],
    program: &str,
) -> Option<&'static Practice> {
    if ProgramKind::of(program) != ProgramKind::Ordinary {
        return None;
    }
    if let Some(stem) = without_exe(program) {
        return programs
            .iter()
            .find(|(known, _)| is_windows_name(known, stem))
            .map(|(_, practice)| *practice);
    }
    let named = |name: &str| {
        let at = programs.partition_point(|(known, _)| *known < name);
        let (known, practice) = programs.get(at)?;
        is_name(known, name).then_some(*practice)
    };
    named(program).or_else(|| named(base_name(program)))
}

/// Whether `practice` lists `program`, an executable's file name of any version.
pub(super) fn lists(practice: &Practice, program: &str) -> bool {
    let mut known = practice.programs.iter();
    match without_exe(program) {
        Some(stem) => known.any(|known| is_windows_name(known, stem)),
        None => known.any(|known| is_name(known, program) || *known == base_name(program)),
    }
}

/// A name that fills the kernel's field may have been cut there.
fn is_name(known: &str, program: &str) -> bool {
    known == program || (program.len() == COMM_LENGTH && known.starts_with(program))
}

fn is_windows_name(known: &str, stem: &str) -> bool {
    let known = without_exe(known).unwrap_or(known);
    known.eq_ignore_ascii_case(stem) || known.eq_ignore_ascii_case(base_name(stem))
}

fn without_exe(program: &str) -> Option<&str> {
    let (stem, extension) = program.rsplit_once('.')?;
    extension.eq_ignore_ascii_case("exe").then_some(stem)
}
