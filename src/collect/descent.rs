//! What a process started, and what those started.

use std::collections::HashSet;

/// The most descendants that are named.
const MOST: usize = 4096;

/// Returns what `pid` started and what those started, parents before their children.
///
/// `children` gives those of one process; whom it names twice is taken once.
pub(super) fn descendants<I>(pid: u32, children: impl Fn(u32) -> I) -> Vec<u32>
where
    I: Iterator<Item = u32>,
{
    let mut found = vec![pid];
    let mut seen = HashSet::from([pid]);
    let mut next = 0;
    while let Some(parent) = found.get(next).copied()
        && found.len() < MOST
    {
        next += 1;
        found.extend(children(parent).filter(|child| seen.insert(*child)));
    }
    found.split_off(1)
}
