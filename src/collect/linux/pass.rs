//! One pass of the kernel over every open file of every process: who holds what, also where `/proc` hides it.
//!
//! Only in builds with the feature `ebpf`, where the kernel has BTF and lets us (`CAP_BPF` and `CAP_PERFMON`): it runs
//! a small program of ours for each file, which writes down four numbers and changes nothing. Loading it costs about as
//! much as looking through 20,000 descriptors in `/proc`, so it is loaded when it is first worth that.

#[cfg(feature = "ebpf")]
#[path = "pass/iterator.rs"]
mod iterator;
#[cfg(not(feature = "ebpf"))]
#[path = "pass/absent.rs"]
mod iterator;

use super::owners::What;
use crate::model::Text;
use iterator::Files;

/// An open file of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct File {
    pub(super) process: u32,
    /// The same as the process, but for threads that have a descriptor table of their own.
    pub(super) thread: u32,
    pub(super) descriptor: u32,
    pub(super) what: What,
    /// When the process started, in ticks since boot.
    pub(super) started: u64,
}

/// The pass, loaded when it is first wanted.
#[derive(Debug, Default)]
pub(super) enum Pass {
    /// Nobody has wanted it yet.
    #[default]
    Untried,
    /// It works.
    Loaded(Files),
    /// It does not, for this reason, and is not tried again.
    Refused(Text),
}

impl Pass {
    /// Every open file of every process that the kernel lists for us, by process, thread and descriptor, each once;
    /// `None` where there is no pass.
    pub(super) fn read(&mut self) -> Option<Vec<File>> {
        if let Self::Untried = self {
            *self = match Files::load() {
                Ok(files) => Self::Loaded(files),
                Err(why) => Self::Refused(why),
            };
        }
        let Self::Loaded(files) = self else {
            return None;
        };
        match files.read() {
            Ok(mut found) => {
                found.sort_unstable_by_key(|file| (file.process, file.thread, file.descriptor));
                found.dedup_by_key(|file| (file.process, file.thread, file.descriptor));
                Some(found)
            }
            Err(why) => {
                *self = Self::Refused(why);
                None
            }
        }
    }

    /// Whether this build has it and may load it, and no try has failed.
    pub(super) fn may_work(&self) -> bool {
        match self {
            Self::Untried => Files::may_load(),
            Self::Loaded(_) => true,
            Self::Refused(_) => false,
        }
    }

    /// Tries it; returns how many open files it brought, or why there is none.
    pub(super) fn attempt() -> Result<usize, Text> {
        let mut pass = Self::Untried;
        match (pass.read(), pass) {
            (Some(files), _) => Ok(files.len()),
            (None, Self::Refused(why)) => Err(why),
            (None, Self::Untried | Self::Loaded(_)) => Ok(0),
        }
    }
}
