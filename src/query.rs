//! The filter language, sorting. Returns row indices, never clones sockets.
//!
//! A filter is read in three stages, each of which knows the place of its faults: `lexer` makes
//! tokens, `parser` a tree, `resolve` typed terms that `term` evaluates.
//!
//! A comparison with a value that is not known (a hidden owner, a rate at first sight) is false;
//! its negation is true. `!user:root` therefore keeps sockets whose user nobody could see.

pub mod error;
pub mod field;
pub mod order;
pub mod value;

mod ast;
mod choice;
mod lexer;
mod parser;
mod pattern;
mod printed;
mod resolve;
mod term;

#[cfg(test)]
mod tests;

pub use error::Error;
pub use order::{Column, Order};

use crate::model::{Extent, Names, Snapshot, Socket};
use ast::Node;
use error::Fault;
use std::{ops::Range, sync::Arc};
use term::{Around, Memo, Term};

/// The longest filter that is read, in bytes.
pub const LONGEST: usize = 4096;

/// A filter that was read and understood.
///
/// Two are equal when they were written the same way.
#[derive(Debug, Clone, Default)]
pub struct Query {
    expression: String,
    term: Option<Term>,
    port_only: Option<u16>,
    listener_only: Option<u16>,
    names: Vec<(&'static str, Range<usize>)>,
    /// What hosts are called, as far as somebody asked.
    hosts: Option<Arc<Names>>,
}

impl Query {
    /// Reads a filter; an empty one matches everything.
    ///
    /// # Errors
    ///
    /// Names the place of the fault in `text`, what was expected there, and the nearest right word.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let tree = parser::parse(text).map_err(|fault| fault.within(text))?;
        let term = tree.as_ref().map(resolve::resolve).transpose();
        let mut names = vec![];
        if let Some(tree) = &tree {
            tree.add_names(&mut names);
        }
        Ok(Self {
            names,
            hosts: None,
            expression: text.trim().into(),
            term: term.map_err(|fault| fault.within(text))?,
            port_only: tree.as_ref().and_then(Node::lone_port),
            listener_only: tree.as_ref().and_then(Node::lone_listener),
        })
    }

    /// What was written, without the blanks around it.
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// Whether nothing is asked, so everything matches.
    pub fn is_empty(&self) -> bool {
        self.term.is_none()
    }

    /// The port, when the whole filter is one bare port number.
    pub fn port_only(&self) -> Option<u16> {
        self.port_only
    }

    /// The port, when the whole filter asks for the listeners of one port: `:3000`.
    pub fn listener_only(&self) -> Option<u16> {
        self.listener_only
    }

    /// Whether a socket that stays as it is can come to match, or cease to: because time goes by, or the name of a host
    /// becomes known.
    pub fn changes_by_itself(&self) -> bool {
        let asks_the_clock = self.term.as_ref().is_some_and(Term::asks_the_clock);
        asks_the_clock || self.hosts.is_some() && self.asks_for_hosts()
    }

    /// How much must be read for it, at least `least`: UNIX sockets only where it names them.
    pub fn extent(&self, least: Extent) -> Extent {
        let names_unix = self.term.as_ref().is_some_and(Term::names_unix);
        Extent {
            unix: least.unix || names_unix,
            ..least
        }
    }

    /// Whether it depends on what hosts are called: by `host:`, or by text that may stand anywhere.
    pub fn asks_for_hosts(&self) -> bool {
        self.term.as_ref().is_some_and(Term::asks_for_hosts)
    }

    /// Whether it has `host:`.
    pub fn has_hosts(&self) -> bool {
        self.names.iter().any(|(name, _)| *name == "host")
    }

    /// Tells it what hosts are called from now on; without names no host is known.
    pub fn know_hosts(&mut self, hosts: Option<Arc<Names>>) {
        self.hosts = hosts;
    }

    /// Refuses `host:`, for whoever asks nobody what hosts are called. `text` is what was parsed.
    ///
    /// # Errors
    ///
    /// Names the place of the first.
    pub fn looks_at_no_host(&self, text: &str) -> Result<(), Error> {
        let mut names = self.names.iter();
        match names.find(|(name, _)| *name == "host") {
            None => Ok(()),
            Some((_, span)) => Err(Fault::new(
                span.clone(),
                "host: is known only where names are asked for".to_owned(),
            )
            .hint(
                "`list --resolve` and `N` in the dashboard ask DNS, which learns whom you look at",
            )
            .within(text)),
        }
    }

    /// Refuses words that are looked for as text and as what is printed of a socket, for whoever acts on what is found.
    /// `text` is what was parsed.
    ///
    /// # Errors
    ///
    /// Names the place of the first.
    pub fn means_one_thing(text: &str) -> Result<(), Error> {
        let tree = parser::parse(text).map_err(|fault| fault.within(text))?;
        let Some(word) = tree.as_ref().and_then(Node::unclear_word) else {
            return Ok(());
        };
        let fault = Fault::new(
            word.span.clone(),
            "this could be a text, or what is printed of a socket",
        );
        Err(fault
            .hint(format!(
                "a program is `proc:{}`, a state `state:`, a verdict `verdict:`, a protocol `proto:`",
                word.text
            ))
            .within(text))
    }

    /// Refuses a filter that looks at more than `known` fields and words, for whoever knows less of a
    /// socket than a snapshot does; `whose` completes "is not in …".
    ///
    /// `text` is what was parsed.
    ///
    /// # Errors
    ///
    /// Names the place of the first that is not known.
    pub fn looks_only_at(&self, known: &[&str], whose: &str, text: &str) -> Result<(), Error> {
        let mut names = self.names.iter();
        match names.find(|(name, _)| !known.contains(name)) {
            None => Ok(()),
            Some((name, span)) => Err(Fault::new(
                span.clone(),
                format!("{name}: is not in {whose}"),
            )
            .hint(format!("what is in {whose}: {}", known.join(" ")))
            .within(text)),
        }
    }

    /// Whether `socket`, one of `snapshot`'s, is asked for.
    pub fn matches(&self, socket: &Socket, snapshot: &Snapshot) -> bool {
        let around = Around {
            snapshot,
            hosts: self.hosts.as_deref(),
            memo: None,
        };
        self.term
            .as_ref()
            .is_none_or(|term| term.matches(socket, around))
    }

    /// The sockets that are gone, of those whose findings are not over, that match.
    pub fn lately<'a>(&self, snapshot: &'a Snapshot) -> impl Iterator<Item = &'a Arc<Socket>> {
        let all = snapshot.lately.iter();
        all.filter(|socket| self.matches(socket, snapshot))
    }

    /// The rows of `snapshot` that match, in its order.
    pub fn select(&self, snapshot: &Snapshot) -> Vec<usize> {
        let Some(term) = &self.term else {
            return (0..snapshot.sockets.len()).collect();
        };
        let memo = Memo::default();
        let around = Around {
            snapshot,
            hosts: self.hosts.as_deref(),
            memo: Some(&memo),
        };
        let all = snapshot.sockets.iter().enumerate();
        let wanted = all.filter(|(_, socket)| term.matches(socket, around));
        wanted.map(|(row, _)| row).collect()
    }
}

impl PartialEq for Query {
    fn eq(&self, other: &Self) -> bool {
        self.expression == other.expression
    }
}

impl Eq for Query {}
