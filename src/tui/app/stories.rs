//! The view of findings: one row a program, with everything that was found about it, and its sockets below it.

use super::listing::{Listing, Row};
use crate::{
    model::{Finding, Socket, SocketKey, Verdict},
    rules::story,
};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

/// Everything that was found about one program.
#[derive(Debug, Clone)]
pub(crate) struct StoryRow {
    /// The path of its executable; `None` when no owner is visible.
    pub(crate) program: Option<String>,
    pub(crate) verdict: Verdict,
    /// Worst first; never empty.
    pub(crate) findings: Vec<Finding>,
    /// The policy accepts them, and this why; `None` for what is not accepted.
    pub(crate) accepted: Option<String>,
    /// The sockets that have findings, in the order of the snapshot.
    pub(crate) sockets: Vec<Arc<Socket>>,
    /// When the oldest of them was first seen.
    pub(crate) since: Option<Timestamp>,
    /// One of them is older than we are, so `since` is no beginning.
    pub(crate) before_us: bool,
}

/// What tells one story from another: the program, and whether the policy accepts it.
type StoryKey = (Option<String>, bool);

/// One line of the view.
#[derive(Debug, Clone)]
pub(crate) enum StoryLine {
    /// A program.
    Story(Arc<StoryRow>),
    /// One of its sockets; whether it is the last line of the story.
    Socket(Arc<StoryRow>, Arc<Socket>, bool),
    /// So many more sockets.
    More(Arc<StoryRow>, usize),
}

/// What tells a line from the others of its story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Which {
    Story,
    Socket(SocketKey),
    More,
}

impl StoryLine {
    fn story(&self) -> &Arc<StoryRow> {
        match self {
            Self::Story(story) | Self::Socket(story, ..) | Self::More(story, _) => story,
        }
    }
}

impl Row for StoryLine {
    type Key = (StoryKey, Which);
    fn key(&self) -> Self::Key {
        let which = match self {
            Self::Story(_) => Which::Story,
            Self::Socket(_, socket, _) => Which::Socket(socket.key()),
            Self::More(..) => Which::More,
        };
        (self.story().key(), which)
    }
}

/// How many of a story's sockets have a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Shown {
    None,
    /// The first [`FEW`].
    #[default]
    Few,
    /// The first [`MANY`].
    Many,
}

/// Sockets of a story that have a line unless somebody asks for more.
const FEW: usize = 3;

/// Sockets of a story that have a line at most.
const MANY: usize = 200;

impl Shown {
    /// How many of `all` sockets; one that stands alone is its story, and one that is left out takes as much room as
    /// what would say so.
    fn most(self, all: usize) -> usize {
        let most = match self {
            _ if all < 2 => 0,
            Self::None => 0,
            Self::Few => FEW,
            Self::Many => MANY,
        };
        if most > 0 && all == most + 1 {
            all
        } else {
            most
        }
    }
}

/// The stories, and their lines.
#[derive(Debug, Default)]
pub(crate) struct Stories {
    pub(crate) list: Listing<StoryLine>,
    told: Vec<Arc<StoryRow>>,
    /// Those of which somebody has asked for more or less.
    shown: HashMap<StoryKey, Shown>,
}

impl Stories {
    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.told.len()
    }

    /// The one that the selected line is of.
    pub(crate) fn selected(&self) -> Option<&StoryRow> {
        self.list.selected().map(|line| &**line.story())
    }

    /// The socket that the selected line is.
    pub(crate) fn selected_line(&self) -> Option<&Arc<Socket>> {
        match self.list.selected()? {
            StoryLine::Socket(_, socket, _) => Some(socket),
            StoryLine::Story(_) | StoryLine::More(..) => None,
        }
    }

    /// The socket that the selected line is, else the worst of its story.
    pub(crate) fn selected_socket(&self) -> Option<&Arc<Socket>> {
        let worst = || {
            let sockets = self.selected()?.sockets.iter();
            sockets.rev().max_by_key(|socket| socket.assessment.verdict)
        };
        self.selected_line().or_else(worst)
    }

    /// Whether the selected line stands for sockets that could have lines.
    pub(crate) fn selected_more(&self) -> bool {
        matches!(self.list.selected(), Some(StoryLine::More(..))) && self.can_fold(false)
    }

    /// Whether sockets of the selected story can be hidden, or else shown.
    pub(crate) fn can_fold(&self, fold: bool) -> bool {
        self.selected().is_some_and(|story| {
            let (all, shown) = (story.sockets.len(), self.shown_of(&story.key()));
            match (fold, shown) {
                _ if all < 2 => false,
                (true, shown) => shown != Shown::None,
                (false, Shown::None) => true,
                (false, Shown::Few) => shown.most(all) < all,
                (false, Shown::Many) => false,
            }
        })
    }

    /// Hides sockets of the selected story, or shows more of them: none, a few, many. Whoever stood on a line that
    /// goes stands on the story then.
    pub(super) fn fold(&mut self, fold: bool) {
        let Some(story) = self.selected().filter(|_| self.can_fold(fold)) else {
            return;
        };
        let (key, all) = (story.key(), story.sockets.len());
        let shown = match (fold, self.shown_of(&key)) {
            (true, Shown::Many) if FEW + 1 < all => Shown::Few,
            (true, _) => Shown::None,
            (false, Shown::None) => Shown::Few,
            (false, _) => Shown::Many,
        };
        self.shown.insert(key.clone(), shown);
        let before = self.list.selected().map(Row::key);
        let place = self
            .list
            .rows
            .iter()
            .position(|line| matches!(line, StoryLine::Story(story) if story.key() == key));
        let more = self.list.cursor();
        self.lay_out();
        let is_there = self.list.selected().map(Row::key) == before;
        match place.filter(|_| !is_there) {
            Some(place) if fold => self.list.select(place),
            // What was one line for many is the first of them.
            Some(_) => self.list.select(more),
            None => {}
        }
    }

    fn shown_of(&self, key: &StoryKey) -> Shown {
        self.shown.get(key).copied().unwrap_or_default()
    }

    fn lay_out(&mut self) {
        let mut lines = vec![];
        for story in &self.told {
            lines.push(StoryLine::Story(Arc::clone(story)));
            let all = story.sockets.len();
            let most = self.shown_of(&story.key()).most(all);
            for (at, socket) in worst_first(&story.sockets).take(most).enumerate() {
                let (story, socket) = (Arc::clone(story), Arc::clone(socket));
                lines.push(StoryLine::Socket(story, socket, at + 1 == all));
            }
            if most > 0 && all > most {
                lines.push(StoryLine::More(Arc::clone(story), all - most));
            }
        }
        self.list.replace(lines);
    }
}

