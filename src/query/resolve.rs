//! Turns a tree of text into typed terms: which field, which value, whether they fit together.

use super::{
    ast::{Node, Operator, Value},
    choice::Unfit,
    error::{Fault, shown},
    field::{Amount, Choice, Field, Kind, Number, WORDS, Word, no_field},
    pattern::Pattern,
    term::{RowPattern, Term},
    value::{parse_seconds, parse_size},
};
use std::ops::Bound;

mod address;
mod number;

use number::span;

/// Resolves a tree.
pub(super) fn resolve(node: &Node<'_>) -> Result<Term, Fault> {
    match node {
        Node::Any(nodes) => several(nodes).map(any),
        Node::All(nodes) => several(nodes).map(|mut terms| {
            terms.sort_by_key(Term::cost);
            Term::All(terms)
        }),
        Node::Not(node) => resolve(node).map(|term| Term::Not(Box::new(term))),
        Node::Field { name, span, values } => {
            let field = Field::named(name).ok_or_else(|| no_field(name, span.clone()))?;
            compare(field, values)
        }
        Node::Listener(values) => {
            let spans = values.iter().map(|value| number::port("port", value));
            spans.collect::<Result<_, _>>().map(Term::Listener)
        }
        Node::Words(values) => {
            let words = values.iter().map(word);
            words.collect::<Result<_, _>>().map(any)
        }
    }
}

