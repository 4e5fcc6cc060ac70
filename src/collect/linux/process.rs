//! What can be seen of one process that owns a socket.

use super::{
    background::{self, effective_capabilities},
    cgroup::membership,
    checks::FileId,
    executable::{self, unseen},
    owners::{Streams, TableId},
    procfs::ProcDir,
    stat::Stat,
    view::View,
};
use crate::{
    collect::programs::may_be_packaged,
    model::{Executable, Fact, Process, ProcessKey, Text, Unseen},
};
use jiff::Timestamp;
use rustix::io::Errno;
use std::{borrow::Cow, sync::Arc, time::Duration};

/// The most of a command line that is read.
const LONGEST_CMDLINE: usize = 4096;
/// The most arguments that are kept.
const MOST_ARGUMENTS: usize = 64;
/// `USER_HZ`: the unit of times in `/proc`, the same on every architecture that Rust's std supports.
const TICKS_PER_SECOND: u64 = 100;
const LONGEST_STATUS: usize = 4096;
const LONGEST_CGROUP: usize = 16 * 1024;

/// A process as far as its own directory tells.
#[derive(Debug)]
pub(super) struct Read {
    /// Without user name, ancestors, package and shells.
    pub(super) process: Process,
    /// The path of its executable, byte by byte, when that is on disk and in our file system.
    pub(super) path: Option<Vec<u8>>,
    /// Which file that is, as long as it stands at its path and could be a package's.
    pub(super) file: Option<FileId>,
}

/// A process that holds a socket, as far as it was seen while sockets were looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holder<'a> {
    pub(super) key: ProcessKey,
    pub(super) stat: &'a Stat,
    /// Its descriptor table, when `stat` was read only just now.
    pub(super) table: Option<TableId>,
    pub(super) streams: &'a Streams,
}

/// Reads what `view` tells about `holder`; `link` is its link `exe`, `boot` the machine's start.
///
/// `before` is the same process as it was seen running the same file: what stood behind it then does so
/// still, unless its arguments tell that it has begun anew.
pub(super) fn read(
    view: &View<'_>,
    holder: Holder<'_>,
    link: &Result<Vec<u8>, Errno>,
    boot: Option<Timestamp>,
    before: Option<&Process>,
) -> Read {
    let directory = view.process;
    let Some(stat) = stat_now(view, holder) else {
        return Read {
            process: gone(holder, boot),
            path: None,
            file: None,
        };
    };
    let holder = Holder {
        stat: &stat,
        ..holder
    };
    let seen = executable::seen(view, link);
    let path = seen.path.as_deref().or_else(|| link.as_deref().ok());
    let name = executable::name(view, path, &holder.stat.comm);
    let credentials = directory.credentials();
    let file = directory.read_record(c"cgroup", LONGEST_CGROUP);
    // What could be read after them shows that they are of this process.
    let credentials = credentials.filter(|_| file.is_ok());
    let (uid, capabilities) = match credentials {
        Some(known) => (Some(known.uid), Some(known.capabilities)),
        None => credentials_in_status(directory),
    };
    let membership = file.map(|file| membership(&file)).unwrap_or_default();
    let in_container = membership.container.is_some();
    let mut process = Process {
        name,
        executable: seen.fact,
        cmdline: fact(directory.read_record(c"cmdline", LONGEST_CMDLINE + 1)).map_known(arguments),
        cwd: fact(directory.link(c"cwd")).map_known(|path| Text::from_bytes(&path)),
        uid,
        unit: membership.unit.clone(),
        container: membership.container.clone(),
        ..gone(holder, boot)
    };
    process.background = match before {
        Some(before) if before.cmdline == process.cmdline => Arc::clone(&before.background),
        Some(_) | None => Arc::new(background::read(view, &process, &membership, capabilities)),
    };
    let stands = |executable: &Executable| !executable.deleted;
    let file = process.executable.known().filter(|file| stands(file));
    let path = seen.path.filter(|_| !in_container);
    let is_packaged = path.as_deref().is_some_and(may_be_packaged);
    Read {
        file: file
            .filter(|_| is_packaged)
            .and_then(|_| view.file())
            .map(FileId::of),
        process,
        path,
    }
}

/// The effective user and capabilities of a process as it writes them down itself.
pub(super) fn credentials_in_status(process: &ProcDir) -> (Option<u32>, Option<u64>) {
    let status = process.read_record(c"status", LONGEST_STATUS).ok();
    let status = status.as_deref();
    (
        status.and_then(effective_uid),
        status.and_then(effective_capabilities),
    )
}

