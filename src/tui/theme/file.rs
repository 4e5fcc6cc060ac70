//! Theme files: a role a line, with colours and attributes.

use super::Palette;
use crate::model::Text;
use ratatui::style::{Color, Modifier, Style};

/// What in a theme file is wrong, as a fragment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// It is no TOML.
    #[error("line {line}: {message}")]
    Toml {
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        message: Text,
    },
    /// There is no such role.
    #[error("there is no role \"{0}\"")]
    Role(Text),
    /// A role has no text.
    #[error("{0}: a text such as \"#56b4e9 bold\" is needed")]
    Kind(Text),
    /// It is neither a colour nor an attribute.
    #[error("{role}: \"{word}\" is neither a colour nor an attribute")]
    Word {
        /// The role.
        role: Text,
        /// The word.
        word: Text,
    },
}

/// The palette that `text` describes; what it leaves out is as in `base`.
pub(super) fn palette(text: &str, base: Palette) -> Result<Palette, ThemeError> {
    let table: toml::Table = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let before = text.get(..at).unwrap_or_default();
        ThemeError::Toml {
            line: before.matches('\n').count() + 1,
            message: Text::from(error.message()),
        }
    })?;
    let mut palette = base;
    for (role, value) in &table {
        let Some(place) = place(&mut palette, role) else {
            return Err(ThemeError::Role(Text::from(role.as_str())));
        };
        let Some(words) = value.as_str() else {
            return Err(ThemeError::Kind(Text::from(role.as_str())));
        };
        *place = style(role, words)?;
    }
    Ok(palette)
}

fn place<'a>(palette: &'a mut Palette, role: &str) -> Option<&'a mut Style> {
    Some(match role {
        "dim" => &mut palette.dim,
        "head" => &mut palette.head,
        "accent" => &mut palette.accent,
        "key" => &mut palette.key,
        "command" => &mut palette.command,
        "alert" => &mut palette.alert,
        "odd" => &mut palette.odd,
        "note" => &mut palette.note,
        "ok" => &mut palette.ok,
        "received" => &mut palette.received,
        "sent" => &mut palette.sent,
        "changed" => &mut palette.changed,
        "closed" => &mut palette.closed,
        "selection" => &mut palette.selection,
        _ => return None,
    })
}

fn style(role: &str, words: &str) -> Result<Style, ThemeError> {
    let wrong = |word: &str| ThemeError::Word {
        role: Text::from(role),
        word: Text::from(word),
    };
    let mut style = Style::new();
    let mut words = words.split_whitespace();
    while let Some(word) = words.next() {
        if word == "on" {
            let word = words.next().unwrap_or("on");
            style = style.bg(color(word).ok_or_else(|| wrong(word))?);
        } else if let Some(attribute) = attribute(word) {
            style = style.add_modifier(attribute);
        } else {
            style = style.fg(color(word).ok_or_else(|| wrong(word))?);
        }
    }
    Ok(style)
}

fn attribute(word: &str) -> Option<Modifier> {
    Some(match word {
        "bold" => Modifier::BOLD,
        "dim" => Modifier::DIM,
        "underline" => Modifier::UNDERLINED,
        "strike" => Modifier::CROSSED_OUT,
        "reverse" => Modifier::REVERSED,
        _ => return None,
    })
}

fn color(word: &str) -> Option<Color> {
    if let Some(digits) = word.strip_prefix('#') {
        let is_hex = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
        let [_, red, green, blue] = number.to_be_bytes();
        return Some(Color::Rgb(red, green, blue));
    }
    if let Ok(number @ 16..) = word.parse() {
        return Some(Color::Indexed(number));
    }
    Some(match word {
        "black" => Color::Black,
        "red" => Color::Red,
        "green" => Color::Green,
        "yellow" => Color::Yellow,
        "blue" => Color::Blue,
        "magenta" => Color::Magenta,
        "cyan" => Color::Cyan,
        "gray" => Color::Gray,
        "dark-gray" => Color::DarkGray,
        "light-red" => Color::LightRed,
        "light-green" => Color::LightGreen,
        "light-yellow" => Color::LightYellow,
        "light-blue" => Color::LightBlue,
        "light-magenta" => Color::LightMagenta,
        "light-cyan" => Color::LightCyan,
        "white" => Color::White,
        _ => return None,
    })
}
