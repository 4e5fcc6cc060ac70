//! Processes that nothing can be said against: most, and then a part of the rules need not be asked for
//! each of their sockets.

use super::{RULES, Rule};
use crate::{model::Process, registry::Registry};
use std::sync::LazyLock;

/// The rules that are asked when every owner of a socket is calm.
pub(super) static OTHERS: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let others = RULES.iter().filter(|rule| rule.concerns.is_none());
    others.copied().collect()
});

/// Whether none of the rules that are about processes can speak of this one, whatever its sockets are.
pub fn is_calm(registry: &'static Registry, process: &Process) -> bool {
    let mut concerns = RULES.iter().filter_map(|rule| rule.concerns);
    !concerns.any(|concerns| concerns(registry, process))
}
