//! Judges a file by the table of who may use whom.

use crate::{paths, rules::MAY_USE, tree::Source};

/// Returns what is wrong with the paths in `source`.
pub(crate) fn wrong_edges(source: &Source) -> Vec<String> {
    let from = source.module.join("/");
    let from = if from.is_empty() {
        source.name.as_str()
    } else {
        from.as_str()
    };
    let Some((unit, allowed)) = line_of(MAY_USE, from) else {
        return vec![format!(
            "{}: its module has no line in the table",
            source.name
        )];
    };
    paths::own_paths(&source.code, &source.module)
        .iter()
        .map(|path| path.join("/"))
        .filter(|to| !is_below(to, unit) && !allowed.iter().any(|unit| is_below(to, unit)))
        .map(|to| format!("{} names crate::{}", source.name, to.replace('/', "::")))
        .collect()
}

/// Whether `path` is `unit` or lies in it.
pub(crate) fn is_below(path: &str, unit: &str) -> bool {
    let rest = path.strip_prefix(unit);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The most exact line of `table` for `path`.
fn line_of<T: Copy>(table: &[(&'static str, T)], path: &str) -> Option<(&'static str, T)> {
    let lines = table.iter().filter(|(unit, _)| is_below(path, unit));
    lines.max_by_key(|(unit, _)| unit.len()).copied()
}

mod tests {
    use super::*;
    use crate::tree::sources;

    #[test]
    fn modules_name_only_what_they_may() {
        let wrong: Vec<String> = sources().iter().flat_map(wrong_edges).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    fn judged(name: &str, code: &str) -> Vec<String> {
        wrong_edges(&Source::new(name, code))
    }

    #[test]
    fn an_edge_that_is_not_listed_is_told() {
        assert_eq!(
            judged("model/socket.rs", "use crate::registry::Registry;"),
            ["model/socket.rs names crate::registry::Registry"]
        );
        assert_eq!(
            judged(
                "query.rs",
                "use crate::{model::Socket, collect::{self, Source}};"
            )
            .len(),
            2
        );
        assert_eq!(
            judged("report/json.rs", "fn f() { portwise::query::sort() }").len(),
            1
        );
        assert_eq!(
            judged("collect/linux.rs", "use super::super::rules::Rule;").len(),
            1
        );
        assert_eq!(
            judged("main.rs", "fn main() { portwise::tui::run() }").len(),
            1
        );
        assert_eq!(judged("model.rs", "use crate::*;").len(), 1);
    }

    #[test]
    fn a_listed_edge_passes() {
        assert!(judged("rules/shell.rs", "use crate::{model::Socket, registry};").is_empty());
        assert!(
            judged(
                "model/socket.rs",
                "use super::Endpoint; use crate::model::Text;"
            )
            .is_empty()
        );
        assert!(judged("tui/view/table.rs", "use super::super::theme::Theme;").is_empty());
        assert!(judged("tui/app/keys.rs", "use crate::tui::keymap::Key;").is_empty());
        assert!(judged("tui/run.rs", "use crate::{act::Actions, collect::Latest};").is_empty());
    }

    #[test]
    fn one_type_may_be_allowed_alone() {
        assert!(judged("tui/layout.rs", "use crate::query::Column;").is_empty());
        assert_eq!(
            judged("tui/layout.rs", "use crate::query::{Column, Query};").len(),
            1
        );
        assert_eq!(judged("tui/layout.rs", "use crate::query;").len(), 1);
    }

    #[test]
    fn the_parts_of_the_dashboard_are_told_apart() {
        assert_eq!(judged("tui/view.rs", "use crate::query::Query;").len(), 1);
        assert_eq!(
            judged("tui/view/table.rs", "use super::super::run::Loop;").len(),
            1
        );
        assert_eq!(
            judged("tui/app/update.rs", "use crate::{act, tui::view};").len(),
            2
        );
        assert_eq!(
            judged("tui/layout.rs", "use crate::registry::Registry;").len(),
            1
        );
    }

    #[test]
    fn tests_may_name_what_they_like() {
        assert!(judged("model.rs", "#[cfg(test)] mod tests { use crate::cli; }").is_empty());
        assert_eq!(
            judged("model.rs", "#[cfg(test)] mod tests {} use crate::cli;").len(),
            1
        );
    }

    #[test]
    fn a_module_without_a_line_is_told() {
        assert_eq!(judged("util.rs", "").len(), 1);
    }

    #[test]
    fn a_similar_name_is_not_the_same_module() {
        assert!(!is_below("tui/viewer", "tui/view"));
        assert!(is_below("tui/view/table", "tui/view"));
    }
}
