//! Short words that the program itself prints for a socket: whoever types one finds the rows that show it.

use super::{
    choice::{Set, normal},
    field::{Choice, Named},
    term::Term,
};
use crate::model::{Protocol, State, Verdict};

/// The shortest beginning of a state that is taken for it.
const SHORTEST: usize = 3;

/// What rows in which `text` is printed have in common, besides rows that hold it as a text; `None` where it is none of
/// these words.
pub(super) fn meaning(text: &str) -> Option<Term> {
    let wanted = normal(text);
    let term = sign(text)
        .or_else(|| word(&wanted))
        .or_else(|| choice(Choice::Proto, &wanted).map(of_those_there_are))
        .or_else(|| choice(Choice::Tier, &wanted))
        .or_else(|| choice(Choice::Verdict, &wanted));
    term.or_else(|| {
        let states = states(&wanted);
        (states != 0).then_some(Term::Choice(Choice::State, states))
    })
}

/// What stands for a verdict, a state or a mark in one column.
fn sign(text: &str) -> Option<Term> {
    let verdict = |one: Verdict| Some(Term::Choice(Choice::Verdict, bit(one as u8)));
    let protocols = |all: &[Protocol]| Some(Term::Choice(Choice::Proto, set_of(all)));
    let states = |all: &[State]| {
        let states = Term::Choice(Choice::State, of_states(all));
        Some(Term::All(vec![states, not(DATAGRAMS)]))
    };
    match text {
        "·" => verdict(Verdict::Expected),
        "?" => verdict(Verdict::Unknown),
        "●" => verdict(Verdict::Notable),
        "▲" => verdict(Verdict::Unusual),
        "◆" => verdict(Verdict::Suspicious),
        "+" => Some(Term::Named(Named::New)),
        "✕" => Some(Term::Named(Named::Closed)),
        "U" => protocols(DATAGRAMS),
        "P" => protocols(&[Protocol::Packet]),
        "R" => protocols(&[Protocol::Raw]),
        "I" => protocols(&[Protocol::Icmp]),
        "L" => states(&[State::Listen]),
        "E" => states(&[State::Established]),
        "S" => states(&[State::SynSent, State::SynRecv]),
        "T" => states(&[State::TimeWait]),
        "C" => states(&[State::CloseWait]),
        "F" => states(&[
            State::FinWait1,
            State::FinWait2,
            State::LastAck,
            State::Closing,
        ]),
        _ => None,
    }
}

/// Words of the summary, of rows that count several, and of owners that cannot be seen.
fn word(wanted: &str) -> Option<Term> {
    match wanted {
        "tw" => Some(Term::Choice(Choice::State, of_states(&[State::TimeWait]))),
        "loopback" => Some(Term::Named(Named::Loopback)),
        "hidden" => Some(Term::Named(Named::Hidden)),
        "other" => Some(Term::All(vec![
            not(DATAGRAMS),
            Term::Not(Box::new(Term::All(vec![
                Term::Choice(Choice::State, of_states(COUNTED)),
                not(WITHOUT_STATES),
            ]))),
        ])),
        _ => None,
    }
}

/// What the summary counts as UDP, in whatever state it is.
const DATAGRAMS: &[Protocol] = &[Protocol::Udp, Protocol::UdpLite];

/// What it counts as other, in whatever state it is.
const WITHOUT_STATES: &[Protocol] = &[
    Protocol::Raw,
    Protocol::Icmp,
    Protocol::Packet,
    Protocol::Unix,
];

/// States that it has a count of their own for.
const COUNTED: &[State] = &[State::Listen, State::Established, State::TimeWait];

fn not(protocols: &[Protocol]) -> Term {
    let protocols = Term::Choice(Choice::Proto, set_of(protocols));
    Term::Not(Box::new(protocols))
}

/// The same answer, for which nothing more is read: a word finds UNIX sockets where there are any, but only `proto:unix`
/// asks for them.
fn of_those_there_are(term: Term) -> Term {
    Term::Not(Box::new(Term::Not(Box::new(term))))
}

/// The value whose whole name it is.
fn choice(choice: Choice, wanted: &str) -> Option<Term> {
    let set = choice.named(wanted, true);
    (set != 0).then_some(Term::Choice(choice, set))
}

/// The states whose name, or a part of it behind a `-`, begins so.
fn states(wanted: &str) -> Set {
    if wanted.len() < SHORTEST {
        return 0;
    }
    let begins = |state: &State| {
        let name = state.name();
        let parts = name.match_indices('-').filter_map(|(at, _)| name.get(at..));
        let mut parts = std::iter::once(name).chain(parts);
        parts.any(|part| normal(part).starts_with(wanted))
    };
    let found: Vec<State> = State::ALL.into_iter().filter(begins).collect();
    of_states(&found)
}

