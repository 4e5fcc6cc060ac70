//! Fields with a few named values: which names there are, and sets of them.

use super::{ast::Operator, field::Choice};
use crate::model::{Direction, Exposure, Family, Protocol, Severity, Socket, State, Tier, Verdict};

/// A set of values of one field: bit n is the nth value.
pub(super) type Set = u16;

const DIRECTIONS: [Direction; 4] = [
    Direction::Listen,
    Direction::Inbound,
    Direction::Outbound,
    Direction::Local,
];
const EXPOSURES: [Exposure; 3] = [
    Exposure::Loopback,
    Exposure::Interface,
    Exposure::AllInterfaces,
];
const TIERS: [Tier; 5] = [
    Tier::Common,
    Tier::Known,
    Tier::Obscure,
    Tier::Unassigned,
    Tier::Dynamic,
];

/// Why a set cannot be made of an operator and a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    /// No value begins so.
    Unknown,
    /// Several values begin so, and only one can be compared with.
    Several,
    /// The field has no such comparison.
    Operator,
}

impl Choice {
    /// The names of its values, in their order.
    pub(super) fn names(self) -> Box<dyn Iterator<Item = &'static str>> {
        match self {
            Self::Proto => Box::new(Protocol::ALL.map(Protocol::name).into_iter()),
            Self::Family => Box::new(Family::ALL.map(Family::name).into_iter()),
            Self::State => Box::new(State::ALL.map(State::name).into_iter()),
            Self::Direction => Box::new(DIRECTIONS.map(Direction::name).into_iter()),
            Self::Exposure => Box::new(EXPOSURES.map(Exposure::name).into_iter()),
            Self::Tier => Box::new(TIERS.map(Tier::name).into_iter()),
            Self::Verdict => Box::new(Verdict::ALL.map(Verdict::name).into_iter()),
            Self::Severity => Box::new(Severity::ALL.map(Severity::name).into_iter()),
        }
    }

    /// Other names people write, each with the name it stands for.
    fn aliases(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Family => &[
                ("v4", "ipv4"),
                ("v6", "ipv6"),
                ("4", "ipv4"),
                ("6", "ipv6"),
                ("inet", "ipv4"),
                ("inet6", "ipv6"),
            ],
            Self::State => &[("listening", "listen")],
            Self::Exposure => &[("lo", "loopback"), ("wild", "all-interfaces")],
            Self::Verdict => &[
                ("ok", "expected"),
                ("note", "notable"),
                ("odd", "unusual"),
                ("alert", "suspicious"),
            ],
            Self::Proto => &[("udp-lite", "udplite"), ("ping", "icmp")],
            Self::Direction | Self::Tier | Self::Severity => &[],
        }
    }

    /// Whether one value can be more than another.
    fn is_ordered(self) -> bool {
        match self {
            Self::Exposure | Self::Tier | Self::Verdict | Self::Severity => true,
            Self::Proto | Self::Family | Self::State | Self::Direction => false,
        }
    }

    /// The values that `text` names: all that begin with it, or only the one it spells.
    ///
    /// Letter case, `-` and `_` do not count: `TIME_WAIT` is `time-wait`.
    pub(super) fn named(self, text: &str, exactly: bool) -> Set {
        let wanted = normal(text);
        let fits = |name: &str| {
            let name = normal(name);
            name == wanted || !exactly && name.starts_with(&wanted)
        };
        let aliases = self.aliases();
        let is_named = |name: &&str| {
            fits(name)
                || aliases
                    .iter()
                    .any(|(alias, real)| real == name && fits(alias))
        };
        let bits = self.names().enumerate();
        let bits = bits.filter(|(_, name)| !wanted.is_empty() && is_named(name));
        bits.fold(0, |set, (bit, _)| set | 1 << bit)
    }

    /// The values that compare with `text` as `operator` says.
    pub(super) fn select(self, operator: Operator, text: &str) -> Result<Set, Unfit> {
        let named = self.named(text, false);
        let exact = self.named(text, true);
        match operator {
            // `udp` is the whole name of one protocol, and the beginning of another.
            Operator::Natural if self == Self::Proto && exact != 0 => known(exact),
            Operator::Natural => known(named),
            Operator::Equal | Operator::Unequal => known(exact),
            Operator::Regex => Err(Unfit::Operator),
            Operator::Greater | Operator::AtLeast | Operator::Less | Operator::AtMost => {
                if !self.is_ordered() {
                    return Err(Unfit::Operator);
                }
                let one = only(if exact == 0 { named } else { exact })?;
                Ok(self.compare(operator, one))
            }
        }
    }

    /// Every value.
    pub(super) fn every(self) -> Set {
        (1 << self.names().count()) - 1
    }

    fn compare(self, operator: Operator, one: Set) -> Set {
        let (below, every) = (one - 1, self.every());
        match operator {
            Operator::AtLeast => every & !below,
            Operator::Greater => every & !below & !one,
            Operator::AtMost => below | one,
            Operator::Less => below,
            Operator::Natural | Operator::Equal | Operator::Unequal | Operator::Regex => one,
        }
    }

    /// The names a person may have meant, aliases among them.
    pub(super) fn vocabulary(self) -> impl Iterator<Item = &'static str> {
        self.names()
            .chain(self.aliases().iter().map(|(alias, _)| *alias))
    }

    /// Whether the value of `socket` is in `set`; a value that is not known is in none.
    pub(super) fn holds(self, set: Set, socket: &Socket) -> bool {
        let has = |value: usize| set >> value & 1 == 1;
        match self {
            Self::Proto => has(socket.raw.protocol as usize),
            Self::Family => has(socket.raw.family as usize),
            Self::State => has(socket.raw.state as usize),
            Self::Direction => has(socket.direction as usize),
            Self::Exposure => socket
                .exposure
                .is_some_and(|exposure| has(exposure as usize)),
            Self::Tier => socket
                .service
                .is_some_and(|service| has(service.tier as usize)),
            Self::Verdict => has(socket.assessment.verdict as usize),
            Self::Severity => {
                let mut findings = socket.assessment.findings.iter();
                findings.any(|finding| has(finding.severity as usize))
            }
        }
    }
}

