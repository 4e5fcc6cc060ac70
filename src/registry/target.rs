//! What a person means by `1587`, `587/tcp`, `submission` or `6000-6007`.

use super::Registry;
use crate::model::{Text, Transport};
use std::fmt::Write as _;

/// The most names that a beginning may stand for.
const MOST_NAMES: usize = 50;

/// A port to tell about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The port.
    pub port: u16,
    /// The transport; `None` for every one.
    pub protocol: Option<Transport>,
}

/// Why a text names no port.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// It is not written as a target: a usage error.
    #[error("\"{text}\" is no port: {expected}")]
    Syntax {
        /// What was written.
        text: Text,
        /// The part that is wrong.
        fault: Text,
        /// How many columns stand before it.
        column: usize,
        /// What should stand there.
        expected: String,
    },
    /// It is a well-formed name that names nothing.
    #[error("no service is called {name}{}", did_you_mean(similar))]
    Unknown {
        /// The name.
        name: Text,
        /// Names near it, best first.
        similar: Vec<&'static str>,
    },
}

impl TargetError {
    /// The text and, below it, carets under the fault; `None` where there is no fault to point at.
    pub fn place(&self) -> Option<String> {
        let Self::Syntax {
            text,
            fault,
            column,
            ..
        } = self
        else {
            return None;
        };
        let mut place = format!("{text}\n");
        // Writing to a string cannot fail.
        _ = write!(place, "{:column$}{}", "", "^".repeat(width(fault).max(1)));
        Some(place)
    }
}

/// The ports that `text` names, ascending.
///
/// # Errors
///
/// [`TargetError::Syntax`] for what is no target, [`TargetError::Unknown`] for a name that
/// names nothing.
pub fn parse(text: &str, registry: &Registry) -> Result<Vec<Target>, TargetError> {
    let (what, protocol) = match text.rsplit_once('/') {
        // Some service names hold a slash (`914c/g`).
        Some(_) if !registry.ports_named(text).is_empty() => (text, None),
        Some((what, transport)) => (what, Some(protocol(text, what, transport)?)),
        None => (text, None),
    };
    let ports = match what.split_once('-') {
        Some((first, last)) if is_number(first) && is_number(last) => range(text, first, last)?,
        _ if is_number(what) => vec![number(text, 0, what)?],
        _ => named(text, what, protocol, registry)?,
    };
    Ok(ports
        .into_iter()
        .map(|port| Target { port, protocol })
        .collect())
}

fn protocol(text: &str, what: &str, transport: &str) -> Result<Transport, TargetError> {
    Transport::ALL
        .into_iter()
        .find(|protocol| protocol.name().eq_ignore_ascii_case(transport))
        .ok_or_else(|| {
            fault(
                text,
                what.len() + 1,
                transport,
                "expected tcp, udp, sctp or dccp after the slash",
            )
        })
}

fn range(text: &str, first: &str, last: &str) -> Result<Vec<u16>, TargetError> {
    let (from, to) = (
        number(text, 0, first)?,
        number(text, first.len() + 1, last)?,
    );
    if from > to {
        let expected = format!("a range goes upwards: {to}-{from}");
        return Err(fault(text, 0, &format!("{first}-{last}"), &expected));
    }
    Ok((from..=to).collect())
}

fn number(text: &str, at: usize, digits: &str) -> Result<u16, TargetError> {
    digits
        .parse()
        .map_err(|_too_big| fault(text, at, digits, "ports go from 0 to 65535"))
}

fn named(
    text: &str,
    name: &str,
    protocol: Option<Transport>,
    registry: &Registry,
) -> Result<Vec<u16>, TargetError> {
    let ports = match protocol {
        None => registry.ports_named(name),
        Some(protocol) => registry.ports_named_on(name, protocol),
    };
    if !ports.is_empty() {
        return Ok(ports);
    }
    if let Some(prefix) = name.strip_suffix('*') {
        return beginning(text, prefix, protocol, registry);
    }
    if let Some(expected) = why_no_name(name) {
        return Err(fault(text, 0, name, &expected));
    }
    let mut similar = registry.similar_names(name);
    similar.retain(|near| !near.eq_ignore_ascii_case(name));
    Err(TargetError::Unknown {
        name: Text::from(text),
        similar,
    })
}

/// The ports of the names that begin with `prefix`.
fn beginning(
    text: &str,
    prefix: &str,
    protocol: Option<Transport>,
    registry: &Registry,
) -> Result<Vec<u16>, TargetError> {
    let names = registry.names_beginning(prefix);
    if prefix.is_empty() || names.len() > MOST_NAMES {
        let expected = format!("{} names begin so; write more of it", names.len());
        return Err(fault(text, 0, text, &expected));
    }
    let mut ports: Vec<u16> = names
        .into_iter()
        .flat_map(|name| match protocol {
            None => registry.ports_named(name),
            Some(protocol) => registry.ports_named_on(name, protocol),
        })
        .collect();
    ports.sort_unstable();
    ports.dedup();
    if ports.is_empty() {
        return Err(TargetError::Unknown {
            name: Text::from(text),
            similar: registry.similar_names(prefix),
        });
    }
    Ok(ports)
}

