//! The fields and words of the filter language, as a table that also feeds completion and help.

use super::error::{Fault, shown};
use std::ops::Range;

/// A field: what it is called and what it holds.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// What it holds, in a few words.
    pub help: &'static str,
    pub(super) kind: Kind,
}

/// A word that stands for a whole question.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    /// The word.
    pub name: &'static str,
    /// What it asks, in a few words.
    pub help: &'static str,
    pub(super) means: Named,
}

/// What type of value a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Port(Side),
    Number(Number),
    Amount(Amount),
    Choice(Choice),
    Address(Side),
    Text(TextOf),
    /// What the other end is called, where names were asked for.
    Host,
}

/// Which end of a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Either,
    Local,
    Remote,
}

/// A whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    Pid,
    Ppid,
    Uid,
    Inode,
}

/// A quantity with a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Amount {
    Rx,
    Tx,
    Rtt,
    Age,
}

/// One of a few names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    Proto,
    Family,
    State,
    Direction,
    Exposure,
    Tier,
    Verdict,
    Severity,
}

/// Text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextOf {
    Program,
    User,
    Executable,
    Command,
    Unit,
    Container,
    Package,
    Interface,
    NetNamespace,
    Service,
    Description,
    Rule,
}

/// What a word asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    Loopback,
    Listening,
    Established,
    Wild,
    /// Its owner cannot be seen.
    Hidden,
    New,
    Closed,
    Mine,
    Root,
    V4,
    V6,
    Tcp,
    Udp,
}

const fn field(name: &'static str, kind: Kind, help: &'static str) -> Field {
    Field {
        name,
        aliases: &[],
        help,
        kind,
    }
}

impl Field {
    const fn or(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    /// The field called `name`, in any letter case.
    pub fn named(name: &str) -> Option<&'static Self> {
        FIELDS
            .iter()
            .find(|field| field.names().any(|known| known.eq_ignore_ascii_case(name)))
    }

    /// Its name and its other names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }

    /// The values it can have, when they are few; empty otherwise.
    pub fn values(&self) -> Vec<&'static str> {
        match self.kind {
            Kind::Choice(choice) => choice.names().collect(),
            Kind::Port(_)
            | Kind::Number(_)
            | Kind::Amount(_)
            | Kind::Address(_)
            | Kind::Text(_)
            | Kind::Host => vec![],
        }
    }
}

impl Word {
    /// The word, in any letter case.
    pub fn named(name: &str) -> Option<&'static Self> {
        WORDS
            .iter()
            .find(|word| word.name.eq_ignore_ascii_case(name))
    }
}

/// The fault of a field that there is not.
pub(super) fn no_field(name: &str, span: Range<usize>) -> Fault {
    let names = FIELDS.iter().flat_map(Field::names);
    Fault::new(span, format!("there is no field {}", shown(name)))
        .hint("to look for the text, put all of it in quotes")
        .suggest(name, names)
}

const HOST_HELP: &str = "name of the remote host, where names are asked for";

