//! Colours by role. Meaning is never colour alone: glyph and word say the same.

mod file;

pub use file::ThemeError;

use crate::model::Verdict;
use ratatui::style::{Modifier, Style};
use std::sync::OnceLock;

/// How many colours the terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColorDepth {
    /// None; bold, dim and reverse video only.
    Mono,
    /// The terminal's own sixteen.
    Ansi16,
    /// 24 bits.
    Truecolor,
}

/// What a piece of text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Ordinary text, in the terminal's own colour.
    Text,
    /// Labels, rules, what may be overlooked.
    Dim,
    /// Titles of columns and sections.
    Head,
    /// Names of services, what can be opened.
    Accent,
    /// A key to press.
    Key,
    /// A verdict's badge.
    Badge(Verdict),
    /// Text in a verdict's colour, without the bar of [`Role::Badge`].
    Tone(Verdict),
    /// Bytes received, and what is new.
    Received,
    /// Bytes sent.
    Sent,
    /// What has changed, and what needs attention.
    Changed,
    /// What is gone.
    Closed,
    /// A command that can be copied.
    Command,
}

/// A style for each role: what a theme file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Palette {
    dim: Style,
    head: Style,
    accent: Style,
    key: Style,
    command: Style,
    alert: Style,
    odd: Style,
    note: Style,
    ok: Style,
    received: Style,
    sent: Style,
    changed: Style,
    closed: Style,
    selection: Style,
}

/// A theme. Copies are cheap; what it says lives as long as the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    name: &'static str,
    palette: &'static Palette,
}

const DARK: &str = include_str!("../../assets/themes/dark.toml");
const LIGHT: &str = include_str!("../../assets/themes/light.toml");
const ANSI: &str = include_str!("../../assets/themes/ansi.toml");
const MONO: &str = include_str!("../../assets/themes/mono.toml");

