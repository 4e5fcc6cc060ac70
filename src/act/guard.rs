//! Whom we refuse to end. Pure: the parents come as a function.

use crate::model::Order;

/// The most parents that are followed.
const MOST_ANCESTORS: usize = 64;

/// Returns why `order` is refused, if it is.
///
/// Number 0 stands for no process at all and is refused in any case.
pub(super) fn refusal(
    order: &Order,
    ourselves: u32,
    parent_of: impl Fn(u32) -> Option<u32>,
) -> Option<String> {
    let pid = order.target.pid;
    if pid == 0 || i32::try_from(pid).is_err() {
        return Some(format!("{pid} is no process"));
    }
    if order.force {
        return None;
    }
    if pid == 1 {
        return Some("process 1 runs the whole system".into());
    }
    if pid == ourselves {
        return Some("this is portwise itself".into());
    }
    let mut ancestor = ourselves;
    for _generation in 0..MOST_ANCESTORS {
        ancestor = parent_of(ancestor)?;
        if ancestor == pid {
            return Some("portwise runs under this process".into());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ProcessKey, Signal, Started};
    use std::time::Duration;

    fn order(pid: u32, force: bool) -> Order {
        Order {
            target: ProcessKey {
                pid,
                started: Started::Ticks(1),
            },
            executable: None,
            signal: Signal::Term,
            force,
            patience: Duration::ZERO,
        }
    }

    /// 50 is ours, 40 its parent, 30 the parent of that.
    fn parent(pid: u32) -> Option<u32> {
        match pid {
            50 => Some(40),
            40 => Some(30),
            30 => Some(1),
            _ => None,
        }
    }

    #[test]
    fn the_first_process_ourselves_and_our_ancestors_are_refused() {
        for pid in [0, 1, 50, 40, 30, u32::MAX] {
            assert!(refusal(&order(pid, false), 50, parent).is_some(), "{pid}");
        }
        assert_eq!(refusal(&order(60, false), 50, parent), None);
    }

    #[test]
    fn force_allows_everything_but_no_process() {
        for pid in [1, 50, 40] {
            assert_eq!(refusal(&order(pid, true), 50, parent), None, "{pid}");
        }
        assert!(refusal(&order(0, true), 50, parent).is_some());
    }

    #[test]
    fn a_circle_of_parents_ends() {
        assert_eq!(refusal(&order(60, false), 50, |_| Some(50)), None);
    }
}