pub(super) fn normal(text: &str) -> String {
    let letters = text.chars().filter(|c| !matches!(c, '-' | '_'));
    letters.collect::<String>().to_lowercase()
}

fn known(set: Set) -> Result<Set, Unfit> {
    if set == 0 {
        Err(Unfit::Unknown)
    } else {
        Ok(set)
    }
}

fn only(set: Set) -> Result<Set, Unfit> {
    if known(set)?.is_power_of_two() {
        Ok(set)
    } else {
        Err(Unfit::Several)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(choice: Choice, operator: Operator, text: &str) -> Vec<&'static str> {
        let set = choice.select(operator, text).unwrap();
        let names = choice.names().enumerate();
        names
            .filter(|(bit, _)| set >> bit & 1 == 1)
            .map(|(_, name)| name)
            .collect()
    }

    #[test]
    fn bits_stand_in_the_order_of_the_names() {
        for (bit, state) in State::ALL.into_iter().enumerate() {
            assert_eq!(state as usize, bit);
        }
        for (bit, verdict) in Verdict::ALL.into_iter().enumerate() {
            assert_eq!(verdict as usize, bit);
        }
        for (bit, severity) in Severity::ALL.into_iter().enumerate() {
            assert_eq!(severity as usize, bit);
        }
        assert_eq!(
            Protocol::ALL.map(|one| one as usize),
            [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
        );
        assert_eq!(Family::ALL.map(|one| one as usize), [0, 1, 2, 3]);
        assert_eq!(TIERS.map(|tier| tier as usize), [0, 1, 2, 3, 4]);
        assert_eq!(DIRECTIONS.map(|one| one as usize), [0, 1, 2, 3]);
        assert_eq!(EXPOSURES.map(|one| one as usize), [0, 1, 2]);
    }

    #[test]
    fn a_beginning_names_every_value_that_begins_so() {
        let fin = ["fin-wait-1", "fin-wait-2"];
        assert_eq!(selected(Choice::State, Operator::Natural, "FIN_WAIT"), fin);
        assert_eq!(
            selected(Choice::State, Operator::Equal, "FinWait1"),
            fin[..1]
        );
    }

    #[test]
    fn the_words_of_the_dashboard_are_verdicts() {
        let odd = ["unusual", "suspicious"];
        assert_eq!(selected(Choice::Verdict, Operator::AtLeast, "odd"), odd);
        assert_eq!(
            selected(Choice::Verdict, Operator::Greater, "unusual"),
            odd[1..]
        );
        assert_eq!(
            selected(Choice::Verdict, Operator::Less, "unknown"),
            ["expected"]
        );
    }

    #[test]
    fn what_begins_two_values_compares_with_none() {
        let several = Choice::Verdict.select(Operator::Less, "un");
        assert_eq!(several, Err(Unfit::Several));
        let unordered = Choice::State.select(Operator::Less, "listen");
        assert_eq!(unordered, Err(Unfit::Operator));
    }
}
