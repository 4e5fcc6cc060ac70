//! The tree a filter is parsed into: still text, each part with its place.

use super::{
    field::{Field, Word},
    printed,
    term::Term,
};
use std::{borrow::Cow, ops::Range};

/// How a field is compared with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    /// `:`, whatever is natural for the field.
    Natural,
    /// `=`.
    Equal,
    /// `!=`.
    Unequal,
    /// `>`.
    Greater,
    /// `>=`.
    AtLeast,
    /// `<`.
    Less,
    /// `<=`.
    AtMost,
    /// `~`, a regular expression.
    Regex,
}

impl Operator {
    /// As it is written.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Natural => ":",
            Self::Equal => "=",
            Self::Unequal => "!=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Regex => "~",
        }
    }
}

/// A part of the filter, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node<'a> {
    /// At least one of them.
    Any(Vec<Self>),
    /// All of them.
    All(Vec<Self>),
    /// Not this one.
    Not(Box<Self>),
    /// `field op values`.
    Field {
        name: &'a str,
        span: Range<usize>,
        values: Vec<Value<'a>>,
    },
    /// `:3000`.
    Listener(Vec<Value<'a>>),
    /// `word,word`.
    Words(Vec<Value<'a>>),
}

/// One value, with how it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value<'a> {
    /// How.
    pub(super) operator: Operator,
    /// The value, without quotes and escapes.
    pub(super) text: Cow<'a, str>,
    /// It stood in quotes, so it is text and nothing else.
    pub(super) quoted: bool,
    /// Where it stands, quotes included.
    pub(super) span: Range<usize>,
}

impl Value<'_> {
    /// What rows have in common that show this word, where it is such a word and has no meaning of its own.
    pub(super) fn printed(&self) -> Option<Term> {
        let is_plain = !self.quoted && Word::named(&self.text).is_none();
        is_plain.then(|| printed::meaning(&self.text)).flatten()
    }
}

impl Node<'_> {
    /// Adds what is looked at to `names`, with its place: fields by their names, words with a
    /// meaning as they are. Text that is looked for anywhere is not among them.
    pub(super) fn add_names(&self, names: &mut Vec<(&'static str, Range<usize>)>) {
        match self {
            Self::Any(nodes) | Self::All(nodes) => {
                for node in nodes {
                    node.add_names(names);
                }
            }
            Self::Not(node) => node.add_names(names),
            Self::Field { name, span, .. } => {
                names.extend(Field::named(name).map(|field| (field.name, span.clone())));
            }
            Self::Listener(_) => {}
            Self::Words(values) => {
                let plain = values.iter().filter(|value| !value.quoted);
                names.extend(plain.filter_map(|value| {
                    Word::named(&value.text).map(|word| (word.name, value.span.clone()))
                }));
            }
        }
    }

    /// The first word that is looked for as text, and that is printed of sockets besides.
    pub(super) fn unclear_word(&self) -> Option<&Value<'_>> {
        match self {
            Self::Any(nodes) | Self::All(nodes) => nodes.iter().find_map(Self::unclear_word),
            Self::Not(node) => node.unclear_word(),
            Self::Field { .. } | Self::Listener(_) => None,
            Self::Words(values) => values.iter().find(|value| value.printed().is_some()),
        }
    }

    /// The port, when this asks for the listeners of one port and for nothing else: `:3000`.
    pub(super) fn lone_listener(&self) -> Option<u16> {
        let Self::Listener(values) = self else {
            return None;
        };
        match values.as_slice() {
            [value] if value.operator == Operator::Natural => value.text.parse().ok(),
            _ => None,
        }
    }

    /// The port, when this is one bare port number.
    pub(super) fn lone_port(&self) -> Option<u16> {
        let Self::Words(values) = self else {
            return None;
        };
        match values.as_slice() {
            [value] if !value.quoted => value.text.parse().ok(),
            _ => None,
        }
    }
}
