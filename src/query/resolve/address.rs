//! Addresses: one, a network, a range, or the beginning of one.

use super::{Fault, Operator, Pattern, Value, shown};
use crate::query::term::AddressPattern;
use ipnet::IpNet;
use std::net::IpAddr;

/// Fits every address.
pub(super) fn anything() -> AddressPattern {
    AddressPattern::Any
}

/// Reads what an address is compared with.
pub(super) fn pattern(name: &str, value: &Value<'_>) -> Result<AddressPattern, Fault> {
    let text = &*value.text;
    let fault = |message| Fault::new(value.span.clone(), format!("{name}: {message}"));
    match value.operator {
        Operator::Natural => natural(text),
        Operator::Equal | Operator::Unequal => exact(text)
            .ok_or_else(|| format!("{} is neither an address nor a network", shown(text))),
        Operator::Regex => Pattern::regex(text)
            .map(AddressPattern::Written)
            .map_err(|cause| format!("{} {cause}", shown(text))),
        Operator::Greater | Operator::AtLeast | Operator::Less | Operator::AtMost => {
            let sign = value.operator.sign();
            Err(format!(
                "`{sign}` does not compare addresses; a range is written a-b"
            ))
        }
    }
    .map_err(|message| fault(message).hint(format!("for example `{name}:10.0.0.0/8`")))
}

fn natural(text: &str) -> Result<AddressPattern, String> {
    if let Some(pattern) = exact(text) {
        return Ok(pattern);
    }
    if text.contains('/') {
        return Err(format!("{} is not a network", shown(text)));
    }
    if let Some((first, last)) = text.split_once('-') {
        return range(first, last)
            .ok_or_else(|| format!("{} is not a range of addresses", shown(text)));
    }
    let of_address = |c: char| c.is_ascii_hexdigit() || matches!(c, '.' | ':');
    if text.is_empty() || !text.chars().all(of_address) {
        return Err(format!(
            "{} is not an address or the beginning of one",
            shown(text)
        ));
    }
    let beginning = format!("^{}", regex::escape(&text.to_lowercase()));
    Pattern::regex(&beginning).map(AddressPattern::Written)
}

fn exact(text: &str) -> Option<AddressPattern> {
    let net = match text.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address.to_canonical()),
        Err(_no_address) => text.parse().ok()?,
    };
    Some(AddressPattern::Net(net))
}

fn range(first: &str, last: &str) -> Option<AddressPattern> {
    let first: IpAddr = first.parse().ok()?;
    let last: IpAddr = last.parse().ok()?;
    let same_family = first.is_ipv4() == last.is_ipv4();
    (same_family && first <= last).then_some(AddressPattern::Between(first, last))
}
