//! The view of findings: one row a program, with everything that was found about it, and its sockets below it.

use super::listing::{Listing, Row};
use crate::{
    model::{Finding, OwnersSeen, Snapshot, Socket, SocketKey, Verdict},
    query::Query,
    rules::story,
    tui::{
        document::{Document, HOLD},
        layout::fields::Sentence,
        pages,
        theme::Role,
    },
};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
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
    /// When it began to be told; `None` when nobody saw that.
    pub(crate) told_since: Option<Timestamp>,
}

/// What tells one story from another: the program, and whether the policy accepts it.
type StoryKey = (Option<String>, bool);

/// One line of the view.
#[derive(Debug, Clone)]
pub(crate) enum StoryLine {
    /// A program.
    Story(Arc<StoryRow>),
    /// A further line of its sentence; which one, from 1 on.
    Rest(Arc<StoryRow>, usize),
    /// One of its sockets; whether it is the last line of the story.
    Socket(Arc<StoryRow>, Arc<Socket>, bool),
    /// So many more sockets.
    More(Arc<StoryRow>, usize),
}

/// What tells a line from the others of its story.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Which {
    Story,
    Rest(usize),
    Socket(SocketKey),
    More,
}

impl StoryLine {
    fn story(&self) -> &Arc<StoryRow> {
        match self {
            Self::Story(story)
            | Self::Rest(story, _)
            | Self::Socket(story, ..)
            | Self::More(story, _) => story,
        }
    }
}

impl Row for StoryLine {
    type Key = (StoryKey, Which);
    fn key(&self) -> Self::Key {
        let which = match self {
            Self::Story(_) => Which::Story,
            Self::Rest(_, line) => Which::Rest(*line),
            Self::Socket(_, socket, _) => Which::Socket(socket.key()),
            Self::More(..) => Which::More,
        };
        (self.story().key(), which)
    }

    fn goes_on(&self) -> bool {
        matches!(self, Self::Rest(..))
    }
}

/// Lines that a sentence is given at most; the pane and the page have all of a longer one.
const MOST_LINES: usize = 3;

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
    /// What the policy accepts is among them.
    with_accepted: bool,
    /// The room that a sentence has on the screen.
    room: Sentence,
    /// Since when each is told; `None` when nobody looked at the view before.
    since: Option<HashMap<StoryKey, Option<Timestamp>>>,
}

