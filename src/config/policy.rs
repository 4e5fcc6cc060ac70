//! The file of the policy: where it lies, whether it may be believed, and how it is written.
//!
//! What stands in it is the business of [`rules::policy`](crate::rules::policy). Under `sudo` the file
//! of the one who called it counts, and it is read and written with that user's rights alone, so that no
//! link leads root astray.

pub(super) mod as_user;
mod write;

use super::{Environment, Error, LARGEST, Misfit};
use crate::{
    given::{Given, Pipes},
    model::{Entry, Text},
    rules::policy::{self, Fault, Policy},
};
use as_user::{Trust, User};
use jiff::tz::TimeZone;
use std::{
    fs::{self, Metadata},
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::SystemTime,
};

/// The name of the file in its directory.
const NAME: &str = "policy.toml";

/// The policy in use, and the file it comes from.
#[derive(Debug, Clone)]
pub struct PolicyFile {
    places: Vec<Place>,
    /// Finds the time zone, where there is a policy: that goes through all that the system has.
    zone: fn() -> TimeZone,
    current: Arc<Policy>,
    stamp: Option<Stamp>,
    /// Whether we made the file that is written, since there was none.
    made: Arc<AtomicBool>,
}

/// Where a policy may lie.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    path: PathBuf,
    /// It was asked for, so it has to be there, and whose it is has been thought of.
    asked_for: bool,
    /// Everybody may read it when it is new.
    shared: bool,
    /// Whose rights to use, when they are others than ours.
    user: Option<User>,
    trust: Trust,
}

/// What changes when a file is written.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    place: usize,
    modified: Option<SystemTime>,
    length: u64,
    identity: [u64; 2],
}

impl PolicyFile {
    /// Finds and reads the policy: `path` when it was asked for, else the user's, else the machine's.
    ///
    /// Without a file the policy is empty. `euid` is the user we run as.
    ///
    /// # Errors
    ///
    /// Says why the file could not be read or is not believed, or the place that does not fit.
    pub fn open(
        path: Option<&Path>,
        environment: &Environment,
        euid: Option<u32>,
        zone: fn() -> TimeZone,
    ) -> Result<Self, Error> {
        let file = Self::open_to_write(path, environment, euid, zone)?;
        match file.places.first().filter(|place| place.asked_for) {
            Some(missing) if file.stamp.is_none() => {
                let why = fs::metadata(&missing.path).err();
                Err(missing.unread(why.unwrap_or_else(|| io::ErrorKind::NotFound.into())))
            }
            Some(_) | None => Ok(file),
        }
    }

    /// The same for one who writes: the file that was asked for need not be there yet.
    ///
    /// # Errors
    ///
    /// As [`PolicyFile::open`].
    pub fn open_to_write(
        path: Option<&Path>,
        environment: &Environment,
        euid: Option<u32>,
        zone: fn() -> TimeZone,
    ) -> Result<Self, Error> {
        let mut file = Self {
            places: places(path, environment, euid),
            zone,
            current: Arc::default(),
            stamp: None,
            made: Arc::default(),
        };
        file.stamp = file.newest();
        file.current = Arc::new(file.read_in_use()?);
        Ok(file)
    }

    /// The policy in use.
    pub fn policy(&self) -> Arc<Policy> {
        Arc::clone(&self.current)
    }

    /// Looks whether the file was changed, and returns the policy that counts from now on when it was.
    ///
    /// An edit that does not fit leaves the policy as it was, with [`Policy::fault`] saying so.
    pub fn changed(&mut self) -> Option<Arc<Policy>> {
        let stamp = self.newest();
        if stamp == self.stamp {
            return None;
        }
        let vanished = stamp.is_none() && self.places.iter().any(|place| place.asked_for);
        self.stamp = stamp;
        let fault = match self.read_in_use() {
            Ok(policy) if !vanished => {
                self.current = Arc::new(policy);
                return Some(self.policy());
            }
            Ok(_) => "the policy is gone; what it said still counts".to_owned(),
            Err(error) => format!("the policy was not read again: {}", words(&error)),
        };
        let mut kept = (*self.current).clone();
        kept.fault = Some(Text::from(fault));
        self.current = Arc::new(kept);
        Some(self.policy())
    }

    /// The file that is in use, or the one that would be made.
    pub fn path(&self) -> Option<&Path> {
        self.in_use()
            .or_else(|| self.places.first())
            .map(|place| &*place.path)
    }

    /// What the file says now and what it would say with `entries`; they are equal when nothing is new.
    ///
    /// # Errors
    ///
    /// As [`PolicyFile::open`].
    pub fn preview(&self, entries: &[Entry]) -> Result<(String, String), Error> {
        let place = self.place_to_write()?;
        let text = place.read()?.unwrap_or_default();
        let edited = policy::add(&text, entries).map_err(|fault| place.misfit(&text, fault))?;
        Ok((text, edited))
    }

    /// Writes `entries` into the file, and makes it when there is none. Returns whether any was new.
    ///
    /// # Errors
    ///
    /// Says why it could not be written, or the place in the file that does not fit.
    pub fn add(&self, entries: &[Entry]) -> Result<bool, Error> {
        self.edit(|text| policy::add(text, entries).map(Some))
    }

    /// Takes `entry` out of the file again. Returns whether it stood there.
    ///
    /// A file that this value has made goes with the last of what stands in it.
    ///
    /// # Errors
    ///
    /// As [`PolicyFile::add`].
    pub fn remove(&self, entry: &Entry) -> Result<bool, Error> {
        self.edit(|text| policy::remove(text, entry))
    }