fn several(nodes: &[Node<'_>]) -> Result<Vec<Term>, Fault> {
    nodes.iter().map(resolve).collect()
}

fn any(mut terms: Vec<Term>) -> Term {
    match terms.pop() {
        Some(only) if terms.is_empty() => only,
        last => {
            terms.extend(last);
            terms.sort_by_key(Term::cost);
            Term::Any(terms)
        }
    }
}

/// Compares a field with a list of values: it is one of those that are asked for with `:`, and none
/// of those with `!=`.
fn compare(field: &Field, values: &[Value<'_>]) -> Result<Term, Fault> {
    let (unequal, equal): (Vec<_>, Vec<_>) = values
        .iter()
        .partition(|value| value.operator == Operator::Unequal);
    let mut terms = vec![];
    if !equal.is_empty() {
        terms.push(one_of(field, &equal)?);
    }
    if !unequal.is_empty() {
        let none = Term::Not(Box::new(one_of(field, &unequal)?));
        terms.push(Term::All(vec![anything(field), none]));
    }
    Ok(any(terms))
}

fn one_of(field: &Field, values: &[&Value<'_>]) -> Result<Term, Fault> {
    let name = field.name;
    let all = values.iter().copied();
    Ok(match field.kind {
        Kind::Port(side) => Term::Port(side, each(all, |value| number::port(name, value))?),
        Kind::Number(number) => Term::Number(
            number,
            each(all, |value| number::whole(name, number, value))?,
        ),
        Kind::Amount(amount) => {
            Term::Amount(amount, each(all, |value| quantity(name, amount, value))?)
        }
        Kind::Choice(choice) => {
            let sets = each(all, |value| choose(name, choice, value))?;
            Term::Choice(choice, sets.into_iter().fold(0, |all, set| all | set))
        }
        Kind::Address(side) => {
            Term::Address(side, each(all, |value| address::pattern(name, value))?)
        }
        Kind::Text(text) => Term::Text(text, each(all, |value| pattern(name, value))?),
        Kind::Host => Term::Host(each(all, |value| pattern(name, value))?),
    })
}

/// Fits whenever the field is known.
fn anything(field: &Field) -> Term {
    match field.kind {
        Kind::Port(side) => Term::Port(side, vec![(Bound::Unbounded, Bound::Unbounded)]),
        Kind::Number(number) => Term::Number(number, vec![(Bound::Unbounded, Bound::Unbounded)]),
        Kind::Amount(amount) => Term::Amount(amount, vec![(Bound::Unbounded, Bound::Unbounded)]),
        Kind::Choice(choice) => Term::Choice(choice, choice.every()),
        Kind::Address(side) => Term::Address(side, vec![address::anything()]),
        Kind::Text(text) => Term::Text(text, vec![Pattern::Any]),
        Kind::Host => Term::Host(vec![Pattern::Any]),
    }
}

fn each<'a, 'v: 'a, T>(
    values: impl Iterator<Item = &'a Value<'v>>,
    read: impl Fn(&Value<'v>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    values.map(read).collect()
}

fn quantity(
    name: &str,
    amount: Amount,
    value: &Value<'_>,
) -> Result<(Bound<f64>, Bound<f64>), Fault> {
    let (read, example): (fn(&str) -> _, _) = match amount {
        Amount::Rx | Amount::Tx => (parse_size, "1.5M"),
        Amount::Rtt => (parse_seconds, "50ms"),
        Amount::Age => (parse_seconds, "10s"),
    };
    span(name, value, |text| {
        read(text).map_err(|fault| (fault, format!("{name}:>{example}")))
    })
}

fn choose(name: &str, choice: Choice, value: &Value<'_>) -> Result<u16, Fault> {
    let chosen = choice.select(value.operator, &value.text);
    chosen.map_err(|unfit| {
        let fault = |message| Fault::new(value.span.clone(), message);
        let names = || choice.names().collect::<Vec<_>>().join(", ");
        let text = shown(&value.text);
        match unfit {
            Unfit::Unknown => fault(format!("{name}: {text} is none of {}", names()))
                .suggest(&value.text, choice.vocabulary()),
            Unfit::Several => fault(format!(
                "{name}: {text} begins more than one of {}",
                names()
            )),
            Unfit::Operator => {
                let sign = value.operator.sign();
                fault(format!(
                    "{name}: has no `{sign}`; its values are {}",
                    names()
                ))
            }
        }
    })
}

fn pattern(name: &str, value: &Value<'_>) -> Result<Pattern, Fault> {
    let text = &*value.text;
    let fault = |cause| {
        let message = format!("{name}: {} {cause}", shown(text));
        Fault::new(value.span.clone(), message)
    };
    match value.operator {
        Operator::Natural => Pattern::part(text).map_err(fault),
        Operator::Regex => Pattern::regex(text).map_err(fault),
        Operator::Equal | Operator::Unequal => Ok(Pattern::Exactly(text.into())),
        Operator::Greater | Operator::AtLeast | Operator::Less | Operator::AtMost => {
            let sign = value.operator.sign();
            let message = format!("{name}: is text, which `{sign}` does not compare");
            Err(Fault::new(value.span.clone(), message).hint("put the value in quotes"))
        }
    }
}

/// Resolves a word: one with a meaning of its own, a number, or text anywhere in the row and what is printed there.
fn word(value: &Value<'_>) -> Result<Term, Fault> {
    let text = &*value.text;
    if !value.quoted {
        if let Some(word) = Word::named(text) {
            return Ok(Term::Named(word.means));
        }
        if text.bytes().all(|byte| byte.is_ascii_digit())
            && let Ok(number) = text.parse()
        {
            return Ok(Term::PortOrPid(number));
        }
    }
    let part = Pattern::part(text);
    let part = part.map_err(|cause| {
        Fault::new(value.span.clone(), format!("{} {cause}", shown(text)))
            .suggest(text, WORDS.iter().map(|word| word.name))
    })?;
    let of_v4 = |c: char| c.is_ascii_digit() || matches!(c, '.' | ':');
    let of_endpoint = |c: char| c.is_ascii_hexdigit() || matches!(c, '.' | ':' | '[' | ']');
    let row = Term::Row(RowPattern {
        pattern: part,
        may_be_endpoint: text.chars().all(of_endpoint),
        may_be_v4: text.chars().all(of_v4),
        has_blank: text.contains(char::is_whitespace),
    });
    Ok(any(value.printed().into_iter().chain([row]).collect()))
}
