//! The namespaces of a process, and which of them are ours.

use super::super::{
    bytes::{between, decimal},
    executable::unseen,
    procfs::{ProcDir, Procfs},
};
use crate::model::{Fact, Text, inspection::Namespace};
use rustix::io::Errno;

/// Those of the process itself; what its children will be in is left out.
const KINDS: [&str; 8] = ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"];

/// Reads those that this kernel has.
pub(super) fn read(procfs: &Procfs, directory: &ProcDir) -> Fact<Vec<Namespace>> {
    let ours = procfs.process(std::process::id()).ok();
    let mut found = vec![];
    for kind in KINDS {
        let link = match number(directory, kind) {
            Ok(link) => link,
            // An older kernel does not have them all.
            Err(Errno::NOENT) => continue,
            Err(errno) => return Fact::Unknown(unseen(errno)),
        };
        let own = ours.as_ref().and_then(|ours| number(ours, kind).ok()?);
        if let Some(inode) = link {
            found.push(Namespace {
                kind: Text::from(kind),
                inode,
                is_ours: own.map(|own| own == inode),
            });
        }
    }
    Fact::Known(found)
}

/// The number in `net:[4026531840]`.
fn number(directory: &ProcDir, kind: &str) -> Result<Option<u64>, Errno> {
    let link = directory.link(format!("ns/{kind}"))?;
    let before = format!("{kind}:[");
    Ok(between(&link, before.as_bytes(), b"]").and_then(decimal))
}