/// Every field, in the order help shows them.
pub const FIELDS: &[Field] = &[
    field("port", Kind::Port(Side::Either), "local or remote port"),
    field("lport", Kind::Port(Side::Local), "local port").or(&["sport"]),
    field("rport", Kind::Port(Side::Remote), "remote port").or(&["dport"]),
    field(
        "proto",
        Kind::Choice(Choice::Proto),
        "what it speaks: tcp, udp, raw …",
    )
    .or(&["protocol"]),
    field(
        "family",
        Kind::Choice(Choice::Family),
        "ipv4, ipv6, unix or packet",
    ),
    field("state", Kind::Choice(Choice::State), "state of the socket"),
    field("dir", Kind::Choice(Choice::Direction), "which way it goes").or(&["direction"]),
    field(
        "exposure",
        Kind::Choice(Choice::Exposure),
        "from where it can be reached",
    ),
    field(
        "addr",
        Kind::Address(Side::Either),
        "local or remote address or network",
    ),
    field(
        "laddr",
        Kind::Address(Side::Local),
        "local address or network",
    )
    .or(&["src"]),
    field(
        "raddr",
        Kind::Address(Side::Remote),
        "remote address or network",
    )
    .or(&["dst"]),
    field("host", Kind::Host, HOST_HELP),
    field(
        "iface",
        Kind::Text(TextOf::Interface),
        "interface it is bound to",
    )
    .or(&["interface"]),
    field("proc", Kind::Text(TextOf::Program), "program of an owner").or(&["process"]),
    field("pid", Kind::Number(Number::Pid), "process id of an owner"),
    field("ppid", Kind::Number(Number::Ppid), "parent of an owner"),
    field(
        "user",
        Kind::Text(TextOf::User),
        "user of the socket or of an owner",
    ),
    field(
        "uid",
        Kind::Number(Number::Uid),
        "user id of the socket or of an owner",
    ),
    field("exe", Kind::Text(TextOf::Executable), "path of the program"),
    field("cmd", Kind::Text(TextOf::Command), "command line").or(&["cmdline"]),
    field(
        "unit",
        Kind::Text(TextOf::Unit),
        "unit of the service manager",
    ),
    field(
        "container",
        Kind::Text(TextOf::Container),
        "container of an owner",
    ),
    field(
        "netns",
        Kind::Text(TextOf::NetNamespace),
        "network namespace, by name or inode; `own` is this one",
    ),
    field(
        "pkg",
        Kind::Text(TextOf::Package),
        "package the program belongs to",
    )
    .or(&["package"]),
    field(
        "svc",
        Kind::Text(TextOf::Service),
        "registered name, or software in practice",
    )
    .or(&["service"]),
    field(
        "tier",
        Kind::Choice(Choice::Tier),
        "how well known the port is",
    ),
    field(
        "text",
        Kind::Text(TextOf::Description),
        "description in the registry",
    ),
    field(
        "verdict",
        Kind::Choice(Choice::Verdict),
        "what to think of it",
    ),
    field(
        "severity",
        Kind::Choice(Choice::Severity),
        "severity of a finding",
    ),
    field("rule", Kind::Text(TextOf::Rule), "rule of a finding"),
    field(
        "rx",
        Kind::Amount(Amount::Rx),
        "bytes received per second: `rx:>1M`",
    ),
    field("tx", Kind::Amount(Amount::Tx), "bytes sent per second"),
    field(
        "rtt",
        Kind::Amount(Amount::Rtt),
        "round-trip time: `rtt:>50ms`",
    ),
    field(
        "age",
        Kind::Amount(Amount::Age),
        "how long it has been open: `age:<10s`",
    ),
    field("inode", Kind::Number(Number::Inode), "inode of the socket"),
];

const fn word(name: &'static str, means: Named, help: &'static str) -> Word {
    Word { name, help, means }
}

/// Every word with a meaning of its own, in the order help shows them.
pub const WORDS: &[Word] = &[
    word("lo", Named::Loopback, "an end is a loopback address"),
    word(
        "listen",
        Named::Listening,
        "waits for others: TCP listeners, UDP without a peer",
    ),
    word("estab", Named::Established, "connected"),
    word("wild", Named::Wild, "bound to every interface"),
    word(
        "new",
        Named::New,
        "opened within the last minute, while we looked",
    ),
    word("closed", Named::Closed, "closed a moment ago"),
    word("mine", Named::Mine, "made or owned by the user who looks"),
    word("root", Named::Root, "made or owned by user 0"),
    word("v4", Named::V4, "IPv4"),
    word("v6", Named::V6, "IPv6"),
    word("tcp", Named::Tcp, "TCP"),
    word("udp", Named::Udp, "UDP"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_name_stands_for_two_fields() {
        let names: Vec<_> = FIELDS.iter().flat_map(Field::names).collect();
        let distinct: BTreeSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
    }

    #[test]
    fn a_field_is_found_by_each_of_its_names() {
        assert_eq!(Field::named("SPORT").map(|field| field.name), Some("lport"));
        assert_eq!(
            Field::named("process").map(|field| field.name),
            Some("proc")
        );
        assert!(Field::named("pot").is_none());
    }
}
