//! One network namespace, opened.

use super::found::Place;
use crate::collect::clock::Clock;
use crate::{
    collect::linux::{
        diag::Diag,
        families::{Families, has_sockets},
        found::Found,
        proc_net::Net,
    },
    model::{Limit, NetNamespace, ToldSocket},
};
use rustix::{
    fd::{AsFd as _, BorrowedFd, OwnedFd},
    fs::{CWD, Mode, OFlags, openat},
    io::Errno,
};
use std::sync::Arc;

/// The tables of the namespace that the thread is in.
const TABLES_OF_THREAD: &str = "/proc/thread-self/net";

/// One network namespace, with what its sockets were when they were last read.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) netns: Arc<NetNamespace>,
    pub(super) sockets: Vec<ToldSocket>,
    pub(super) limits: Vec<Limit>,
    /// In which round it was last read; 0 is never.
    pub(super) read_in: u64,
    /// Why it could not be read.
    pub(super) refused: Option<Errno>,
    pid: Option<u32>,
    way: Way,
}

/// How a namespace is read.
#[derive(Debug)]
enum Way {
    /// By a thread that goes inside. What asks there is opened on the first visit.
    Inside {
        door: OwnedFd,
        asking: Option<(Diag, Families)>,
    },
    /// From the files of a process that is inside.
    Outside {
        net: Net,
        tables: Diag,
        families: Families,
    },
}

impl Room {
    /// Opens a namespace, without going inside.
    pub(super) fn open(place: &Place) -> Result<Self, Errno> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let door = place
            .door
            .as_ref()
            .map(|path| openat(CWD, path, flags, Mode::empty()));
        let way = match (door, place.pid) {
            (Some(Ok(door)), _) => Way::Inside { door, asking: None },
            (Some(Err(_)) | None, Some(pid)) => Way::outside(pid)?,
            (Some(Err(errno)), None) => return Err(errno),
            (None, None) => return Err(Errno::NOENT),
        };
        Ok(Self {
            netns: Arc::new(place.netns.clone()),
            sockets: Vec::new(),
            limits: Vec::new(),
            read_in: 0,
            refused: None,
            pid: place.pid,
            way,
        })
    }

    /// The file that leads inside, where we may go.
    pub(super) fn door(&self) -> Option<BorrowedFd<'_>> {
        match &self.way {
            Way::Inside { door, .. } => Some(door.as_fd()),
            Way::Outside { .. } => None,
        }
    }

    /// Reads it from outside from now on, since we may not go in.
    pub(super) fn stay_outside(&mut self, errno: Errno) {
        match self.pid.ok_or(errno).and_then(Way::outside) {
            Ok(way) => self.way = way,
            Err(errno) => self.refused = Some(errno),
        }
    }

    /// Reads its sockets; for one to go inside, the thread must be there.
    pub(super) fn read(&mut self, unix: bool) -> Vec<Found> {
        self.limits.clear();
        match self.way.read(unix) {
            Ok((found, limits)) => {
                self.refused = None;
                self.limits = limits;
                found
            }
            Err(errno) => {
                self.refused = Some(errno);
                Vec::new()
            }
        }
    }
}

impl Way {
    fn outside(pid: u32) -> Result<Self, Errno> {
        let path = format!("/proc/{pid}/net");
        Ok(Self::Outside {
            net: Net::open(path.as_str())?,
            tables: Diag::of_files(Net::open(path.as_str())?),
            families: Families::of_proc_net(),
        })
    }

    fn read(&mut self, unix: bool) -> Result<(Vec<Found>, Vec<Limit>), Errno> {
        match self {
            Self::Inside { asking, .. } => {
                let net = Net::open(TABLES_OF_THREAD)?;
                if has_sockets(&net) == Some(false) && !unix {
                    return Ok(Default::default());
                }
                let (diag, families) = match asking {
                    Some(asking) => asking,
                    None => asking.insert((Diag::open(Clock::start())?, Families::open())),
                };
                read(diag, families, &net, unix)
            }
            Self::Outside {
                net,
                tables,
                families,
            } => read(tables, families, net, unix),
        }
    }
}

fn read(
    diag: &mut Diag,
    families: &mut Families,
    net: &Net,
    unix: bool,
) -> Result<(Vec<Found>, Vec<Limit>), Errno> {
    let dump = diag.dump_found()?;
    let (mut found, mut limits) = (dump.sockets, dump.limits);
    let others = families.dump(net, unix);
    found.extend(others.sockets);
    limits.extend(others.limits);
    Ok((found, limits))
}
