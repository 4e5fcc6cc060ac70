//! What stands behind a process: its script, its loader's orders, its capabilities, its session.

use super::{
    cgroup::Membership,
    executable::{shared_directory, unseen},
    view::View,
};
use crate::model::{Background, Fact, Process, Script, Setting, Text, Unseen, program};
use rustix::io::Errno;

/// The most of an environment that is read; what lies behind is not seen.
pub(super) const LONGEST_ENVIRONMENT: usize = 256 * 1024;
/// The most of a variable that is kept.
const LONGEST_VALUE: usize = 1024;
const LONGEST_LIST: usize = 16 * 1024;
/// The most libraries that are named.
const MOST_LIBRARIES: usize = 16;
/// The variables that tell the loader which code to add or where to find it.
const LOADER: [&[u8]; 3] = [b"LD_PRELOAD", b"LD_AUDIT", b"LD_LIBRARY_PATH"];

/// Reads what `view` tells beside what is already in `process`; packages are not looked up.
pub(super) fn read(
    view: &View<'_>,
    process: &Process,
    membership: &Membership,
    status: Option<&[u8]>,
) -> Background {
    Background {
        script: script(view, process),
        loader: match view.process.read_record(c"environ", LONGEST_ENVIRONMENT) {
            Ok(environment) => Fact::Known(settings(view, &environment)),
            Err(errno) => Fact::Unknown(unseen(errno)),
        },
        preloaded: preloaded(view),
        capabilities: status
            .and_then(effective_capabilities)
            .map_or(Fact::Unknown(Unseen::NotPermitted), Fact::Known),
        slice: membership.slice.clone(),
        user_service: membership.user_service,
        session: membership.session.clone(),
        ..Background::default()
    }
}

/// The libraries that the loader adds to every program.
fn preloaded(view: &View<'_>) -> Fact<Vec<Text>> {
    let list = view.at(b"/etc/ld.so.preload");
    match list.and_then(|_| view.process.read(c"root/etc/ld.so.preload", LONGEST_LIST)) {
        Ok(list) => Fact::Known(libraries(&list)),
        Err(Errno::NOENT) => Fact::Known(vec![]),
        Err(errno) => Fact::Unknown(unseen(errno)),
    }
}

/// The bits behind `CapEff:`.
pub(super) fn effective_capabilities(status: &[u8]) -> Option<u64> {
    let line = status
        .split(|byte| *byte == b'\n')
        .find_map(|line| line.strip_prefix(b"CapEff:"))?;
    u64::from_str_radix(str::from_utf8(line).ok()?.trim(), 16).ok()
}

fn script(view: &View<'_>, process: &Process) -> Fact<Option<Script>> {
    let arguments = match &process.cmdline {
        Fact::Known(arguments) => arguments,
        Fact::Unknown(why) => return Fact::Unknown(*why),
    };
    let Some(named) = program::script(&process.name, arguments) else {
        return Fact::Known(None);
    };
    let path = match process.cwd.known() {
        Some(cwd) if !named.starts_with('/') => Text::from(format!("{cwd}/{named}")),
        Some(_) | None => named.clone(),
    };
    Fact::Known(Some(Script {
        shared_directory: shared_directory(view, path.as_bytes()),
        package: Fact::Unknown(Unseen::NotAsked),
        path,
    }))
}

/// The variables of an environment that matter here.
fn settings(view: &View<'_>, environment: &[u8]) -> Vec<Setting> {
    let variables = environment.split(|byte| *byte == 0);
    let matter = variables.filter_map(|variable| {
        let at = variable.iter().position(|byte| *byte == b'=')?;
        let (name, value) = (variable.get(..at)?, variable.get(at + 1..)?);
        (LOADER.contains(&name) && !value.is_empty()).then_some((name, value))
    });
    matter
        .take(LOADER.len())
        .map(|(name, value)| Setting {
            name: Text::from_bytes(name),
            value: Text::from_bytes(value.get(..LONGEST_VALUE).unwrap_or(value)),
            shared_directory: value
                .split(|byte| matches!(byte, b':' | b' '))
                .filter(|path| path.starts_with(b"/"))
                // A folder on a search path counts by itself, a library by its folder.
                .find_map(|path| shared_directory(view, &[path, b"/"].concat())),
        })
        .collect()
}

/// The libraries of an `ld.so.preload`: separated by blanks, colons or lines, `#` begins a comment.
fn libraries(list: &[u8]) -> Vec<Text> {
    let lines = list.split(|byte| *byte == b'\n');
    let code = lines.filter_map(|line| line.split(|byte| *byte == b'#').next());
    let words =
        code.flat_map(|line| line.split(|byte| byte.is_ascii_whitespace() || *byte == b':'));
    words
        .filter(|word| !word.is_empty())
        .take(MOST_LIBRARIES)
        .map(Text::from_bytes)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::linux::{
        procfs::{ProcDir, Procfs},
        view::Views,
    };
    use std::fs;

    fn fake() -> (tempfile::TempDir, ProcDir) {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("42/root/usr/lib")).unwrap();
        let process = Procfs::open(root.path()).unwrap().process(42).unwrap();
        (root, process)
    }

    #[test]
    fn only_variables_of_the_loader_are_kept() {
        let (_root, process) = fake();
        let environment = b"HOME=/root\0LD_PRELOAD=/usr/lib/a.so /tmp/b.so\0SECRET=1\0LD_AUDIT=\0";
        let settings = settings(&Views::default().of(&process), environment);
        assert_eq!(settings.len(), 1, "{settings:?}");
        assert_eq!(settings[0].name, "LD_PRELOAD");
        assert_eq!(settings[0].value, "/usr/lib/a.so /tmp/b.so");
        assert_eq!(settings[0].shared_directory, Some(Text::from("/tmp")));
    }

    #[test]
    fn a_folder_on_a_search_path_counts_by_itself() {
        let (_root, process) = fake();
        let settings = settings(
            &Views::default().of(&process),
            b"LD_LIBRARY_PATH=/usr/lib:/dev/shm\0",
        );
        assert_eq!(settings[0].shared_directory, Some(Text::from("/dev/shm")));
    }

    #[test]
    fn comments_preload_nothing() {
        assert_eq!(libraries(b"# none\n\n  # here\n"), Vec::<Text>::new());
        assert_eq!(
            libraries(b"/lib/a.so:/lib/b.so # c\n"),
            ["/lib/a.so", "/lib/b.so"]
        );
    }

    #[test]
    fn capabilities_are_written_in_hexadecimal() {
        let status = b"Name:\tx\nCapEff:\t0000000000080004\n";
        assert_eq!(effective_capabilities(status), Some(0x8_0004));
        assert_eq!(effective_capabilities(b"CapEff:\tzz\n"), None);
    }
}