/// One of ours; a test reads each of them.
fn ours(text: &str, cell: &'static OnceLock<Palette>) -> &'static Palette {
    cell.get_or_init(|| file::palette(text, Palette::default()).unwrap_or_default())
}

impl Theme {
    /// For a dark background.
    pub fn dark() -> Self {
        static READ: OnceLock<Palette> = OnceLock::new();
        Self {
            name: "dark",
            palette: ours(DARK, &READ),
        }
    }

    /// For a light background.
    pub fn light() -> Self {
        static READ: OnceLock<Palette> = OnceLock::new();
        Self {
            name: "light",
            palette: ours(LIGHT, &READ),
        }
    }

    /// The terminal's own sixteen colours.
    pub fn ansi() -> Self {
        static READ: OnceLock<Palette> = OnceLock::new();
        Self {
            name: "ansi",
            palette: ours(ANSI, &READ),
        }
    }

    /// No colours.
    pub fn mono() -> Self {
        static READ: OnceLock<Palette> = OnceLock::new();
        Self {
            name: "mono",
            palette: ours(MONO, &READ),
        }
    }

    /// The theme that a file's `text` describes. Lives as long as the program, so read few of them.
    ///
    /// # Errors
    ///
    /// Says what in it is no role, no colour or no attribute.
    pub fn parse(name: &str, text: &str) -> Result<Self, ThemeError> {
        let palette = file::palette(text, *Self::dark().palette)?;
        Ok(Self {
            name: Box::leak(name.to_owned().into_boxed_str()),
            palette: Box::leak(Box::new(palette)),
        })
    }

    /// The themes of ours that a terminal with so many colours can show, the usual one first.
    pub(super) fn all(depth: ColorDepth) -> Vec<Self> {
        match depth {
            ColorDepth::Mono => vec![Self::mono()],
            ColorDepth::Ansi16 => vec![Self::ansi(), Self::mono()],
            ColorDepth::Truecolor => {
                vec![Self::dark(), Self::light(), Self::ansi(), Self::mono()]
            }
        }
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        self.name
    }

    /// The style of `role`.
    pub(super) fn style(self, role: Role) -> Style {
        let palette = self.palette;
        match role {
            Role::Text => Style::new(),
            Role::Dim => palette.dim,
            Role::Head => palette.head,
            Role::Accent => palette.accent,
            Role::Command => palette.command,
            Role::Key => palette.key,
            Role::Received => palette.received,
            Role::Sent => palette.sent,
            Role::Changed => palette.changed,
            Role::Closed => palette.closed,
            Role::Badge(Verdict::Suspicious) => palette.alert.add_modifier(Modifier::REVERSED),
            Role::Badge(verdict) | Role::Tone(verdict) => self.tone(verdict),
        }
    }

    /// The bar over the selected row; laid over the finished row, so no cell punches a hole in it.
    pub(super) fn selection(self) -> Style {
        let style = self.palette.selection;
        // In reverse video every colour of a cell would become a patch of background.
        if style.add_modifier.contains(Modifier::REVERSED) {
            Style::reset().patch(style)
        } else {
            style
        }
    }

    fn tone(self, verdict: Verdict) -> Style {
        match verdict {
            Verdict::Expected | Verdict::Unknown => self.palette.ok,
            Verdict::Notable => self.palette.note,
            Verdict::Unusual => self.palette.odd,
            Verdict::Suspicious => self.palette.alert,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Color;

    const ROLES: [Role; 10] = [
        Role::Dim,
        Role::Head,
        Role::Accent,
        Role::Key,
        Role::Command,
        Role::Received,
        Role::Sent,
        Role::Changed,
        Role::Closed,
        Role::Text,
    ];

    #[test]
    fn our_own_files_can_be_read_and_say_every_role() {
        for text in [DARK, LIGHT, ANSI, MONO] {
            assert!(file::palette(text, Palette::default()).is_ok());
            let table: toml::Table = toml::from_str(text).unwrap();
            assert_eq!(table.len(), 14);
        }
    }

    #[test]
    fn without_colour_no_role_names_one() {
        let theme = Theme::mono();
        let badges = Verdict::ALL.map(Role::Badge);
        for role in ROLES.into_iter().chain(badges) {
            let style = theme.style(role);
            assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
        }
    }

    #[test]
    fn without_colour_the_worst_verdicts_still_stand_out() {
        let theme = Theme::mono();
        let [suspicious, unusual, expected] =
            [Verdict::Suspicious, Verdict::Unusual, Verdict::Expected]
                .map(|verdict| theme.style(Role::Badge(verdict)));
        assert_ne!(suspicious, unusual);
        assert_ne!(unusual, expected);
    }

    /// WCAG's relative luminance.
    fn luminance(color: Color) -> f64 {
        let Color::Rgb(red, green, blue) = color else {
            panic!("{color:?} has no luminance of its own");
        };
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    fn contrast(one: Color, other: Color) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_colour_can_be_read_on_its_background_and_on_the_selection() {
        let grounds = [
            (Theme::dark(), Color::Rgb(0x10, 0x14, 0x1c)),
            (Theme::light(), Color::Rgb(255, 255, 255)),
        ];
        for (theme, ground) in grounds {
            let bar = theme.selection().bg.unwrap();
            let tones = Verdict::ALL.map(Role::Tone);
            for role in ROLES.into_iter().chain(tones) {
                let Some(color) = theme.style(role).fg else {
                    continue;
                };
                let on_ground = contrast(color, ground);
                let on_bar = contrast(color, bar);
                assert!(on_ground >= 5.7, "{role:?} {on_ground:.1} {}", theme.name());
                assert!(on_bar >= 4.0, "{role:?} {on_bar:.1} {}", theme.name());
            }
        }
    }

    #[test]
    fn a_theme_of_a_person_changes_what_it_names() {
        let theme = Theme::parse("mine", "accent = \"#ffffff on blue underline\"").unwrap();
        let style = theme.style(Role::Accent);
        assert_eq!(style.fg, Some(Color::Rgb(255, 255, 255)));
        assert_eq!(style.bg, Some(Color::Blue));
        assert!(style.add_modifier.contains(Modifier::UNDERLINED));
        assert_eq!(theme.style(Role::Dim), Theme::dark().style(Role::Dim));
    }

    #[test]
    fn what_is_no_theme_is_said() {
        for (text, said) in [
            ("acent = \"red\"", "acent"),
            ("accent = \"blurple\"", "blurple"),
            ("accent = \"#12345\"", "#12345"),
            ("accent = 3", "accent"),
            ("accent = ", "line 1"),
        ] {
            let error = Theme::parse("mine", text).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