fn of_states(states: &[State]) -> Set {
    states.iter().fold(0, |set, one| set | bit(*one as u8))
}

fn set_of(protocols: &[Protocol]) -> Set {
    protocols.iter().fold(0, |set, one| set | bit(*one as u8))
}

fn bit(value: u8) -> Set {
    1 << value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{
            Socket,
            fixture::{self, connection, listener, udp},
        },
        query::Query,
    };

    /// Whether typing `text` finds a socket.
    fn finds(text: &str, socket: &Socket) -> bool {
        let query = Query::parse(text).unwrap_or_else(|error| panic!("{}", error.pointed()));
        let snapshot = fixture::snapshot(vec![socket.clone()]);
        query.matches(socket, &snapshot)
    }

    fn call() -> fixture::Builder {
        connection("10.0.0.5:40000", "192.0.2.7:443").owned_by("curl", 7)
    }

    #[test]
    fn a_state_is_found_by_its_name_however_it_is_written_and_by_how_it_begins() {
        for state in State::ALL {
            let (socket, name) = (call().state(state).build(), state.name());
            let forms = [
                name.to_owned(),
                name.to_uppercase(),
                name.replace('-', "_"),
                name.replace('-', ""),
                name.get(..3).unwrap().to_owned(),
            ];
            for form in forms {
                // `listen` is a word of its own, which knows who waits.
                assert!(finds(&form, &socket), "{form}");
            }
        }
        for (typed, state) in [
            ("est", State::Established),
            ("estab", State::Established),
            ("tw", State::TimeWait),
            ("wait", State::FinWait2),
            ("fin-wait-1", State::FinWait1),
            ("fin-wait", State::FinWait2),
            ("ack", State::LastAck),
            ("unconn", State::Unconnected),
        ] {
            assert!(finds(typed, &call().state(state).build()), "{typed}");
            let other = State::SynSent;
            assert!(!finds(typed, &call().state(other).build()), "{typed}");
        }
        // Too short to mean one, and a text for all that.
        let open = call().state(State::Established).build();
        assert!(!finds("es", &open) && !finds("\"est\"", &open));
        assert!(finds("cur", &open) && !finds("!est", &open));
    }

    #[test]
    fn a_word_is_still_a_text_of_the_row() {
        let owned = |name: &str| {
            let call = connection("10.0.0.5:40000", "192.0.2.7:443").owned_by(name, 7);
            call.state(State::SynSent).build()
        };
        for (typed, name) in [
            ("est", "pytest"),
            ("alert", "alertmanager"),
            ("raw", "crawler"),
            ("wait", "await"),
            ("ok", "okular"),
        ] {
            assert!(finds(typed, &owned(name)), "{typed}");
            assert!(!finds(typed, &owned("curl")), "{typed}");
        }
    }

    #[test]
    fn protocols_and_verdicts_are_found_by_their_whole_names() {
        let of = |protocol| udp(5353).protocol(protocol).build();
        for protocol in Protocol::ALL {
            assert!(finds(protocol.name(), &of(protocol)), "{protocol:?}");
        }
        assert!(!finds("pack", &of(Protocol::Packet)));
        for (typed, verdict) in [
            ("ok", Verdict::Expected),
            ("·", Verdict::Expected),
            ("?", Verdict::Unknown),
            ("NOTE", Verdict::Notable),
            ("odd", Verdict::Unusual),
            ("unusual", Verdict::Unusual),
            ("▲", Verdict::Unusual),
            ("Alert", Verdict::Suspicious),
            ("◆", Verdict::Suspicious),
        ] {
            for one in Verdict::ALL {
                let socket = listener(9).verdict(one).build();
                assert_eq!(finds(typed, &socket), one == verdict, "{typed} {one:?}");
            }
        }
    }

    #[test]
    fn what_the_summary_counts_as_other_is_neither_udp_nor_of_a_state_with_a_count() {
        for state in State::ALL {
            let is_other = !COUNTED.contains(&state);
            assert_eq!(finds("other", &call().state(state).build()), is_other);
        }
        assert!(!finds("other", &udp(53).build()));
        let raw = udp(0).protocol(Protocol::Raw).state(State::Listen);
        assert!(finds("other", &raw.build()));
        // And no word has UNIX sockets read.
        let extent = crate::model::Extent::default();
        for word in ["other", "unix", "close"] {
            assert!(!Query::parse(word).unwrap().extent(extent).unix, "{word}");
        }
    }

    #[test]
    fn letters_of_a_narrow_screen_are_capitals() {
        assert!(finds("E", &call().state(State::Established).build()));
        assert!(!finds("E", &udp(9).state(State::Established).build()));
        assert!(finds("U", &udp(9).build()));
        assert!(!finds("z", &call().build()));
        assert!(finds("hidden", &listener(22).build()));
        assert!(!finds("hidden", &call().build()));
    }
}
