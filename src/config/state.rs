//! What the dashboard remembers between two runs: apart from the configuration, which is the person's own.

use super::{Environment, policy::as_user};
use crate::{
    given::{Given, Pipes},
    query::Column,
};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};
use toml_edit::{Array, DocumentMut, Item, Table, value};

/// The name of the file in the state directory.
const NAME: &str = "dashboard.toml";

/// The largest file that is read, in bytes.
const LARGEST: u64 = 1 << 16;

/// Filters that are remembered at most.
const MOST_FILTERS: usize = 100;

/// What the dashboard remembers; `None` where nothing was chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct State {
    /// The view it was left in.
    pub view: Option<String>,
    /// The columns of the table of sockets, in their order.
    pub columns: Option<Vec<String>>,
    /// The column rows are sorted by.
    pub sort: Option<String>,
    /// Sorted the other way round.
    pub reverse: Option<bool>,
    /// By what sockets are grouped.
    pub group: Option<String>,
    /// The pane about the selected row.
    pub details: Option<bool>,
    /// Throughput in `bytes` or in `bits`.
    pub unit: Option<String>,
    /// Names in place of the numbers of ports.
    pub port_names: Option<bool>,
    /// What the terminal said of its background: `light`, `dark`, or `unknown` where it did not answer.
    pub background: Option<String>,
    /// The person has read what cannot be seen.
    pub notice_read: Option<bool>,
    /// Filters that were kept, by their names.
    pub filters: BTreeMap<String, String>,
}

/// Where the state lies, and with whose rights it is read and written.
#[derive(Debug, Clone)]
pub struct StateFile {
    path: PathBuf,
    user: Option<as_user::User>,
}

impl StateFile {
    /// The state of the person: of the one who called `sudo`, when we run as root for them.
    pub fn of(environment: &Environment, euid: Option<u32>) -> Option<Self> {
        let user = environment.caller(euid);
        let directory = match (&environment.sudo_home, user) {
            (Some(home), Some(_)) if environment.state_home.is_none() => {
                home.join(".local/state/portwise")
            }
            // Without the home of that person, root's own is nobody's business.
            (None, Some(_)) if environment.state_home.is_none() => return None,
            _ => environment.state_directory()?,
        };
        Some(Self {
            path: directory.join(NAME),
            user,
        })
    }

    /// Reads the state. What cannot be read or understood is forgotten: it is no more than a memory.
    pub fn read(&self) -> State {
        let text = as_user::run(self.user, || read(&self.path));
        let text = text.and_then(|text| text).unwrap_or_default();
        toml::from_str(&text).unwrap_or_default()
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Looks whether the state can be written; what was written stays as it is.
    ///
    /// # Errors
    ///
    /// Says why it could not be written.
    pub fn try_out(&self) -> io::Result<()> {
        as_user::run(self.user, || {
            let (beside, made) = create(&self.path)?;
            drop(made);
            fs::remove_file(beside)
        })?
    }

    /// Writes the state, all of it or nothing.
    ///
    /// # Errors
    ///
    /// Says why it could not be written.
    pub fn write(&self, state: &State) -> io::Result<()> {
        let text = text(state);
        as_user::run(self.user, || write(&self.path, &text))?
    }
}

fn read(path: &Path) -> io::Result<String> {
    Given::open(path, Pipes::Refused)?.text(LARGEST)
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let (beside, mut file) = create(path)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // What is left of a failure is only in the way.
        drop(fs::remove_file(&beside));
    }
    written
}

/// Makes a file that is to take the place of the one at `path`, and the directory where there is none.
fn create(path: &Path) -> io::Result<(PathBuf, File)> {
    let directory = path.parent().unwrap_or(path);
    fs::create_dir_all(directory)?;
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&beside)
        // What one left that was killed is in the way once.
        .inspect_err(|_| drop(fs::remove_file(&beside)))?;
    Ok((beside, file))
}