/// Sockets by verdict, the worst first; no more is looked at than is asked for.
fn worst_first(sockets: &[Arc<Socket>]) -> impl Iterator<Item = &Arc<Socket>> {
    let verdicts = Verdict::ALL.into_iter().rev();
    verdicts.flat_map(|verdict| {
        let sockets = sockets.iter();
        sockets.filter(move |socket| socket.assessment.verdict == verdict)
    })
}

/// Tells the stories of the sockets `chosen` anew; those in which nothing is worse than `info` are
/// left out. What the policy accepts comes below them, when it is wanted. Returns of how many programs
/// something is accepted.
pub(super) fn rebuild(
    stories: &mut Stories,
    chosen: &[&Arc<Socket>],
    with_accepted: bool,
) -> usize {
    let mut rows = vec![];
    let judged = chosen
        .iter()
        .filter(|socket| !socket.assessment.findings.is_empty());
    let shared: HashMap<SocketKey, &Arc<Socket>> =
        judged.map(|socket| (socket.key(), *socket)).collect();
    let told = story::stories(chosen.iter().copied()).into_iter();
    let told = told.filter(|story| story.verdict >= Verdict::Notable);
    for story in told {
        // That owners are hidden is said once, above; a story is told of what was found besides.
        let is_told = |socket: &&&Socket| {
            story.program.is_some() || socket.assessment.verdict >= Verdict::Notable
        };
        let sockets = story.sockets.iter().filter(is_told);
        let sockets: Vec<Arc<Socket>> = sockets
            .filter_map(|socket| shared.get(&socket.key()).map(|one| Arc::clone(one)))
            .collect();
        rows.push(StoryRow {
            program: story.program.map(str::to_owned),
            verdict: story.verdict,
            findings: story.findings.into_iter().cloned().collect(),
            accepted: None,
            since: sockets.iter().map(|socket| socket.first_seen()).min(),
            before_us: sockets.iter().any(|socket| socket.before_us),
            sockets,
        });
    }
    let accepted = accepted(chosen);
    let count = accepted.len();
    if with_accepted {
        rows.extend(accepted);
    }
    stories.told = rows.into_iter().map(Arc::new).collect();
    stories.lay_out();
    count
}

/// What the policy accepts, by program.
fn accepted(chosen: &[&Arc<Socket>]) -> Vec<StoryRow> {
    let sockets = chosen.iter().copied();
    let mut by_program: BTreeMap<Option<&str>, Vec<&Arc<Socket>>> = BTreeMap::new();
    for socket in sockets.filter(|socket| !socket.assessment.accepted.is_empty()) {
        let program = story::program(socket);
        by_program.entry(program).or_default().push(socket);
    }
    let rows = by_program.into_iter().map(|(program, sockets)| {
        let mut findings: Vec<Finding> = vec![];
        for finding in sockets.iter().flat_map(|one| &one.assessment.accepted) {
            if findings.iter().all(|known| known.rule != finding.rule) {
                findings.push(finding.clone());
            }
        }
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        let reasons = sockets
            .iter()
            .filter_map(|one| one.assessment.reason.as_ref());
        let why = reasons.map(ToString::to_string).next();
        StoryRow {
            program: program.map(str::to_owned),
            verdict: Verdict::Expected,
            findings,
            accepted: Some(why.unwrap_or_else(|| "the policy accepts it".to_owned())),
            since: sockets.iter().map(|socket| socket.first_seen()).min(),
            before_us: sockets.iter().any(|socket| socket.before_us),
            sockets: sockets.into_iter().cloned().collect(),
        }
    });
    rows.collect()
}

impl StoryRow {
    fn key(&self) -> StoryKey {
        (self.program.clone(), self.accepted.is_some())
    }

    /// What the program goes by; who it is when that is not known.
    pub(crate) fn name(&self) -> String {
        let owners = self.sockets.iter().filter_map(|socket| socket.owner());
        let names: BTreeSet<&str> = owners.map(|process| process.name.as_str()).collect();
        if let (Some(name), 1) = (names.first(), names.len()) {
            return (*name).to_owned();
        }
        let Some(program) = &self.program else {
            return "no visible owner".to_owned();
        };
        let file = program.rsplit('/').next().unwrap_or(program);
        if file.is_empty() { program } else { file }.to_owned()
    }
}