/// What is told: of which snapshot, and what a person wants to see of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Telling<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) query: &'a Query,
    pub(super) with_accepted: bool,
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
            StoryLine::Story(_) | StoryLine::Rest(..) | StoryLine::More(..) => None,
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
        // Only what is asked for moves.
        self.lay_out_still(Some(&key));
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

    /// Nobody looked at the view for a while: what is told since then is not new on the screen.
    pub(super) fn look_away(&mut self) {
        self.since = None;
    }

    /// Takes what is told now. While somebody reads, it keeps its order, and what is new follows.
    fn tell(&mut self, mut told: Vec<StoryRow>, telling: Telling<'_>) {
        let is_alike = self.list.ask(telling.query) && self.with_accepted == telling.with_accepted;
        self.with_accepted = telling.with_accepted;
        let now = telling.snapshot.taken_at;
        let was_seen = self.since.is_some();
        let known = self.since.take().unwrap_or_default();
        for story in &mut told {
            let seen = story.since.filter(|_| !story.before_us);
            let new = if was_seen && is_alike {
                Some(now)
            } else {
                seen
            };
            story.told_since = known.get(&story.key()).copied().unwrap_or(new);
        }
        // What an owner brings to light is not new.
        let has_owners = telling.snapshot.coverage.owners != OwnersSeen::NotYet;
        let since = told.iter().map(|story| (story.key(), story.told_since));
        self.since = has_owners.then(|| since.collect());
        let is_held = is_alike && self.list.is_held(telling.snapshot.elapsed);
        if is_held {
            let before = self.told.iter().enumerate();
            let ranks: HashMap<StoryKey, usize> =
                before.map(|(rank, story)| (story.key(), rank)).collect();
            told.sort_by_key(|story| ranks.get(&story.key()).copied().unwrap_or(usize::MAX));
        }
        self.told = told.into_iter().map(Arc::new).collect();
        if is_held {
            self.lay_out_still(None);
        } else {
            let lines = self.told.iter().flat_map(|story| self.lines_of(story));
            self.list.replace(lines.collect());
        }
    }

    /// The line of a story, and those of its sockets.
    fn lines_of(&self, story: &Arc<StoryRow>) -> Vec<StoryLine> {
        let mut lines = vec![StoryLine::Story(Arc::clone(story))];
        lines.extend(self.rest_of(story));
        let all = story.sockets.len();
        let most = self.shown_of(&story.key()).most(all);
        if most == 0 {
            return lines;
        }
        let mut first: Vec<&Arc<Socket>> = story.sockets.iter().collect();
        pages::first_to_read(&mut first, most);
        for (at, socket) in first.into_iter().enumerate() {
            let (story, socket) = (Arc::clone(story), Arc::clone(socket));
            lines.push(StoryLine::Socket(story, socket, at + 1 == all));
        }
        if all > most {
            lines.push(StoryLine::More(Arc::clone(story), all - most));
        }
        lines
    }

    /// The further lines that its sentence takes.
    fn rest_of(&self, story: &Arc<StoryRow>) -> impl Iterator<Item = StoryLine> {
        let lines = match self.room.columns {
            0 => 1,
            _ => story.sentence_lines(self.room).len().min(MOST_LINES),
        };
        (1..lines).map(|line| StoryLine::Rest(Arc::clone(story), line))
    }

    /// Gives sentences this room, and as many lines as they take there.
    pub(super) fn wrap_in(&mut self, room: Sentence) {
        if std::mem::replace(&mut self.room, room) == room {
            return;
        }
        let mut lines = vec![];
        for (at, line) in self.list.rows.iter().enumerate() {
            let has_left = self.list.has_left(at);
            if !line.goes_on() {
                lines.push((line.clone(), has_left));
            }
            if let StoryLine::Story(story) = line {
                lines.extend(self.rest_of(story).map(|line| (line, has_left)));
            }
        }
        self.list.take_still(lines);
    }

    /// Leaves each line where it is and brings it up to date; lines of new stories follow, those of the story `anew`
    /// are made anew. New sockets of the others are only counted.
    fn lay_out_still(&mut self, anew: Option<&StoryKey>) {
        let places = self.told.iter().enumerate();
        let mut places: HashMap<StoryKey, usize> =
            places.map(|(place, story)| (story.key(), place)).collect();
        let sockets = self.sockets_of_lines();
        let mut lines: Vec<(StoryLine, bool)> = vec![];
        let mut has_lines = HashSet::new();
        // Sockets of the story that have a line.
        let mut shown = 0;
        for line in &self.list.rows {
            let key = line.story().key();
            let place = places.get(&key).copied();
            let story = place.and_then(|place| self.told.get(place));
            let Some((place, story)) = place.zip(story) else {
                lines.push((line.clone(), true));
                continue;
            };
            has_lines.insert(place);
            let is_anew = anew == Some(&key);
            let (line, has_left) = match line {
                StoryLine::Story(_) if is_anew => {
                    lines.extend(self.lines_of(story).into_iter().map(|line| (line, false)));
                    continue;
                }
                _ if is_anew => continue,
                StoryLine::Story(_) => {
                    shown = 0;
                    (StoryLine::Story(Arc::clone(story)), false)
                }
                // Its sentence may be shorter or longer now; nothing moves for that.
                StoryLine::Rest(_, line) => (StoryLine::Rest(Arc::clone(story), *line), false),
                StoryLine::Socket(_, socket, is_last) => {
                    let now = sockets.get(&(place, socket.key())).copied();
                    shown += usize::from(now.is_some());
                    let socket = Arc::clone(now.unwrap_or(socket));
                    let story = Arc::clone(story);
                    (StoryLine::Socket(story, socket, *is_last), now.is_none())
                }
                StoryLine::More(..) => {
                    let more = story.sockets.len().saturating_sub(shown);
                    (StoryLine::More(Arc::clone(story), more), more == 0)
                }
            };
            lines.push((line, has_left));
        }
        places.retain(|_, place| !has_lines.contains(place));
        let mut new: Vec<usize> = places.into_values().collect();
        new.sort_unstable();
        for story in new.into_iter().filter_map(|place| self.told.get(place)) {
            lines.extend(self.lines_of(story).into_iter().map(|line| (line, false)));
        }
        self.list.take_still(lines);
    }

    /// The sockets that have a line, as they are now, each by the place of its story.
    fn sockets_of_lines(&self) -> HashMap<(usize, SocketKey), &Arc<Socket>> {
        let lines = self.list.rows.iter();
        let keys = lines.filter_map(|line| match line {
            StoryLine::Socket(_, socket, _) => Some(socket.key()),
            StoryLine::Story(_) | StoryLine::Rest(..) | StoryLine::More(..) => None,
        });
        let keys: HashSet<SocketKey> = keys.collect();
        let told = self.told.iter().enumerate();
        let all = told.flat_map(|(place, story)| {
            let sockets = story.sockets.iter();
            sockets.map(move |socket| ((place, socket.key()), socket))
        });
        all.filter(|((_, key), _)| keys.contains(key)).collect()
    }
}

/// Tells the stories of the sockets `chosen` anew; those in which nothing is worse than `info` are
/// left out. What the policy accepts comes below them, when it is wanted. Returns of how many programs
/// something is accepted.
pub(super) fn rebuild(
    stories: &mut Stories,
    chosen: &[&Arc<Socket>],
    telling: Telling<'_>,
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
            told_since: None,
        });
    }
    let accepted = accepted(chosen);
    let count = accepted.len();
    if telling.with_accepted {
        rows.extend(accepted);
    }
    stories.tell(rows, telling);
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
            told_since: None,
        }
    });
    rows.collect()
}

impl StoryRow {
    fn key(&self) -> StoryKey {
        (self.program.clone(), self.accepted.is_some())
    }

    /// The worst that was found, and how many other things; of whom, where no column says that.
    fn sentence(&self, has_program: bool) -> String {
        let title = self.findings.first().map_or("", |one| one.title.as_str());
        let accepted = if self.accepted.is_some() {
            "accepted: "
        } else {
            ""
        };
        let name = self.name();
        let is_part = |one: char| one.is_alphanumeric() || matches!(one, '-' | '_' | '.');
        let mut words = title.split(|one| !is_part(one));
        let whose = if has_program || words.any(|word| word == name) {
            String::new()
        } else {
            format!("{name}: ")
        };
        let others = match self.findings.len() {
            0 | 1 => String::new(),
            // It goes with the last word.
            count => format!("{HOLD}{HOLD}(+{})", count - 1),
        };
        format!("{accepted}{whose}{title}{others}")
    }

    /// That in lines.
    pub(crate) fn sentence_lines(&self, room: Sentence) -> Vec<String> {
        let mut document = Document::default();
        document.text(0, Role::Text, self.sentence(room.has_program));
        let lines = document.lines(room.columns).into_iter();
        let plain = lines.map(|line| line.pieces.into_iter().map(|piece| piece.text).collect());
        plain.collect()
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
