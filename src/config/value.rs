//! The values of single keys, each of which knows what it takes.

use crate::{
    model::SourceKind,
    query::{Column, value::parse_duration},
};
use serde::{Deserialize, Deserializer, de};
use std::{fmt, time::Duration};

/// Where sockets are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The best this machine has.
    #[default]
    Auto,
    /// The kernel's socket tables over netlink (Linux).
    SockDiag,
    /// The kernel's socket tables as text, from `/proc/net` (Linux).
    ProcNet,
    /// netstat2 and sysinfo.
    Portable,
}

impl Source {
    /// The source that was asked for; `None` for the best one.
    pub fn kind(self) -> Option<SourceKind> {
        match self {
            Self::Auto => None,
            Self::SockDiag => Some(SourceKind::SockDiag),
            Self::ProcNet => Some(SourceKind::ProcNet),
            Self::Portable => Some(SourceKind::Portable),
        }
    }
}

/// When to use colours, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
    /// The terminal's own 16, whatever it says it has.
    #[serde(rename = "16")]
    Sixteen,
    /// Any, whatever the terminal says it has.
    TrueColor,
}

/// Which colours to use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ThemeName {
    /// What fits the terminal.
    #[default]
    Auto,
    /// For a dark background.
    Dark,
    /// For a light background.
    Light,
    /// No colours.
    Mono,
    /// The terminal's own 16 colours.
    Ansi,
    /// The dark ones of them, for a light background.
    AnsiLight,
    /// A file of this name among the person's themes.
    Named(String),
}

impl ThemeName {
    /// The theme called `name`.
    ///
    /// # Errors
    ///
    /// A fragment that says what is wrong with the name: a file is found by it.
    pub fn parse(name: &str) -> Result<Self, String> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        Ok(match name {
            "auto" => Self::Auto,
            "dark" => Self::Dark,
            "light" => Self::Light,
            "mono" => Self::Mono,
            "ansi" => Self::Ansi,
            "ansi-light" => Self::AnsiLight,
            own if !own.is_empty() && own.len() <= 64 && own.chars().all(plain) => {
                Self::Named(own.to_owned())
            }
            _ => {
                return Err(format!(
                    "\"{name}\" is no name of a theme: letters, digits, - and _"
                ));
            }
        })
    }
}

impl<'de> Deserialize<'de> for ThemeName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::parse(&name).map_err(de::Error::custom)
    }
}

/// Whether to show only ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ascii {
    /// When the locale is not UTF-8.
    #[default]
    Auto,
    /// Yes.
    On,
    /// No.
    Off,
}

impl<'de> Deserialize<'de> for Ascii {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AsciiVisitor)
    }
}

struct AsciiVisitor;

impl de::Visitor<'_> for AsciiVisitor {
    type Value = Ascii;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true, false or \"auto\"")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Ascii, E> {
        Ok(if value { Ascii::On } else { Ascii::Off })
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Ascii, E> {
        match value {
            "auto" => Ok(Ascii::Auto),
            _ => Err(E::invalid_value(de::Unexpected::Str(value), &self)),
        }
    }
}

/// What graphs are drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GraphSigns {
    /// Blocks.
    #[default]
    Block,
    /// Dots of braille.
    Braille,
    /// ASCII.
    Ascii,
}

/// How often the machine is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval(Duration);

impl Interval {
    /// The shortest.
    pub const SHORTEST: Duration = Duration::from_millis(100);
    /// The longest.
    pub const LONGEST: Duration = Duration::from_hours(1);

    /// Reads an interval with its unit.
    ///
    /// # Errors
    ///
    /// A fragment that says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let duration = parse_duration(text)?;
        if (Self::SHORTEST..=Self::LONGEST).contains(&duration) {
            Ok(Self(duration))
        } else {
            Err(format!("an interval is between 100ms and 1h, not {text}"))
        }
    }

    /// As a duration.
    pub fn duration(self) -> Duration {
        self.0
    }
}

impl Default for Interval {
    fn default() -> Self {
        Self(Duration::from_secs(1))
    }
}

impl<'de> Deserialize<'de> for Interval {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

/// Reads the name of a column.
pub(super) fn column<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Column>, D::Error> {
    NamedColumn::deserialize(deserializer).map(|column| Some(column.0))
}

/// Reads a list of columns, none of them twice.
pub(super) fn columns<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<Column>>, D::Error> {
    let named = Vec::<NamedColumn>::deserialize(deserializer)?;
    let mut columns = vec![];
    for NamedColumn(column) in named {
        if columns.contains(&column) {
            let message = format!("the column \"{}\" stands here twice", column.name());
            return Err(de::Error::custom(message));
        }
        columns.push(column);
    }
    if columns.is_empty() {
        return Err(de::Error::custom("at least one column is needed"));
    }
    Ok(Some(columns))
}

struct NamedColumn(Column);

impl<'de> Deserialize<'de> for NamedColumn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Column::parse(&name).map(Self).map_err(|near| {
            let hint = match near {
                Some(near) => format!("; did you mean \"{near}\"?"),
                None => format!(", only {}", Column::ALL.map(Column::name).join(", ")),
            };
            de::Error::custom(format!("there is no column \"{name}\"{hint}"))
        })
    }
}

/// Reads seconds: a whole number or one with a fraction, at most an hour.
pub(super) fn seconds<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    let seconds = f64::deserialize(deserializer)?;
    if !(0.0..=3600.0).contains(&seconds) {
        return Err(de::Error::custom(
            "a number of seconds between 0 and 3600 is needed",
        ));
    }
    Ok(Some(Duration::from_secs_f64(seconds)))
}
