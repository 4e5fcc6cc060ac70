//! Who holds a socket: nearly always one process, by one descriptor.

use crate::model::{Few, Owner, ProcessKey, Started};
use std::{
    iter::{Chain, Cloned},
    ops::Deref,
    option, slice,
};

/// At most one process, with at most one descriptor: 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Holder {
    /// 0 for nobody.
    pid: u32,
    /// [`u32::MAX`] for none.
    descriptor: u32,
    /// With [`EPOCH`] where it is in seconds.
    started: u64,
}

/// Tells seconds since 1970 from ticks.
const EPOCH: u64 = 1 << 63;

impl Holder {
    pub(super) const NOBODY: Self = Self {
        pid: 0,
        descriptor: u32::MAX,
        started: 0,
    };

    /// `None` where these are too many, or none that any kernel has.
    pub(super) fn of(owners: &[Owner]) -> Option<Self> {
        let owner = match owners {
            [] => return Some(Self::NOBODY),
            [owner] => owner,
            _ => return None,
        };
        let descriptor = match *owner.fds {
            [] => u32::MAX,
            [fd] if fd != u32::MAX => fd,
            _ => return None,
        };
        let (number, kind) = match owner.process.started {
            Started::Ticks(ticks) => (ticks, 0),
            Started::Epoch(seconds) => (seconds, EPOCH),
        };
        let fits = owner.process.pid != 0 && number & EPOCH == 0;
        fits.then_some(Self {
            pid: owner.process.pid,
            descriptor,
            started: number | kind,
        })
    }

    pub(super) fn owners(self) -> Owners<'static> {
        let number = self.started & !EPOCH;
        let started = match self.started & EPOCH {
            0 => Started::Ticks(number),
            _ => Started::Epoch(number),
        };
        let fds = match self.descriptor {
            u32::MAX => Few::default(),
            fd => Few::One(fd),
        };
        match self.pid {
            0 => Owners::Many(&[]),
            pid => Owners::One(Owner {
                process: ProcessKey { pid, started },
                fds,
            }),
        }
    }
}

/// The processes that hold a socket, to be read like a list.
#[derive(Debug, Clone)]
pub enum Owners<'a> {
    /// One.
    One(Owner),
    /// Any number of them.
    Many(&'a [Owner]),
}

impl Deref for Owners<'_> {
    type Target = [Owner];
    fn deref(&self) -> &[Owner] {
        match self {
            Self::One(owner) => slice::from_ref(owner),
            Self::Many(owners) => owners,
        }
    }
}

impl PartialEq for Owners<'_> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<'a> IntoIterator for Owners<'a> {
    type Item = Owner;
    type IntoIter = Chain<option::IntoIter<Owner>, Cloned<slice::Iter<'a, Owner>>>;
    fn into_iter(self) -> Self::IntoIter {
        let (one, many) = match self {
            Self::One(owner) => (Some(owner), [].as_slice()),
            Self::Many(owners) => (None, owners),
        };
        one.into_iter().chain(many.iter().cloned())
    }
}

impl<'a> IntoIterator for &'a Owners<'_> {
    type Item = &'a Owner;
    type IntoIter = slice::Iter<'a, Owner>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
