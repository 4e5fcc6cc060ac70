//! The registry's lines: text as the table has it, taken apart when it is looked at.

use std::iter;

/// Lines of the registry, best first. Copies are cheap, and nothing here allocates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registrations(&'static [&'static str]);

impl Registrations {
    /// No line.
    pub const NONE: Self = Self(&[]);

    /// The registrations in `rows`, each a line of the table; what is no registration is left out.
    pub const fn new(rows: &'static [&'static str]) -> Self {
        Self(rows)
    }

    /// The registrations.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Registration> {
        self.0.iter().filter_map(|row| Registration::of_row(row))
    }

    /// The lines as the table has them.
    pub fn lines(self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }

    /// The name of each and its aliases, separated by `|`: what is asked for often, without the rest.
    pub fn names(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.lines().map(|row| {
            let mut columns = columns(row).skip(3).map(str::trim_ascii);
            let mut next = || columns.next().unwrap_or_default();
            (next(), next())
        })
    }

    /// The best one.
    pub fn first(self) -> Option<Registration> {
        self.iter().next()
    }

    /// How many there are.
    pub fn len(self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

/// One line of the registry. An empty string means that the registry says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registration {
    /// First port.
    pub port: u16,
    /// Last port; the same for a single one.
    pub last_port: u16,
    /// Transports, as the table has them: `tcp/udp`.
    pub protocols: &'static str,
    /// Service name; empty for reserved numbers and for uses without a name.
    pub name: &'static str,
    /// Other spellings, separated by `|`.
    pub aliases: &'static str,
    /// Description; equal to the name or empty where the registry says no more.
    pub description: &'static str,
    /// Who it was assigned to.
    pub assignee: &'static str,
    /// Whom to ask.
    pub contact: &'static str,
    /// When it was registered.
    pub registered: &'static str,
    /// When the entry was last changed.
    pub modified: &'static str,
    /// References, as IANA writes them: `RFC6409`.
    pub references: &'static str,
    /// DCCP service code.
    pub service_code: &'static str,
    /// Known unauthorized uses; may speak of other ports.
    pub unauthorized_use: &'static str,
    /// Assignment notes.
    pub notes: &'static str,
    /// Whether contact and dates were in the bundled snapshot's full source.
    pub complete: bool,
}

impl Registration {
    /// Takes a line of the table apart: columns between tabs, in the order of the fields with the
    /// range's last port second. `None` when it is no registration.
    pub fn of_row(row: &'static str) -> Option<Self> {
        let mut columns = columns(row);
        let mut next = || columns.next().map(str::trim_ascii);
        let (port, last_port) = range(next()?, next()?)?;
        let (transports, name) = (next()?, next()?);
        let registration = Self {
            port,
            last_port,
            protocols: transports_meant(transports, name),
            name,
            aliases: next()?,
            description: next()?,
            assignee: next()?,
            contact: next()?,
            registered: next()?,
            modified: next()?,
            references: next()?,
            service_code: next()?,
            unauthorized_use: next()?,
            notes: next()?,
            complete: next()? != "n",
        };
        columns.next().is_none().then_some(registration)
    }

    /// Whether the description says more than the name does in another spelling.
    pub fn says_more_than_its_name(&self) -> bool {
        let letters = |text: &'static str| {
            text.chars()
                .filter(|c| c.is_alphanumeric())
                .map(|c| c.to_ascii_lowercase())
        };
        !self.description.is_empty() && !letters(self.name).eq(letters(self.description))
    }
}

/// The transports that a line stands for. `*` is a line that names none: with a name, it is used over
/// TCP and UDP; without one, the number is kept back from all.
pub fn transports_meant<'a>(transports: &'a str, name: &str) -> &'a str {
    match transports {
        "*" if name.is_empty() => "tcp/udp/sctp/dccp",
        "*" => "tcp/udp",
        named => named,
    }
}

/// The columns of a row. A plain loop takes a quarter of the time of `str::split`.
pub fn columns(row: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(row);
    iter::from_fn(move || {
        let row = rest.take()?;
        let Some(at) = row.bytes().position(|byte| byte == b'\t') else {
            return Some(row);
        };
        rest = row.get(at + 1..);
        row.get(..at)
    })
}

/// A first and a last port; the last may be empty.
pub fn range(first: &str, last: &str) -> Option<(u16, u16)> {
    let first = first.parse().ok()?;
    let last = match last {
        "" => first,
        last => last.parse().ok()?,
    };
    (first <= last).then_some((first, last))
}
