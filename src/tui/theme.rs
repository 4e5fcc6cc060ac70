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
    /// 256, of which 240 are the same everywhere.
    Indexed,
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
    /// The background that it is made for: light or dark; `None` for none in particular.
    light: Option<bool>,
    palette: &'static Palette,
}

const DARK: &str = include_str!("../../assets/themes/dark.toml");
const LIGHT: &str = include_str!("../../assets/themes/light.toml");
const DARK_256: &str = include_str!("../../assets/themes/dark-256.toml");
const LIGHT_256: &str = include_str!("../../assets/themes/light-256.toml");
const ANSI: &str = include_str!("../../assets/themes/ansi.toml");
const ANSI_LIGHT: &str = include_str!("../../assets/themes/ansi-light.toml");
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
            light: Some(false),
            palette: ours(DARK, &READ),
        }
    }

    /// For a light background.
    pub fn light() -> Self {
        static READ: OnceLock<Palette> = OnceLock::new();
        Self {
            name: "light",
            light: Some(true),
            palette: ours(LIGHT, &READ),
        }
    }

    /// For a dark background, in colours that have a number.
    fn dark_256() -> Self {
        static READ: OnceLock<Palette> = OnceLock::new();
        Self {
            palette: ours(DARK_256, &READ),
            ..Self::dark()
        }
    }

    /// For a light background, in colours that have a number.
    fn light_256() -> Self {
        static READ: OnceLock<Palette> = OnceLock::new();
        Self {
            palette: ours(LIGHT_256, &READ),
            ..Self::light()
        }
    }

    /// The terminal's own sixteen colours.
    pub fn ansi() -> Self {
        static READ: OnceLock<Palette> = OnceLock::new();
        Self {
            name: "ansi",
            light: None,
            palette: ours(ANSI, &READ),
        }
    }

    /// Those of the terminal's own sixteen colours that are dark.
    pub fn ansi_light() -> Self {
        static READ: OnceLock<Palette> = OnceLock::new();
        Self {
            name: "ansi-light",
            light: Some(true),
            palette: ours(ANSI_LIGHT, &READ),
        }
    }

    /// No colours.
    pub fn mono() -> Self {
        static READ: OnceLock<Palette> = OnceLock::new();
        Self {
            name: "mono",
            light: None,
            palette: ours(MONO, &READ),
        }
    }

    /// What a terminal with so many colours has for a background that is light or dark.
    pub fn fitting(light: bool, depth: ColorDepth) -> Self {
        match (depth, light) {
            (ColorDepth::Mono, _) => Self::mono(),
            (ColorDepth::Ansi16, false) => Self::ansi(),
            (ColorDepth::Ansi16, true) => Self::ansi_light(),
            (ColorDepth::Indexed, false) => Self::dark_256(),
            (ColorDepth::Indexed, true) => Self::light_256(),
            (ColorDepth::Truecolor, false) => Self::dark(),
            (ColorDepth::Truecolor, true) => Self::light(),
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
            light: None,
            palette: Box::leak(Box::new(palette)),
        })
    }

    /// The themes of ours that a terminal with so many colours can show, the usual one first.
    pub(super) fn all(depth: ColorDepth) -> Vec<Self> {
        match depth {
            ColorDepth::Mono => vec![Self::mono()],
            ColorDepth::Ansi16 => vec![Self::ansi(), Self::ansi_light(), Self::mono()],
            // Where nobody tells the background, the terminal's own colours are more likely to be right than ours.
            ColorDepth::Indexed => vec![
                Self::ansi(),
                Self::dark_256(),
                Self::light_256(),
                Self::ansi_light(),
                Self::mono(),
            ],
            ColorDepth::Truecolor => vec![
                Self::dark(),
                Self::light(),
                Self::ansi(),
                Self::ansi_light(),
                Self::mono(),
            ],
        }
    }

    /// It is made for a background that is light, or dark.
    pub(super) fn is_for(self, light: bool) -> bool {
        self.light == Some(light)
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
        for text in [DARK, LIGHT, DARK_256, LIGHT_256, ANSI, ANSI_LIGHT, MONO] {
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

    /// Red, green and blue of a number from 16 on: a cube of six steps, then grays.
    fn parts(number: u8) -> [u8; 3] {
        if number >= 232 {
            return [8 + 10 * (number - 232); 3];
        }
        let steps = [0, 95, 135, 175, 215, 255];
        let at = number - 16;
        [at / 36, at / 6 % 6, at % 6].map(|step| steps[usize::from(step)])
    }

    /// WCAG's relative luminance.
    fn luminance(color: Color) -> f64 {
        let [red, green, blue] = if let Color::Rgb(red, green, blue) = color {
            [red, green, blue]
        } else if let Color::Indexed(number @ 16..) = color {
            parts(number)
        } else {
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

    /// xterm's, VGA's (the console), GNOME's, Tango's and Solarized's first sixteen colours.
    const TERMINALS: [(&str, [u32; 16]); 5] = [
        (
            "xterm",
            [
                0x00_0000, 0xcd_0000, 0x00_cd00, 0xcd_cd00, 0x00_00ee, 0xcd_00cd, 0x00_cdcd,
                0xe5_e5e5, 0x7f_7f7f, 0xff_0000, 0x00_ff00, 0xff_ff00, 0x5c_5cff, 0xff_00ff,
                0x00_ffff, 0xff_ffff,
            ],
        ),
        (
            "vga",
            [
                0x00_0000, 0xaa_0000, 0x00_aa00, 0xaa_5500, 0x00_00aa, 0xaa_00aa, 0x00_aaaa,
                0xaa_aaaa, 0x55_5555, 0xff_5555, 0x55_ff55, 0xff_ff55, 0x55_55ff, 0xff_55ff,
                0x55_ffff, 0xff_ffff,
            ],
        ),
        (
            "gnome",
            [
                0x17_1421, 0xc0_1c28, 0x26_a269, 0xa2_734c, 0x12_488b, 0xa3_47ba, 0x2a_a1b3,
                0xd0_cfcc, 0x5e_5c64, 0xf6_6151, 0x33_d17a, 0xe9_ad0c, 0x2a_7bde, 0xc0_61cb,
                0x33_c7de, 0xff_ffff,
            ],
        ),
        (
            "tango",
            [
                0x2e_3436, 0xcc_0000, 0x4e_9a06, 0xc4_a000, 0x34_65a4, 0x75_507b, 0x06_989a,
                0xd3_d7cf, 0x55_5753, 0xef_2929, 0x8a_e234, 0xfc_e94f, 0x72_9fcf, 0xad_7fa8,
                0x34_e2e2, 0xee_eeec,
            ],
        ),
        (
            "solarized",
            [
                0x07_3642, 0xdc_322f, 0x85_9900, 0xb5_8900, 0x26_8bd2, 0xd3_3682, 0x2a_a198,
                0xee_e8d5, 0x00_2b36, 0xcb_4b16, 0x58_6e75, 0x65_7b83, 0x83_9496, 0x6c_71c4,
                0x93_a1a1, 0xfd_f6e3,
            ],
        ),
    ];

    fn rgb(number: u32) -> Color {
        let [_, red, green, blue] = number.to_be_bytes();
        Color::Rgb(red, green, blue)
    }

    /// Which of the sixteen it is.
    fn place(color: Color) -> usize {
        let all = [
            Color::Black,
            Color::Red,
            Color::Green,
            Color::Yellow,
            Color::Blue,
            Color::Magenta,
            Color::Cyan,
            Color::Gray,
            Color::DarkGray,
            Color::LightRed,
            Color::LightGreen,
            Color::LightYellow,
            Color::LightBlue,
            Color::LightMagenta,
            Color::LightCyan,
            Color::White,
        ];
        all.iter().position(|one| *one == color).unwrap()
    }

    /// On the darkest and on the lightest of a palette, which are what its backgrounds are made of.
    #[test]
    fn the_terminals_own_colours_can_be_read_in_the_palettes_that_people_have() {
        for (name, palette) in TERMINALS {
            let by_light =
                |one: &u32, other: &u32| luminance(rgb(*one)).total_cmp(&luminance(rgb(*other)));
            let darkest = *palette
                .iter()
                .min_by(|one, other| by_light(one, other))
                .unwrap();
            let lightest = *palette
                .iter()
                .max_by(|one, other| by_light(one, other))
                .unwrap();
            for (theme, ground) in [(Theme::ansi(), darkest), (Theme::ansi_light(), lightest)] {
                let tones = Verdict::ALL.map(Role::Tone);
                for role in ROLES.into_iter().chain(tones) {
                    let Some(color) = theme.style(role).fg else {
                        continue;
                    };
                    let got = contrast(rgb(palette[place(color)]), rgb(ground));
                    assert!(got >= 2.9, "{role:?} {got:.1} {} in {name}", theme.name());
                }
            }
        }
    }

    #[test]
    fn a_background_has_a_theme_at_every_depth() {
        let depths = [
            ColorDepth::Mono,
            ColorDepth::Ansi16,
            ColorDepth::Indexed,
            ColorDepth::Truecolor,
        ];
        for (depth, light) in depths
            .into_iter()
            .flat_map(|depth| [(depth, true), (depth, false)])
        {
            let fitting = Theme::fitting(light, depth);
            assert!(Theme::all(depth).contains(&fitting), "{depth:?} {light}");
        }
    }

    #[test]
    fn no_theme_of_numbers_has_a_colour_that_is_none() {
        for light in [true, false] {
            let theme = Theme::fitting(light, ColorDepth::Indexed);
            for role in ROLES {
                let style = theme.style(role);
                for color in [style.fg, style.bg].into_iter().flatten() {
                    assert!(matches!(color, Color::Indexed(16..)), "{role:?} {color:?}");
                }
            }
        }
    }

    #[test]
    fn every_colour_can_be_read_on_its_background_and_on_the_selection() {
        let (dark, light) = (Color::Rgb(0x10, 0x14, 0x1c), Color::Rgb(255, 255, 255));
        let grounds = [
            (Theme::dark(), dark),
            (Theme::light(), light),
            (Theme::fitting(false, ColorDepth::Indexed), dark),
            (Theme::fitting(true, ColorDepth::Indexed), light),
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
            ("accent = \"7\"", "7"),
            ("accent = \"256\"", "256"),
            ("accent = 3", "accent"),
            ("accent = ", "line 1"),
        ] {
            let error = Theme::parse("mine", text).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
