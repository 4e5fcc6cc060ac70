//! One layer: what a file or the command line says, and nothing about the rest.

use super::{
    error::{Error, Misfit},
    value::{Ascii, Color, GraphSigns, Interval, Source, ThemeName, column, columns, seconds},
};
use crate::query::{Column, error::nearest};
use serde::Deserialize;
use std::{collections::BTreeMap, path::Path, time::Duration};

/// What one layer says; `None` where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Layer {
    /// How often the machine is read.
    pub interval: Option<Interval>,
    /// Where sockets are read from.
    pub source: Option<Source>,
    /// When to use colours.
    pub color: Option<Color>,
    /// Which colours.
    pub theme: Option<ThemeName>,
    /// Only ASCII.
    pub ascii: Option<Ascii>,
    /// What graphs are drawn with.
    pub graph: Option<GraphSigns>,
    /// Every network namespace is read.
    pub all_namespaces: Option<bool>,
    /// The names of peers are asked for.
    pub resolve: Option<bool>,
    /// Mouse clicks and the wheel.
    pub mouse: Option<bool>,
    /// Nothing can be changed.
    pub readonly: Option<bool>,
    /// File names of programs that are ended only when their name is typed, or by `--force`.
    pub protected: Option<Vec<String>>,
    /// For how long a new row stays marked.
    #[serde(rename = "highlight_seconds", deserialize_with = "seconds")]
    pub highlight: Option<Duration>,
    /// The columns, in their order.
    #[serde(deserialize_with = "columns")]
    pub columns: Option<Vec<Column>>,
    /// The column rows are sorted by.
    #[serde(deserialize_with = "column")]
    pub sort: Option<Column>,
    /// Sorted the other way round.
    pub reverse: Option<bool>,
    /// Keys of the dashboard, by the names of actions.
    pub keys: Option<BTreeMap<String, Vec<String>>>,
    /// Saved filters, by their names.
    pub filters: Option<BTreeMap<String, String>>,
}

/// The keys of a layer, for "did you mean".
const KEYS: [&str; 17] = [
    "interval",
    "source",
    "color",
    "theme",
    "ascii",
    "graph",
    "all_namespaces",
    "resolve",
    "mouse",
    "readonly",
    "protected",
    "highlight_seconds",
    "columns",
    "sort",
    "reverse",
    "keys",
    "filters",
];

impl Layer {
    /// Reads a layer out of `text`, which came from `path`.
    ///
    /// # Errors
    ///
    /// Names the line and the column that do not fit, and the nearest key for a misspelt one.
    pub fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        toml::from_str(text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            let (message, hint) = explain(error.message(), text.get(span.clone()));
            Error::Misfit(Box::new(Misfit::new(path, text, span, message).hint(hint)))
        })
    }

    /// Returns what `upper` says, and where it says nothing, what this layer says.
    #[must_use]
    pub fn under(self, upper: Self) -> Self {
        Self {
            interval: upper.interval.or(self.interval),
            source: upper.source.or(self.source),
            color: upper.color.or(self.color),
            theme: upper.theme.or(self.theme),
            ascii: upper.ascii.or(self.ascii),
            graph: upper.graph.or(self.graph),
            all_namespaces: upper.all_namespaces.or(self.all_namespaces),
            resolve: upper.resolve.or(self.resolve),
            mouse: upper.mouse.or(self.mouse),
            readonly: upper.readonly.or(self.readonly),
            protected: upper.protected.or(self.protected),
            highlight: upper.highlight.or(self.highlight),
            columns: upper.columns.or(self.columns),
            sort: upper.sort.or(self.sort),
            reverse: upper.reverse.or(self.reverse),
            keys: upper.keys.or(self.keys),
            filters: upper.filters.or(self.filters),
        }
    }
}

/// Puts what the reader of TOML says into a sentence of ours where it can be clearer.
fn explain(message: &str, at: Option<&str>) -> (String, Option<String>) {
    let key = at.filter(|_| message.starts_with("unknown field"));
    let Some(key) = key.map(|key| key.trim_matches(['"', '\''])) else {
        let message = message.lines().collect::<Vec<_>>().join("; ");
        return (in_plain_words(&message).unwrap_or(message), None);
    };
    let hint = match nearest(key, KEYS) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the keys are {}", KEYS.join(", ")),
    };
    (format!("there is no key \"{key}\""), Some(hint))
}

