//! Ports, other whole numbers, and spans of anything that has an order.

use super::{Fault, Number, Operator, Value, shown};
use crate::model::Text;
use std::ops::Bound;

/// A span of values.
pub(super) type Span<T> = (Bound<T>, Bound<T>);

/// What is wrong with one value, and an example of a right term.
type Wrong = (String, String);

/// Reads a port, or a range of them.
pub(super) fn port(name: &str, value: &Value<'_>) -> Result<Span<u16>, Fault> {
    let of_letters = value.text.starts_with(|c: char| c.is_ascii_alphabetic());
    let read = span(name, value, |text| {
        let number = digits(text).ok_or_else(|| (not_a(text, "number"), format!("{name}:443")))?;
        u16::try_from(number).map_err(|_too_big| {
            let message = format!("{number} is more than 65535, the highest port");
            (message, format!("{name}:443"))
        })
    });
    match read {
        Err(fault) if of_letters => Err(fault.hint(format!(
            "for a service by its name, `svc:{}`",
            Text::from(&*value.text)
        ))),
        read => read,
    }
}

/// Reads a whole number, or a range of them.
pub(super) fn whole(name: &str, number: Number, value: &Value<'_>) -> Result<Span<u64>, Fault> {
    let of_letters = value.text.starts_with(|c: char| c.is_ascii_alphabetic());
    let read = span(name, value, |text| {
        digits(text).ok_or_else(|| (not_a(text, "number"), format!("{name}:1000")))
    });
    let by_name = match number {
        Number::Pid => Some("proc"),
        Number::Uid => Some("user"),
        Number::Ppid | Number::Inode => None,
    };
    match (read, by_name) {
        (Err(fault), Some(field)) if of_letters => Err(fault.hint(format!(
            "for a name, `{field}:{}`",
            Text::from(&*value.text)
        ))),
        (read, _) => read,
    }
}

/// Reads a value, a comparison or a range of anything that `read` reads.
pub(super) fn span<T: PartialOrd + Copy>(
    name: &str,
    value: &Value<'_>,
    read: impl Fn(&str) -> Result<T, Wrong>,
) -> Result<Span<T>, Fault> {
    let fault = |message| Fault::new(value.span.clone(), format!("{name}: {message}"));
    let one = |text| {
        read(text)
            .map_err(|(message, example)| fault(message).hint(format!("for example `{example}`")))
    };
    let text = &*value.text;
    let whole = match value.operator {
        Operator::Natural | Operator::Equal | Operator::Unequal => match text.split_once('-') {
            Some(("", last)) => return Err(open_end(fault, name, text, "<=", last)),
            Some((first, "")) => return Err(open_end(fault, name, text, ">=", first)),
            Some((first, last)) => {
                let backwards = || {
                    fault(format!("{} ends before it begins", shown(text)))
                        .hint(format!("did you mean `{last}-{first}`?"))
                };
                return range(one(first)?, one(last)?).ok_or_else(backwards);
            }
            None => one(text)?,
        },
        Operator::Regex => {
            return Err(fault("is a number, which `~` does not search".into()));
        }
        Operator::Greater | Operator::AtLeast | Operator::Less | Operator::AtMost => one(text)?,
    };
    Ok(match value.operator {
        Operator::Greater => (Bound::Excluded(whole), Bound::Unbounded),
        Operator::AtLeast => (Bound::Included(whole), Bound::Unbounded),
        Operator::Less => (Bound::Unbounded, Bound::Excluded(whole)),
        Operator::AtMost => (Bound::Unbounded, Bound::Included(whole)),
        Operator::Natural | Operator::Equal | Operator::Unequal | Operator::Regex => {
            (Bound::Included(whole), Bound::Included(whole))
        }
    })
}

fn open_end(
    fault: impl Fn(String) -> Fault,
    name: &str,
    text: &str,
    sign: &str,
    end: &str,
) -> Fault {
    let end = Text::from(end);
    fault(format!("{} has only one end", shown(text))).hint(format!("write `{name}:{sign}{end}`"))
}

fn range<T: PartialOrd>(first: T, last: T) -> Option<Span<T>> {
    (first <= last).then_some((Bound::Included(first), Bound::Included(last)))
}

/// A number of digits alone; the parser of the standard library would take a sign.
fn digits(text: &str) -> Option<u64> {
    let all = text.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| text.parse().ok()).flatten()
}

fn not_a(text: &str, what: &str) -> String {
    format!("{} is not a {what}", shown(text))
}