/// What the holder says of itself now; `None` when its number belongs to another process, or to none.
fn stat_now<'a>(view: &View<'_>, holder: Holder<'a>) -> Option<Cow<'a, Stat>> {
    let is_same = || view.process.was_listed() || view.process.table().ok() == holder.table;
    if holder.table.is_some() && is_same() {
        return Some(Cow::Borrowed(holder.stat));
    }
    let now = Stat::read(view.process).ok()?;
    (now.ticks == holder.stat.ticks).then_some(Cow::Owned(now))
}

/// What is known of a process that ended while we looked.
pub(super) fn gone(holder: Holder<'_>, boot: Option<Timestamp>) -> Process {
    let [input, output, error] = holder.streams;
    Process {
        key: holder.key,
        name: holder.stat.comm.clone(),
        comm: holder.stat.comm.clone(),
        executable: Fact::Unknown(Unseen::Gone),
        cmdline: Fact::Unknown(Unseen::Gone),
        cwd: Fact::Unknown(Unseen::Gone),
        uid: None,
        user: None,
        ppid: Some(holder.stat.ppid).filter(|ppid| *ppid != 0),
        ancestors: Vec::new(),
        started_at: started_at(holder.stat.ticks, boot),
        terminal: Fact::Known(terminal_name(holder.stat.terminal)),
        unit: None,
        container: None,
        package: Fact::Unknown(Unseen::NotAsked),
        streams: Fact::Known([input.stream(), output.stream(), error.stream()]),
        shells: Vec::new(),
        background: Arc::default(),
    }
}

fn fact(read: Result<Vec<u8>, Errno>) -> Fact<Vec<u8>> {
    match read {
        Ok(bytes) => Fact::Known(bytes),
        Err(errno) => Fact::Unknown(unseen(errno)),
    }
}

trait MapKnown<T> {
    fn map_known<U>(self, change: impl FnOnce(T) -> U) -> Fact<U>;
}

impl<T> MapKnown<T> for Fact<T> {
    fn map_known<U>(self, change: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Self::Known(value) => Fact::Known(change(value)),
            Self::Unknown(why) => Fact::Unknown(why),
        }
    }
}

/// Splits a command line; what is too long ends in `…`.
fn arguments(mut line: Vec<u8>) -> Vec<Text> {
    let is_cut = line.len() > LONGEST_CMDLINE;
    line.truncate(LONGEST_CMDLINE);
    let mut line = line.strip_suffix(b"\0").unwrap_or(&line);
    if line.ends_with(b"\0\0") {
        // A program that writes a title over its arguments fills the rest of their room with zeros.
        let end = line.iter().rposition(|byte| *byte != 0);
        line = end.and_then(|end| line.get(..=end)).unwrap_or_default();
    }
    if line.is_empty() {
        return Vec::new();
    }
    let mut parts = line.split(|byte| *byte == 0);
    let mut arguments: Vec<Text> = parts
        .by_ref()
        .take(MOST_ARGUMENTS)
        .map(Text::from_bytes)
        .collect();
    if is_cut || parts.next().is_some() {
        arguments.push(Text::from("…"));
    }
    arguments
}

/// The second number behind `Uid:`.
pub(super) fn effective_uid(status: &[u8]) -> Option<u32> {
    let line = status
        .split(|byte| *byte == b'\n')
        .find_map(|line| line.strip_prefix(b"Uid:"))?;
    let effective = line
        .split(u8::is_ascii_whitespace)
        .filter(|field| !field.is_empty())
        .nth(1)?;
    u32::try_from(super::bytes::decimal(effective)?).ok()
}

/// The path of the terminal with this device number, as the kernel packs it.
fn terminal_name(device: u32) -> Option<Text> {
    let major = (device >> 8) & 0xfff;
    let minor = (device & 0xff) | ((device >> 12) & 0xf_ff00);
    let name = match (major, minor) {
        (0, 0) => return None,
        (136..=143, _) => format!("/dev/pts/{}", (major - 136) * 256 + minor),
        (4, 0..=63) => format!("/dev/tty{minor}"),
        (4, _) => format!("/dev/ttyS{}", minor - 64),
        (5, 1) => "/dev/console".to_owned(),
        _ => format!("device {major}:{minor}"),
    };
    Some(Text::from(name))
}

fn started_at(ticks: u64, boot: Option<Timestamp>) -> Option<Timestamp> {
    boot?.checked_add(of_ticks(ticks)?).ok()
}