fn text(state: &State) -> String {
    let mut document = DocumentMut::new();
    let mut put = |key: &str, item: Option<Item>| {
        if let Some(item) = item {
            document.insert(key, item);
        }
    };
    put("view", state.view.as_deref().map(value));
    let columns = state.columns.as_ref();
    put(
        "columns",
        columns.map(|all| value(all.iter().collect::<Array>())),
    );
    put("sort", state.sort.as_deref().map(value));
    put("reverse", state.reverse.map(value));
    put("group", state.group.as_deref().map(value));
    put("details", state.details.map(value));
    put("unit", state.unit.as_deref().map(value));
    put("port_names", state.port_names.map(value));
    put("background", state.background.as_deref().map(value));
    put("notice_read", state.notice_read.map(value));
    let mut filters = Table::new();
    for (name, filter) in state.filters.iter().take(MOST_FILTERS) {
        filters.insert(name, value(filter));
    }
    if !filters.is_empty() {
        document.insert("filters", Item::Table(filters));
    }
    let head = "# What the dashboard remembers. It is written when the dashboard is left.\n";
    format!("{head}{document}")
}

impl State {
    /// The columns that there are; `None` when none was chosen or is known.
    pub fn known_columns(&self) -> Option<Vec<Column>> {
        let named = self.columns.as_ref()?.iter();
        let mut columns: Vec<Column> = vec![];
        for column in named.filter_map(|name| Column::parse(name).ok()) {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        (!columns.is_empty()).then_some(columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(directory: &Path) -> StateFile {
        let environment = Environment {
            state_home: Some(directory.into()),
            ..Environment::default()
        };
        StateFile::of(&environment, Some(1000)).unwrap()
    }

    fn state() -> State {
        State {
            view: Some("ports".into()),
            columns: Some(vec!["local".into(), "process".into()]),
            sort: Some("rx".into()),
            reverse: Some(true),
            group: Some("program".into()),
            details: Some(false),
            unit: Some("bits".into()),
            port_names: Some(true),
            background: Some("light".into()),
            notice_read: Some(true),
            filters: [("a \"b\"".to_owned(), "port:80\n".to_owned())].into(),
        }
    }

    #[test]
    fn what_was_written_is_read_again() {
        let home = tempfile::tempdir().unwrap();
        let file = file(home.path());
        assert_eq!(file.read(), State::default());
        file.write(&state()).unwrap();
        file.write(&state()).unwrap();
        assert_eq!(file.read(), state());
        let left: Vec<_> = fs::read_dir(home.path().join("portwise"))
            .unwrap()
            .collect();
        assert_eq!(left.len(), 1);
    }

    #[test]
    fn a_state_that_cannot_be_written_is_known_before_and_one_that_can_stays_as_it_is() {
        let home = tempfile::tempdir().unwrap();
        let file = file(home.path());
        file.try_out().unwrap();
        file.write(&state()).unwrap();
        file.try_out().unwrap();
        assert_eq!(file.read(), state());
        let left = fs::read_dir(home.path().join("portwise")).unwrap();
        assert_eq!(left.count(), 1);
        // No directory for anybody, root included.
        fs::remove_dir_all(home.path().join("portwise")).unwrap();
        fs::write(home.path().join("portwise"), "").unwrap();
        assert!(file.try_out().is_err());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_pipe_in_place_of_the_state_is_no_memory() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let home = tempfile::tempdir().unwrap();
        let file = file(home.path());
        fs::create_dir(home.path().join("portwise")).unwrap();
        mknodat(CWD, &file.path, FileType::Fifo, Mode::from(0o600), 0).unwrap();
        assert_eq!(file.read(), State::default());
        file.write(&state()).unwrap();
        assert_eq!(file.read(), state());
    }

    #[test]
    fn a_broken_state_is_forgotten_and_unknown_columns_are_left_out() {
        let home = tempfile::tempdir().unwrap();
        let file = file(home.path());
        file.write(&state()).unwrap();
        fs::write(
            &file.path,
            "columns = [\"local\", \"nonsense\", \"local\"]\nnew = 1",
        )
        .unwrap();
        assert_eq!(file.read().known_columns(), Some(vec![Column::Local]));
        fs::write(&file.path, "view = [").unwrap();
        assert_eq!(file.read(), State::default());
    }

    #[test]
    fn under_sudo_it_is_the_state_of_who_called_it() {
        let environment = Environment {
            sudo_uid: Some(1000),
            sudo_home: Some("/home/me".into()),
            home: Some("/root".into()),
            ..Environment::default()
        };
        let file = StateFile::of(&environment, Some(0)).unwrap();
        let expected = Path::new("/home/me/.local/state/portwise/dashboard.toml");
        assert_eq!(file.path, expected);
        assert_eq!(file.user.map(|user| user.uid), Some(1000));
    }
}