    fn edit(
        &self,
        edit: impl Fn(&str) -> Result<Option<String>, Fault> + Sync,
    ) -> Result<bool, Error> {
        let place = self.place_to_write()?;
        let failed = |source| Error::WritePolicy {
            path: place.path.clone(),
            source,
        };
        let done = as_user::run(place.user, || {
            let lock = write::lock(&place.path).map_err(failed)?;
            let old = place.read_here()?;
            let is_new = old.is_none();
            let text = old.unwrap_or_default();
            let edited = edit(&text).map_err(|fault| place.misfit(&text, fault))?;
            let Some(edited) = edited.filter(|edited| *edited != text) else {
                return Ok(false);
            };
            // One that was asked for would be missed.
            let is_ours = self.made.load(Ordering::Relaxed) && !place.asked_for;
            let is_undone = is_ours && edited.trim().is_empty();
            let written = if is_undone {
                write::remove(&place.path)
            } else {
                write::replace(&place.path, &edited, place.shared)
            };
            drop(lock);
            written.map_err(failed)?;
            if is_new || is_undone {
                self.made.store(is_new, Ordering::Relaxed);
            }
            Ok(true)
        });
        done.map_err(failed)?
    }

    fn place_to_write(&self) -> Result<&Place, Error> {
        let place = self.in_use().or_else(|| self.places.first());
        place.ok_or(Error::NoHome)
    }

    fn in_use(&self) -> Option<&Place> {
        let at = self.newest()?.place;
        self.places.get(at)
    }

    fn newest(&self) -> Option<Stamp> {
        let mut places = self.places.iter().enumerate();
        places.find_map(|(at, place)| {
            let found = as_user::run(place.user, || fs::metadata(&place.path));
            let found = found.ok()?.ok()?;
            Some(Stamp::of(at, &found))
        })
    }

    fn read_in_use(&self) -> Result<Policy, Error> {
        for place in &self.places {
            if let Some(text) = place.read()? {
                return place.parse(&text, &(self.zone)());
            }
        }
        Ok(Policy::default())
    }
}

impl Stamp {
    fn of(place: usize, metadata: &Metadata) -> Self {
        Self {
            place,
            modified: metadata.modified().ok(),
            length: metadata.len(),
            identity: as_user::identity(metadata),
        }
    }
}

impl Place {
    /// Reads the file; `None` when there is none.
    fn read(&self) -> Result<Option<String>, Error> {
        as_user::run(self.user, || self.read_here()).map_err(|error| self.unread(error))?
    }

    fn read_here(&self) -> Result<Option<String>, Error> {
        let failed = |source| self.unread(source);
        // It is written, too, so it is a file even where it was asked for.
        let given = match Given::open(&self.path, Pipes::Refused) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            given => given.map_err(failed)?,
        };
        if let Some(why) = self.trust.refuses(given.metadata(), self.asked_for) {
            return Err(self.distrust(&why));
        }
        match given.text(LARGEST) {
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                Err(self.distrust("is larger than 1 MiB"))
            }
            text => text.map(Some).map_err(failed),
        }
    }

    fn parse(&self, text: &str, zone: &TimeZone) -> Result<Policy, Error> {
        let leads_to = |path: &str| {
            let real = fs::canonicalize(path).ok()?;
            Some(Text::from(real.to_str()?))
        };
        let policy = Policy::parse(text, zone, &leads_to);
        let mut policy = policy.map_err(|fault| self.misfit(text, fault))?;
        policy.path = Some(Text::from(self.path.display().to_string()));
        Ok(policy)
    }

    fn misfit(&self, text: &str, fault: Fault) -> Error {
        let misfit = Misfit::new(&self.path, text, fault.span, fault.message);
        Error::Misfit(Box::new(misfit.hint(fault.hint)))
    }

    fn unread(&self, source: io::Error) -> Error {
        Error::ReadPolicy {
            path: self.path.clone(),
            source,
        }
    }

    fn distrust(&self, why: &str) -> Error {
        Error::Distrusted {
            path: self.path.clone(),
            why: why.to_owned(),
        }
    }
}

/// Where to look, the first first.
fn places(path: Option<&Path>, environment: &Environment, euid: Option<u32>) -> Vec<Place> {
    let sudo = environment
        .sudo_uid
        .filter(|uid| euid == Some(0) && *uid != 0);
    let trust = Trust { euid, caller: sudo };
    let place = |path: PathBuf| Place {
        path,
        asked_for: false,
        shared: false,
        user: None,
        trust,
    };
    if let Some(path) = path {
        return vec![Place {
            asked_for: true,
            ..place(path.into())
        }];
    }
    let users = environment.directory_of_person(euid);
    let users = users.map(|directory| Place {
        user: sudo.map(|uid| User {
            uid,
            gid: environment.sudo_gid,
        }),
        ..place(directory.join(NAME))
    });
    let machines = environment.system_directory.as_ref();
    let machines = machines.map(|directory| Place {
        shared: true,
        ..place(directory.join(NAME))
    });
    users.into_iter().chain(machines).collect()
}

/// An error with its causes, in one line.
fn words(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let words: Vec<String> = causes.map(ToString::to_string).collect();
    words.join(": ")
}

#[cfg(test)]
mod tests;
