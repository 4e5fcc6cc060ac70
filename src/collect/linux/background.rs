//! What stands behind a process: its script, its loader's orders, its capabilities, its session.

use super::{
    cgroup::Membership,
    executable::{shared_directory, unseen},
    view::View,
};
use crate::model::{Background, Fact, Process, Script, Setting, Text, Unseen, Variable, program};
use rustix::io::Errno;

/// The most of an environment that is read; what lies behind is not seen.
pub(super) const LONGEST_ENVIRONMENT: usize = 256 * 1024;
/// The most of a variable that is kept.
const LONGEST_VALUE: usize = 1024;
const LONGEST_LIST: usize = 16 * 1024;
/// The most libraries that are named.
const MOST_LIBRARIES: usize = 16;

/// Reads what `view` tells beside what is already in `process`, of which the effective capabilities are known already;
/// packages are not looked up.
pub(super) fn read(
    view: &View<'_>,
    process: &Process,
    membership: &Membership,
    capabilities: Option<u64>,
) -> Background {
    Background {
        script: script(view, process),
        loader: match view.process.read_record(c"environ", LONGEST_ENVIRONMENT) {
            Ok(environment) => Fact::Known(settings(view, process, &environment)),
            Err(errno) => Fact::Unknown(unseen(errno)),
        },
        preloaded: preloaded(view),
        capabilities: capabilities.map_or(Fact::Unknown(Unseen::NotPermitted), Fact::Known),
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

/// The variables of an environment that matter here: of an interpreter's own, those that point to where others may
/// write. Each once: of several, one that does, else the last.
fn settings(view: &View<'_>, process: &Process, environment: &[u8]) -> Vec<Setting> {
    let program = process.file_name().unwrap_or(&process.name);
    let mut settings: Vec<Setting> = vec![];
    for variable in environment.split(|byte| *byte == 0) {
        let Some((known, value)) = variable_of(variable, program) else {
            continue;
        };
        let setting = Setting {
            name: Text::from(known.name),
            value: Text::from_bytes(value.get(..LONGEST_VALUE).unwrap_or(value)),
            // A folder on a search path counts by itself, a library by its folder.
            shared_directory: known
                .paths(value)
                .into_iter()
                .find_map(|path| shared_directory(view, &[path, b"/"].concat())),
        };
        if known.heeded_by.is_some() && setting.shared_directory.is_none() {
            continue;
        }
        match settings.iter_mut().find(|one| one.name == setting.name) {
            Some(one) if one.shared_directory.is_some() => {}
            Some(one) => *one = setting,
            None => settings.push(setting),
        }
    }
    settings
}

/// What `variable`, `NAME=value`, decides about the code of `program`, with its value.
fn variable_of<'a>(variable: &'a [u8], program: &str) -> Option<(&'static Variable, &'a [u8])> {
    let at = variable.iter().position(|byte| *byte == b'=')?;
    let name = str::from_utf8(variable.get(..at)?).ok()?;
    let value = variable.get(at + 1..).filter(|value| !value.is_empty())?;
    let known = Variable::named(name).filter(|known| known.is_heeded_by(program))?;
    Some((known, value))
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
    use crate::{
        collect::linux::{
            procfs::{ProcDir, Procfs},
            view::Views,
        },
        model::fixture,
    };
    use std::fs;

    fn fake() -> (tempfile::TempDir, ProcDir) {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("42/root/usr/lib")).unwrap();
        let process = Procfs::open(root.path()).unwrap().process(42).unwrap();
        (root, process)
    }

    fn of_program(name: &str, process: &ProcDir, environment: &[u8]) -> Vec<Setting> {
        let program = fixture::process(name, 42);
        settings(&Views::default().of(process), &program, environment)
    }

    #[test]
    fn what_an_interpreter_heeds_counts_where_others_may_write() {
        let (_root, process) = fake();
        let shared = |program, environment: &[u8]| {
            let settings = of_program(program, &process, environment);
            settings
                .first()
                .and_then(|one| one.shared_directory.clone())
        };
        let tmp = Some(Text::from("/tmp"));
        assert_eq!(shared("python3.11", b"PYTHONPATH=lib:/tmp/lib\0"), tmp);
        assert_eq!(shared("node", b"NODE_OPTIONS=--require=/tmp/a.js\0"), tmp);
        assert_eq!(shared("perl", b"PERL5OPT=-I/tmp -Ma\0"), tmp);
        assert_eq!(shared("perl", b"PERL5OPT=-Mlib=/tmp\0"), tmp);
        assert_eq!(shared("ruby3.1", b"RUBYOPT=-r/tmp/a\0"), tmp);
        assert_eq!(shared("node", b"NODE_OPTIONS=-r '/tmp/a'\0"), tmp);
        assert_eq!(
            shared("node", b"NODE_OPTIONS=--import file:///tmp/a\0"),
            tmp
        );
        // Another program heeds none of them.
        assert_eq!(shared("nginx", b"PYTHONPATH=/tmp\0"), None);
        let usual = b"NODE_OPTIONS=--max-old-space-size=4096 --diagnostic-dir=/tmp --report-directory /tmp -r ./a/tmp\0\
            NODE_PATH=/usr/lib/node\0";
        assert_eq!(of_program("node", &process, usual), []);
        // `a/tmp` is below the folder it was started in.
        assert_eq!(shared("python3", b"PYTHONPATH=a/tmp\0"), None);
    }

    #[test]
    fn only_variables_of_the_loader_are_kept() {
        let (_root, process) = fake();
        let environment = b"HOME=/root\0LD_PRELOAD=/usr/lib/a.so /tmp/b.so\0SECRET=1\0LD_AUDIT=\0";
        let settings = of_program("nginx", &process, environment);
        assert_eq!(settings.len(), 1, "{settings:?}");
        assert_eq!(settings[0].name, "LD_PRELOAD");
        assert_eq!(settings[0].value, "/usr/lib/a.so /tmp/b.so");
        assert_eq!(settings[0].shared_directory, Some(Text::from("/tmp")));
    }

    #[test]
    fn a_folder_on_a_search_path_counts_by_itself() {
        let (_root, process) = fake();
        let settings = of_program("nginx", &process, b"LD_LIBRARY_PATH=/usr/lib:/dev/shm\0");
        assert_eq!(settings[0].shared_directory, Some(Text::from("/dev/shm")));
    }

    #[test]
    fn nothing_hides_behind_others_of_the_same_name() {
        let (_root, process) = fake();
        let many = b"LD_LIBRARY_PATH=/usr/lib\0".repeat(20);
        let environment = [
            &many[..],
            b"LD_LIBRARY_PATH=/usr/lib;/tmp\0",
            &many,
            b"LD_PRELOAD=/a.so\0",
        ];
        let settings = of_program("nginx", &process, &environment.concat());
        let names: Vec<&str> = settings.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["LD_LIBRARY_PATH", "LD_PRELOAD"]);
        assert_eq!(settings[0].shared_directory, Some(Text::from("/tmp")));
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