/// A time that `/proc` tells in ticks; `None` for more than there can be.
pub(super) fn of_ticks(ticks: u64) -> Option<Duration> {
    let milliseconds = ticks.checked_mul(1000 / TICKS_PER_SECOND)?;
    Some(Duration::from_millis(milliseconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::linux::procfs::Procfs;
    use std::{
        fs,
        os::unix::process::CommandExt as _,
        path::Path,
        process::{Command, Stdio},
    };

    #[test]
    fn a_command_line_is_split_at_its_zeros() {
        let line = b"nginx\0-g\0daemon off;\0".to_vec();
        assert_eq!(arguments(line), ["nginx", "-g", "daemon off;"]);
        assert_eq!(arguments(Vec::new()), Vec::<Text>::new());
    }

    #[test]
    fn an_empty_argument_stays_one() {
        assert_eq!(arguments(b"a\0\0b\0".to_vec()), ["a", "", "b"]);
        assert_eq!(arguments(b"sh\0-c\0\0".to_vec()), ["sh", "-c", ""]);
    }

    #[test]
    fn the_room_that_a_title_leaves_is_no_argument() {
        let title = b"redis-server *:6379\0\0\0\0\0".to_vec();
        assert_eq!(arguments(title), ["redis-server *:6379"]);
        assert_eq!(arguments(vec![0; 9]), Vec::<Text>::new());
    }

    #[test]
    fn a_command_line_too_long_is_cut_and_says_so() {
        let many: Vec<u8> = b"x\0".iter().copied().cycle().take(200).collect();
        let kept = arguments(many);
        assert_eq!(kept.len(), MOST_ARGUMENTS + 1);
        assert_eq!(kept.last().unwrap(), "…");
        let long = arguments(vec![b'x'; LONGEST_CMDLINE + 1]);
        assert_eq!(long.last().unwrap(), "…");
    }

    #[test]
    fn the_effective_user_counts() {
        let status = b"Name:\tx\nUid:\t1000\t0\t0\t0\nGid:\t1\t1\t1\t1\n";
        assert_eq!(effective_uid(status), Some(0));
        assert_eq!(effective_uid(b"Uid:\t1000\n"), None);
    }

    #[test]
    fn whom_a_process_acts_as_is_told_without_its_status() {
        let procfs = Procfs::open(Path::new("/proc")).unwrap();
        let told = |process: &ProcDir| {
            let known = process.credentials().unwrap();
            (Some(known.uid), Some(known.capabilities))
        };
        let own = procfs.process(std::process::id()).unwrap();
        assert_eq!(told(&own), credentials_in_status(&own));
        // One of nobody's, where we may start one, has no capabilities.
        let mut waiting = Command::new("cat");
        waiting.stdin(Stdio::piped());
        if own.credentials().unwrap().uid == 0 {
            waiting.uid(65534);
        }
        // A root of a container can lack that user.
        let Ok(mut waiting) = waiting.spawn() else {
            return;
        };
        let other = procfs.process(waiting.id()).unwrap();
        assert_eq!(told(&other), credentials_in_status(&other));
        assert_ne!(told(&other).0, Some(0));
        waiting.kill().unwrap();
        waiting.wait().unwrap();
    }

    #[test]
    fn a_directory_that_only_looks_like_a_process_tells_by_its_status() {
        let root = tempfile::tempdir().unwrap();
        let own = std::process::id().to_string();
        fs::create_dir(root.path().join(&own)).unwrap();
        let status = "Uid:\t7\t8\t8\t8\nCapEff:\t00000000000000ff\n";
        fs::write(root.path().join(&own).join("status"), status).unwrap();
        let procfs = Procfs::open(root.path()).unwrap();
        let process = procfs.process(std::process::id()).unwrap();
        assert_eq!(process.credentials(), None);
        assert_eq!(credentials_in_status(&process), (Some(8), Some(0xff)));
    }

    #[test]
    fn terminals_are_named() {
        assert_eq!(terminal_name(0), None);
        assert_eq!(terminal_name(34816 + 3).unwrap(), "/dev/pts/3");
        assert_eq!(terminal_name(4 << 8 | 2).unwrap(), "/dev/tty2");
        assert_eq!(terminal_name(4 << 8 | 64).unwrap(), "/dev/ttyS0");
    }

    #[test]
    fn a_process_started_so_long_after_the_machine() {
        let boot = Timestamp::from_second(1_000_000).unwrap();
        let ticks = TICKS_PER_SECOND * 3;
        let started = started_at(ticks, Some(boot)).unwrap();
        assert_eq!(started, Timestamp::from_second(1_000_003).unwrap());
        assert_eq!(started_at(u64::MAX, Some(boot)), None);
    }
}
