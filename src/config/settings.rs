//! What the program works with: every layer put together.

use super::{
    env::Environment,
    layer::Layer,
    value::{Ascii, Color, GraphSigns, ThemeName},
};
use crate::{
    model::SourceKind,
    query::{Column, Order},
};
use std::time::Duration;

/// What the program works with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "switches, each of its own")]
pub struct Settings {
    /// How often the machine is read.
    pub interval: Duration,
    /// Where sockets are read from; `None` for the best source.
    pub source: Option<SourceKind>,
    /// How many colours to use.
    pub depth: ColorDepth,
    /// Which colours.
    pub theme: ThemeName,
    /// Only ASCII.
    pub ascii: bool,
    /// What graphs are drawn with.
    pub graph: GraphSigns,
    /// Every network namespace is read, not one's own alone.
    pub all_namespaces: bool,
    /// The names of peers are asked for.
    pub resolve: bool,
    /// Mouse clicks and the wheel.
    pub mouse: bool,
    /// Nothing can be changed.
    pub readonly: bool,
    /// File names of programs that are ended only when their name is typed, or by `--force`.
    pub protected: Vec<String>,
    /// For how long a new row stays marked.
    pub highlight: Duration,
    /// The columns, in their order.
    pub columns: Vec<Column>,
    /// How rows are sorted at first.
    pub sort: Order,
    /// The user's file names the columns.
    pub names_columns: bool,
    /// The user's file says how rows are sorted.
    pub names_order: bool,
    /// Whether a person said how many colours there are.
    pub names_depth: bool,
    /// Whether a person said how often the machine is read.
    pub names_interval: bool,
    /// Keys of the dashboard, by the names of actions.
    pub keys: Vec<(String, Vec<String>)>,
    /// Saved filters, by their names.
    pub filters: Vec<(String, String)>,
}

/// How many colours to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColorDepth {
    /// None.
    Mono,
    /// The terminal's own 16.
    Ansi16,
    /// 256, of which 240 are the same everywhere.
    Indexed,
    /// Any.
    TrueColor,
}

impl Settings {
    /// Puts the layers together, the later ones over the earlier.
    pub fn resolve(
        default: Layer,
        file: Option<Layer>,
        flags: Layer,
        environment: &Environment,
    ) -> Self {
        let file = file.unwrap_or_default();
        let names_columns = file.columns.is_some();
        let names_order = file.sort.is_some() || file.reverse.is_some();
        let names_interval = file.interval.is_some() || flags.interval.is_some();
        let layer = default.under(file).under(flags);
        let color = layer.color.unwrap_or_default();
        let theme = match (color, layer.theme.unwrap_or_default()) {
            // Both are of any colour.
            (Color::Sixteen, ThemeName::Dark) => ThemeName::Ansi,
            (Color::Sixteen, ThemeName::Light) => ThemeName::AnsiLight,
            (_, theme) => theme,
        };
        let names_depth = matches!(color, Color::Sixteen | Color::TrueColor)
            || matches!(theme, ThemeName::Ansi | ThemeName::AnsiLight);
        Self {
            interval: layer.interval.unwrap_or_default().duration(),
            source: layer.source.unwrap_or_default().kind(),
            depth: depth(color, &theme, environment),
            theme,
            all_namespaces: layer.all_namespaces.unwrap_or(false),
            resolve: layer.resolve.unwrap_or(false),
            ascii: match layer.ascii.unwrap_or_default() {
                Ascii::Auto => !environment.utf8 || environment.is_console(),
                Ascii::On => true,
                Ascii::Off => false,
            },
            graph: layer.graph.unwrap_or_default(),
            mouse: layer.mouse.unwrap_or(true),
            readonly: layer.readonly.unwrap_or(false),
            protected: layer.protected.unwrap_or_default(),
            highlight: layer.highlight.unwrap_or_default(),
            columns: layer.columns.unwrap_or_else(|| Column::USUAL.to_vec()),
            sort: Order {
                column: layer.sort.unwrap_or(Column::Verdict),
                reverse: layer.reverse.unwrap_or(false),
            },
            names_columns,
            names_order,
            names_depth,
            names_interval,
            keys: layer.keys.unwrap_or_default().into_iter().collect(),
            filters: layer.filters.unwrap_or_default().into_iter().collect(),
        }
    }
}