/// Why `name` cannot be a service name, `None` when it can.
fn why_no_name(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some(String::from(
            "expected a port, a service name or a range: 587, submission, 6000-6007",
        ));
    }
    let hexadecimal = name.strip_prefix("0x").or_else(|| name.strip_prefix("0X"));
    if let Some(digits) = hexadecimal
        && !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    {
        return Some(match u16::from_str_radix(digits, 16) {
            Ok(port) => format!("ports are written in decimal: {port}"),
            Err(_) => String::from("ports are written in decimal and go from 0 to 65535"),
        });
    }
    if let Some(port) = name.strip_prefix(':')
        && is_number(port)
    {
        return Some(format!("write it without the colon: {port}"));
    }
    if name.split([',', ' ']).all(is_number) {
        return Some(String::from("one target each, separated by spaces: 80 443"));
    }
    let letter = |c: char| c.is_ascii_alphanumeric() || "-_+*./".contains(c);
    let named = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(letter)
        && name.bytes().any(|byte| byte.is_ascii_alphabetic());
    (!named).then(|| {
        String::from("expected a port, a service name or a range: 587, submission, 6000-6007")
    })
}

fn fault(text: &str, at: usize, part: &str, expected: &str) -> TargetError {
    TargetError::Syntax {
        text: Text::from(text),
        fault: Text::from(part),
        column: width(&Text::from(text.get(..at).unwrap_or_default())),
        expected: String::from(expected),
    }
}

fn width(text: &Text) -> usize {
    unicode_width::UnicodeWidthStr::width(text.as_str())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn did_you_mean(similar: &[&str]) -> String {
    match similar {
        [] => String::new(),
        [one] => format!("; did you mean {one}?"),
        [many @ .., last] => format!("; did you mean {} or {last}?", many.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(text: &str) -> Vec<u16> {
        let targets = parse(text, Registry::bundled()).unwrap_or_else(|error| panic!("{error}"));
        targets.into_iter().map(|target| target.port).collect()
    }

    fn error(text: &str) -> TargetError {
        parse(text, Registry::bundled()).unwrap_err()
    }

    #[test]
    fn a_number_a_range_and_a_name_are_targets() {
        assert_eq!(ports("1587"), [1587]);
        assert_eq!(ports("0"), [0]);
        assert_eq!(ports("6000-6007").len(), 8);
        assert_eq!(ports("submission"), [587]);
        assert_eq!(ports("SUBMISSION"), [587]);
        assert_eq!(ports("pra_elmd"), [1587]);
        assert_eq!(ports("914c/g"), [211]);
    }

    #[test]
    fn a_transport_narrows_a_target() {
        let udp = Some(Transport::Udp);
        assert_eq!(
            parse("587/UDP", Registry::bundled()),
            Ok(vec![Target {
                port: 587,
                protocol: udp
            }])
        );
        assert_eq!(ports("submission/tcp"), [587]);
        assert!(matches!(error("redis/udp"), TargetError::Unknown { .. }));
    }

    #[test]
    fn a_mistyped_name_suggests_the_right_one() {
        let TargetError::Unknown { similar, .. } = error("submision") else {
            panic!()
        };
        assert_eq!(similar.first(), Some(&"submission"));
        assert_eq!(
            error("submision").to_string(),
            "no service is called submision; did you mean submission or submissions?"
        );
    }

    #[test]
    fn a_star_stands_for_every_name_that_begins_so() {
        let ports = |text| -> Vec<u16> {
            let targets = parse(text, Registry::bundled()).unwrap();
            targets.iter().map(|target| target.port).collect()
        };
        assert_eq!(ports("Submission*"), [465, 587]);
        assert_eq!(ports("submissions*/tcp"), [465]);
        assert_eq!(ports("sql*net"), [66], "a name of its own");
        assert!(matches!(error("*"), TargetError::Syntax { .. }));
        assert!(matches!(error("s*"), TargetError::Syntax { .. }));
        assert!(matches!(error("zzzz*"), TargetError::Unknown { .. }));
    }

    #[test]
    fn sctp_and_dccp_can_be_asked_for() {
        let [target] = parse("9/dccp", Registry::bundled())
            .unwrap()
            .try_into()
            .unwrap();
        assert_eq!((target.port, target.protocol), (9, Some(Transport::Dccp)));
        assert_eq!(parse("discard/SCTP", Registry::bundled()).unwrap().len(), 1);
    }

    #[test]
    fn a_fault_is_pointed_at() {
        assert_eq!(error("80/foo").place().unwrap(), "80/foo\n   ^^^");
        assert_eq!(error("70000").place().unwrap(), "70000\n^^^^^");
        assert_eq!(error("80-70000").place().unwrap(), "80-70000\n   ^^^^^");
        assert_eq!(error("").place().unwrap(), "\n^");
    }

    #[test]
    fn a_fault_says_what_to_write() {
        assert_eq!(
            error("0x50").to_string(),
            "\"0x50\" is no port: ports are written in decimal: 80"
        );
        assert_eq!(
            error("90-80").to_string(),
            "\"90-80\" is no port: a range goes upwards: 80-90"
        );
        assert_eq!(
            error("70000").to_string(),
            "\"70000\" is no port: ports go from 0 to 65535"
        );
        for text in [
            "",
            "/tcp",
            "80/",
            "-5",
            "80,443",
            "80-",
            "٣",
            "a b",
            "\u{1b}[31m",
            "99999999999999999999",
        ] {
            assert!(
                matches!(error(text), TargetError::Syntax { .. }),
                "{text:?}"
            );
        }
    }

    #[test]
    fn no_error_carries_a_terminal_escape() {
        let error = error("80/\u{1b}]0;x\u{7}");
        let shown = format!("{error}{}", error.place().unwrap());
        assert!(!shown.contains(['\u{1b}', '\u{7}']), "{shown:?}");
    }
}
