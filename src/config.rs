//! Three layers (defaults, the user's file, flags) into one value.
//!
//! The only code that reads the environment, the configuration file and the policy, and that writes the policy. Everything else gets
//! [`Settings`] and knows neither.

pub mod env;
pub mod error;
pub mod layer;
pub mod policy;
pub mod settings;
pub mod state;
pub mod value;

pub use env::Environment;
pub use error::{Error, Misfit};
pub use layer::Layer;
pub use policy::PolicyFile;
pub use settings::{ColorDepth, Settings};
pub use state::{State, StateFile};
pub use value::{Ascii, Color, GraphSigns, Interval, Source, ThemeName};

use crate::given::{Given, Pipes};
use policy::as_user::{self, Trust};
use std::{
    io,
    path::{Path, PathBuf},
};

/// The documented default configuration.
pub const DEFAULTS: &str = include_str!("../assets/config.toml");

/// The largest configuration file that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// Returns the default layer.
///
/// # Errors
///
/// Never in a released build: a test reads the same text.
pub fn defaults() -> Result<Layer, Error> {
    Layer::parse(DEFAULTS, Path::new("assets/config.toml"))
}

/// Reads the user's layer: from `path`, or from where it lies by custom.
///
/// A file that is not where it lies by custom is an empty layer; one that was asked for is an error. Under `sudo`
/// it is the file of the one who called it, read with their rights: what is wrong with a file is shown with
/// its line, and that must be a line they may read. `euid` is the effective user id of this process.
///
/// # Errors
///
/// Says which file could not be read, or the line and column that do not fit. Under `sudo` a file that is neither
/// theirs nor root's, or that everybody may write, is not believed, unless it was asked for.
pub fn load(
    path: Option<&Path>,
    environment: &Environment,
    euid: Option<u32>,
) -> Result<Layer, Error> {
    let asked_for = path.is_some();
    let usual = usual_path(environment, euid);
    let Some(path) = path.or(usual.as_deref()) else {
        return Ok(Layer::default());
    };
    match read_as_person(path, asked_for, environment, euid) {
        Ok(text) => Layer::parse(&text, path),
        Err(Error::Read { source, .. })
            if !asked_for && source.kind() == io::ErrorKind::NotFound =>
        {
            Ok(Layer::default())
        }
        Err(error) => Err(error),
    }
}

/// Reads the person's theme called `name`: `themes/NAME.toml` in the configuration directory.
///
/// # Errors
///
/// As [`load`].
pub fn theme(name: &str, environment: &Environment, euid: Option<u32>) -> Result<String, Error> {
    let directory = environment.directory_of_person(euid).unwrap_or_default();
    let path = directory.join("themes").join(format!("{name}.toml"));
    read_as_person(&path, false, environment, euid)
}

/// Where the configuration lies by custom; `None` without a home.
pub fn usual_path(environment: &Environment, euid: Option<u32>) -> Option<PathBuf> {
    let directory = environment.directory_of_person(euid)?;
    Some(directory.join("config.toml"))
}

/// Reads a file with the rights of the one who called `sudo`, else with ours.
fn read_as_person(
    path: &Path,
    asked_for: bool,
    environment: &Environment,
    euid: Option<u32>,
) -> Result<String, Error> {
    let caller = environment.caller(euid);
    let trust = caller.map(|user| Trust {
        euid,
        caller: Some(user.uid),
    });
    let trust = trust.filter(|_| !asked_for);
    // What lies where everybody looks is a file; what a person names may be what another program writes.
    let pipes = if asked_for {
        Pipes::Read
    } else {
        Pipes::Refused
    };
    let text = as_user::run(caller, || read(path, pipes, trust));
    let text = text.map_err(|source| Error::Read {
        path: path.into(),
        source,
    });
    text.flatten()
}

fn read(path: &Path, pipes: Pipes, trust: Option<Trust>) -> Result<String, Error> {
    let failed = |source| Error::Read {
        path: path.into(),
        source,
    };
    let given = Given::open(path, pipes).map_err(failed)?;
    if let Some(why) = trust.and_then(|trust| trust.refuses(given.metadata(), false)) {
        return Err(Error::DistrustedConfiguration {
            path: path.into(),
            why,
        });
    }
    given.text(LARGEST).map_err(|error| {
        if error.kind() == io::ErrorKind::FileTooLarge {
            Error::TooLarge { path: path.into() }
        } else {
            failed(error)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn at_home(directory: &Path) -> Environment {
        Environment {
            config_home: Some(directory.into()),
            ..Environment::default()
        }
    }

    #[test]
    fn a_missing_file_is_fine_unless_it_was_asked_for() {
        let home = tempfile::tempdir().unwrap();
        let environment = at_home(home.path());
        assert_eq!(load(None, &environment, None).unwrap(), Layer::default());
        let asked_for = home.path().join("other.toml");
        let error = load(Some(&asked_for), &environment, None).unwrap_err();
        assert!(
            error.to_string().starts_with("read the configuration"),
            "{error}"
        );
    }

    #[test]
    fn the_file_in_the_configuration_directory_is_read() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("portwise")).unwrap();
        fs::write(home.path().join("portwise/config.toml"), "mouse = false").unwrap();
        let layer = load(None, &at_home(home.path()), None).unwrap();
        assert_eq!(layer.mouse, Some(false));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_lies_by_custom_is_a_file_and_never_waited_for() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join("portwise/themes")).unwrap();
        for name in ["config.toml", "themes/mine.toml"] {
            let path = home.path().join("portwise").join(name);
            mknodat(CWD, &path, FileType::Fifo, Mode::from(0o600), 0).unwrap();
        }
        let environment = at_home(home.path());
        let errors = [
            load(None, &environment, None).unwrap_err(),
            theme("mine", &environment, None).unwrap_err(),
        ];
        for error in errors {
            assert!(
                matches!(&error, Error::Read { source, .. } if source.to_string() == "it is a pipe, no file"),
                "{error:?}"
            );
        }
    }

    #[test]
    fn a_file_without_end_is_not_read_to_its_end() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("large.toml");
        fs::write(&path, "#".repeat(1 << 21)).unwrap();
        let error = load(Some(&path), &Environment::default(), None).unwrap_err();
        assert!(matches!(error, Error::TooLarge { .. }), "{error}");
    }
}