/// The user's word comes before `NO_COLOR`, that before `CLICOLOR_FORCE`, and that before what the
/// terminal is.
fn depth(color: Color, theme: &ThemeName, environment: &Environment) -> ColorDepth {
    let capable = environment.terminal && !environment.is_dumb() && !environment.has_no_colours();
    let wanted = match color {
        Color::Never => false,
        Color::Always | Color::Sixteen | Color::TrueColor => true,
        Color::Auto => !environment.no_color && (environment.force_color || capable),
    };
    match theme {
        _ if !wanted => ColorDepth::Mono,
        ThemeName::Mono => ColorDepth::Mono,
        ThemeName::Ansi | ThemeName::AnsiLight => ColorDepth::Ansi16,
        _ if color == Color::Sixteen => ColorDepth::Ansi16,
        _ if color == Color::TrueColor => ColorDepth::TrueColor,
        ThemeName::Auto | ThemeName::Dark | ThemeName::Light | ThemeName::Named(_) => {
            terminal_depth(environment)
        }
    }
}

fn terminal_depth(environment: &Environment) -> ColorDepth {
    let colorterm = environment.colorterm.as_deref();
    if matches!(colorterm, Some("truecolor" | "24bit")) || environment.is_direct() {
        ColorDepth::TrueColor
    } else if environment.has_256() {
        ColorDepth::Indexed
    } else {
        ColorDepth::Ansi16
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Interval, defaults};

    fn terminal() -> Environment {
        Environment {
            terminal: true,
            utf8: true,
            term: Some("xterm-256color".into()),
            colorterm: Some("truecolor".into()),
            ..Environment::default()
        }
    }

    fn depth_of(color: Color, change: impl FnOnce(&mut Environment)) -> ColorDepth {
        let mut environment = terminal();
        change(&mut environment);
        let flags = Layer {
            color: Some(color),
            ..Layer::default()
        };
        Settings::resolve(Layer::default(), None, flags, &environment).depth
    }

    #[test]
    fn the_defaults_are_what_an_empty_layer_means() {
        let environment = terminal();
        let by_asset = Settings::resolve(defaults().unwrap(), None, Layer::default(), &environment);
        let by_code = Settings {
            highlight: Duration::from_secs(3),
            ..Settings::resolve(Layer::default(), None, Layer::default(), &environment)
        };
        assert_eq!(by_asset, by_code);
        assert_eq!(by_asset.interval, Duration::from_secs(1));
    }

    #[test]
    fn the_console_of_linux_gets_ascii_unless_somebody_says_otherwise() {
        let mut environment = terminal();
        environment.utf8 = true;
        let ascii = |environment: &Environment, ascii| {
            let flags = Layer {
                ascii,
                ..Layer::default()
            };
            Settings::resolve(Layer::default(), None, flags, environment).ascii
        };
        assert!(!ascii(&environment, None));
        environment.term = Some("linux".to_owned());
        assert!(ascii(&environment, None));
        assert!(!ascii(&environment, Some(Ascii::Off)));
    }

    #[test]
    fn flags_come_before_the_file_and_the_file_before_the_defaults() {
        let file = Layer {
            interval: Interval::parse("5s").ok(),
            mouse: Some(false),
            ..Layer::default()
        };
        let flags = Layer {
            interval: Interval::parse("250ms").ok(),
            ..Layer::default()
        };
        let settings = Settings::resolve(defaults().unwrap(), Some(file), flags, &terminal());
        assert_eq!(settings.interval, Duration::from_millis(250));
        assert!(!settings.mouse);
        assert_eq!(settings.sort, Order::default());
    }

    #[test]
    fn colours_follow_the_flag_then_the_environment_then_the_terminal() {
        assert_eq!(depth_of(Color::Auto, |_| ()), ColorDepth::TrueColor);
        assert_eq!(
            depth_of(Color::Never, |one| one.force_color = true),
            ColorDepth::Mono
        );
        assert_eq!(
            depth_of(Color::Auto, |one| one.no_color = true),
            ColorDepth::Mono
        );
        assert_eq!(
            depth_of(Color::Always, |one| one.no_color = true),
            ColorDepth::TrueColor
        );
        assert_eq!(
            depth_of(Color::Auto, |one| one.terminal = false),
            ColorDepth::Mono
        );
        assert_eq!(
            depth_of(Color::Auto, |one| one.term = Some("dumb".into())),
            ColorDepth::Mono
        );
        let piped = |one: &mut Environment| {
            one.terminal = false;
            one.force_color = true;
            one.colorterm = None;
        };
        assert_eq!(depth_of(Color::Auto, piped), ColorDepth::Indexed);
    }

    #[test]
    fn a_terminal_without_colours_gets_none_unless_they_are_asked_for() {
        let of_term = |color, term: &str| depth_of(color, |one| one.term = Some(term.into()));
        for term in ["vt100", "vt220-w", "xterm-mono", "linux-m"] {
            assert_eq!(of_term(Color::Auto, term), ColorDepth::Mono, "{term}");
        }
        assert_eq!(of_term(Color::Auto, "vte-direct"), ColorDepth::TrueColor);
        assert_eq!(of_term(Color::Sixteen, "vt100"), ColorDepth::Ansi16);
    }

    #[test]
    fn how_many_colours_can_be_said() {
        // sshd passes no COLORTERM on, so the name of the terminal is what is left.
        let of_term = |term: &str| {
            depth_of(Color::Auto, |one| {
                one.colorterm = None;
                one.term = Some(term.into());
            })
        };
        assert_eq!(of_term("xterm"), ColorDepth::Ansi16);
        for indexed in ["xterm-256color", "screen-256color", "tmux-256color-bce"] {
            assert_eq!(of_term(indexed), ColorDepth::Indexed, "{indexed}");
        }
        for direct in ["xterm-direct", "alacritty-direct", "xterm-direct256"] {
            assert_eq!(of_term(direct), ColorDepth::TrueColor, "{direct}");
        }
        assert_eq!(depth_of(Color::Sixteen, |_| ()), ColorDepth::Ansi16);
        let bare = |one: &mut Environment| {
            one.colorterm = None;
            one.no_color = true;
        };
        assert_eq!(depth_of(Color::Sixteen, bare), ColorDepth::Ansi16);
        assert_eq!(depth_of(Color::TrueColor, bare), ColorDepth::TrueColor);
    }

    #[test]
    fn sixteen_colours_are_no_theme_of_any_colour() {
        let theme = |color, theme| {
            let flags = Layer {
                color: Some(color),
                theme: Some(theme),
                ..Layer::default()
            };
            let settings = Settings::resolve(Layer::default(), None, flags, &terminal());
            (settings.theme, settings.depth)
        };
        let sixteen = (ThemeName::Ansi, ColorDepth::Ansi16);
        assert_eq!(theme(Color::Sixteen, ThemeName::Dark), sixteen);
        let light = (ThemeName::AnsiLight, ColorDepth::Ansi16);
        assert_eq!(theme(Color::Sixteen, ThemeName::Light), light);
        let mono = (ThemeName::Mono, ColorDepth::Mono);
        assert_eq!(theme(Color::TrueColor, ThemeName::Mono), mono);
    }

    #[test]
    fn ascii_follows_the_locale_unless_it_is_set() {
        let ascii = |ascii, utf8| {
            let flags = Layer {
                ascii,
                ..Layer::default()
            };
            let environment = Environment { utf8, ..terminal() };
            Settings::resolve(Layer::default(), None, flags, &environment).ascii
        };
        assert!(ascii(None, false));
        assert!(!ascii(None, true));
        assert!(ascii(Some(Ascii::On), true));
        assert!(!ascii(Some(Ascii::Off), false));
    }
}
