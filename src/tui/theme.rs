//! Colours by role. Meaning is never colour alone: glyph and word say the same.

use crate::model::Verdict;
use ratatui::style::{Color, Modifier, Style};

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

/// The colours of one terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Theme {
    pub(super) depth: ColorDepth,
    pub(super) light: bool,
}

/// One hue in the three depths: dark background, light background, sixteen colours.
struct Hue(Color, Color, Color);

const ALERT: Hue = hue([0xff, 0x78, 0x46], [0xb8, 0x38, 0x0b], Color::LightRed);
const ODD: Hue = hue([0xf0, 0xbe, 0x3c], [0x8a, 0x5a, 0x00], Color::Yellow);
const NOTE: Hue = hue([0x56, 0xb4, 0xe9], [0x09, 0x69, 0xa8], Color::Cyan);
const CALM: Hue = hue([0x8a, 0x93, 0xa3], [0x59, 0x63, 0x6e], Color::DarkGray);
const RECEIVED: Hue = hue([0x2b, 0xb5, 0x8a], [0x00, 0x73, 0x4f], Color::Green);
const SENT: Hue = hue([0xd9, 0x8b, 0xb5], [0x9c, 0x3d, 0x74], Color::Magenta);

const fn hue(dark: [u8; 3], light: [u8; 3], ansi: Color) -> Hue {
    let [r, g, b] = dark;
    let [lr, lg, lb] = light;
    Hue(Color::Rgb(r, g, b), Color::Rgb(lr, lg, lb), ansi)
}

impl Theme {
    /// The style of `role`.
    pub(super) fn style(self, role: Role) -> Style {
        match role {
            Role::Text => Style::new(),
            Role::Dim => self.quiet(),
            Role::Head => self.quiet().add_modifier(Modifier::BOLD),
            Role::Accent | Role::Command => self.paint(&NOTE),
            Role::Key => self.paint(&NOTE).add_modifier(Modifier::BOLD),
            Role::Received => self.paint(&RECEIVED),
            Role::Sent => self.paint(&SENT),
            Role::Changed => self.paint(&ODD).add_modifier(Modifier::BOLD),
            Role::Closed => self.quiet().add_modifier(Modifier::CROSSED_OUT),
            Role::Badge(Verdict::Suspicious) => {
                let bar = self.tone(Verdict::Suspicious);
                bar.add_modifier(Modifier::REVERSED)
            }
            Role::Badge(verdict) | Role::Tone(verdict) => self.tone(verdict),
        }
    }

    /// The bar over the selected row; laid over the finished row, so no cell punches a hole in it.
    pub(super) fn selection(self) -> Style {
        match (self.depth, self.light) {
            (ColorDepth::Truecolor, false) => Style::new().bg(Color::Rgb(0x26, 0x34, 0x4c)),
            (ColorDepth::Truecolor, true) => Style::new().bg(Color::Rgb(0xd0, 0xe0, 0xf5)),
            // In reverse video every colour of a cell would become a patch of background.
            (ColorDepth::Ansi16 | ColorDepth::Mono, _) => {
                Style::reset().add_modifier(Modifier::REVERSED)
            }
        }
        .add_modifier(Modifier::BOLD)
    }

    fn tone(self, verdict: Verdict) -> Style {
        match verdict {
            Verdict::Expected | Verdict::Unknown => self.quiet(),
            Verdict::Notable => self.paint(&NOTE),
            Verdict::Unusual => self.paint(&ODD).add_modifier(Modifier::BOLD),
            Verdict::Suspicious => self.paint(&ALERT).add_modifier(Modifier::BOLD),
        }
    }

    fn quiet(self) -> Style {
        match self.depth {
            ColorDepth::Mono => Style::new().add_modifier(Modifier::DIM),
            ColorDepth::Ansi16 | ColorDepth::Truecolor => self.paint(&CALM),
        }
    }

    fn paint(self, hue: &Hue) -> Style {
        let Hue(dark, light, ansi) = hue;
        match (self.depth, self.light) {
            (ColorDepth::Mono, _) => Style::new(),
            (ColorDepth::Ansi16, _) => Style::new().fg(*ansi),
            (ColorDepth::Truecolor, false) => Style::new().fg(*dark),
            (ColorDepth::Truecolor, true) => Style::new().fg(*light),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_no_role_names_one() {
        let theme = Theme {
            depth: ColorDepth::Mono,
            light: false,
        };
        let mut roles = vec![
            Role::Dim,
            Role::Accent,
            Role::Key,
            Role::Received,
            Role::Sent,
        ];
        roles.extend(Verdict::ALL.map(Role::Badge));
        for role in roles {
            let style = theme.style(role);
            assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
        }
    }

    #[test]
    fn without_colour_the_worst_verdicts_still_stand_out() {
        let theme = Theme {
            depth: ColorDepth::Mono,
            light: false,
        };
        let [suspicious, unusual, expected] =
            [Verdict::Suspicious, Verdict::Unusual, Verdict::Expected]
                .map(|verdict| theme.style(Role::Badge(verdict)));
        assert_ne!(suspicious, unusual);
        assert_ne!(unusual, expected);
    }
}