/// What a value should be and is, where the message is about that: `invalid type: string "port", expected a sequence`.
fn in_plain_words(message: &str) -> Option<String> {
    let (found, expected) = message
        .strip_prefix("invalid type: ")?
        .rsplit_once(", expected ")?;
    let expected = match expected {
        "a sequence" => "a list",
        "a string" | "string" => "a text in quotes",
        "a boolean" => "true or false",
        "a map" => "a table",
        other => other,
    };
    let (kind, value) = found.split_once(' ').unwrap_or((found, ""));
    let kind = match kind {
        "string" => "the text",
        "integer" | "floating" => "the number",
        "boolean" => "the word",
        "sequence" => "a list",
        "map" => "a table",
        _ => return None,
    };
    let value = value
        .strip_prefix("point ")
        .unwrap_or(value)
        .trim_matches('`');
    Some(
        format!("it takes {expected}, not {kind} {value}")
            .trim_end()
            .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{DEFAULTS, defaults};

    fn misfit(text: &str) -> Misfit {
        let error = Layer::parse(text, Path::new("config.toml")).unwrap_err();
        let Error::Misfit(misfit) = error else {
            panic!("{error}");
        };
        *misfit
    }

    #[test]
    fn the_documented_defaults_set_every_key() {
        let table: toml::Table = toml::from_str(DEFAULTS).unwrap();
        let mut keys: Vec<_> = table.keys().map(String::as_str).collect();
        let mut known = KEYS;
        keys.sort_unstable();
        known.sort_unstable();
        assert_eq!(keys, known);
        let layer = defaults().unwrap();
        assert_eq!(layer.columns.map(|columns| columns.len()), Some(11));
        assert_eq!(layer.highlight, Some(Duration::from_secs(3)));
    }

    #[test]
    fn a_misspelt_key_is_pointed_at_with_the_right_one() {
        let misfit = misfit("mouse = true\nintervall = \"2s\"\n");
        assert_eq!((misfit.line, misfit.column), (2, 1));
        let expected = "config.toml:2:1: there is no key \"intervall\"";
        assert_eq!(misfit.to_string(), expected);
        assert_eq!(misfit.hint.as_deref(), Some("did you mean `interval`?"));
        assert_eq!(misfit.pointed(), "intervall = \"2s\"\n^^^^^^^^^");
    }

    #[test]
    fn a_value_of_another_kind_is_told_in_plain_words() {
        for (text, expected) in [
            (
                r#"columns = "port""#,
                r#"it takes a list, not the text "port""#,
            ),
            ("mouse = 3", "it takes true or false, not the number 3"),
            ("mouse = 0.5", "it takes true or false, not the number 0.5"),
            ("sort = [1]", "it takes a text in quotes, not a list"),
            ("columns = true", "it takes a list, not the word true"),
            ("[mouse]", "it takes true or false, not a table"),
        ] {
            assert_eq!(misfit(text).message, expected, "{text}");
        }
    }

    #[test]
    fn a_value_that_does_not_fit_is_pointed_at() {
        let short = misfit("interval = \"10ms\"");
        assert_eq!((short.line, short.column), (1, 12));
        assert_eq!(
            short.message,
            "an interval is between 100ms and 1h, not 10ms"
        );
        let unit = misfit("interval = \"10\"");
        assert_eq!(unit.message, "\"10\" has no unit (us, ms, s, m, h, d)");
        let column = misfit("sort = \"verdit\"");
        assert!(
            column.message.ends_with("did you mean \"verdict\"?"),
            "{}",
            column.message
        );
        let twice = misfit("columns = [\"pid\", \"pid\"]");
        assert_eq!(twice.message, "the column \"pid\" stands here twice");
        assert!(misfit("color = \"blue\"").message.contains("auto"));
        assert!(
            misfit("ascii = \"yes\"")
                .message
                .contains("true, false or \"auto\"")
        );
        let graph = misfit("graph = \"dots\"").message;
        assert!(
            ["dots", "block", "braille", "ascii"]
                .iter()
                .all(|word| graph.contains(word)),
            "{graph}"
        );
        assert!(misfit("mouse = 1").message.contains("true or false"));
        assert!(
            misfit("highlight_seconds = -1")
                .message
                .contains("between 0 and 3600")
        );
        assert!(
            misfit("highlight_seconds = nan")
                .message
                .contains("between 0 and 3600")
        );
    }

    #[test]
    fn what_is_no_toml_is_pointed_at() {
        let misfit = misfit("mouse = true\ntheme = \"dark\nsort = 1");
        assert_eq!(misfit.line, 2);
    }

    #[test]
    fn the_upper_layer_comes_first() {
        let lower = Layer {
            mouse: Some(true),
            reverse: Some(true),
            ..Layer::default()
        };
        let upper = Layer {
            mouse: Some(false),
            ..Layer::default()
        };
        let both = lower.under(upper);
        assert_eq!((both.mouse, both.reverse), (Some(false), Some(true)));
    }
}
