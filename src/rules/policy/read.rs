//! The text of a policy into a policy, or the place that does not fit.

use super::{Fault, Policy, Written};
use crate::{
    model::{Entry, Exposure, PortRange, Ports, Severity, Text, Until, text::nearest},
    rules::RULES,
};
use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::{Offset, TimeZone},
};
use serde::{Deserialize, Deserializer, de};
use std::{collections::BTreeMap, fmt, ops::Range};
use toml::{Spanned, value::Datetime};

/// The keys of the whole.
const KEYS: [&str; 4] = ["strict", "expect", "deny", "rules"];

/// The keys of an entry, in the order they are written.
pub(super) const FIELDS: [&str; 10] = [
    "port",
    "program",
    "script",
    "exposure",
    "user",
    "unit",
    "container",
    "rules",
    "reason",
    "until",
];

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Document {
    strict: bool,
    expect: Vec<Spanned<Fields>>,
    deny: Vec<Spanned<Fields>>,
    rules: BTreeMap<Spanned<String>, Spanned<String>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Fields {
    #[serde(deserialize_with = "ports")]
    port: Option<Ports>,
    #[serde(deserialize_with = "some_text")]
    program: Option<Text>,
    #[serde(deserialize_with = "some_text")]
    script: Option<Text>,
    #[serde(deserialize_with = "exposure")]
    exposure: Option<Exposure>,
    #[serde(deserialize_with = "user")]
    user: Option<Text>,
    #[serde(deserialize_with = "some_text")]
    unit: Option<Text>,
    #[serde(deserialize_with = "some_text")]
    container: Option<Text>,
    rules: Vec<Spanned<String>>,
    reason: Option<Text>,
    until: Option<Spanned<Datetime>>,
}

impl Fields {
    /// Whether there is nothing that a socket would have to be.
    fn match_everything(&self) -> bool {
        let texts = [
            &self.program,
            &self.script,
            &self.user,
            &self.unit,
            &self.container,
        ];
        self.port.is_none() && self.exposure.is_none() && texts.iter().all(|text| text.is_none())
    }
}

pub(super) fn parse(
    text: &str,
    zone: &TimeZone,
    leads_to: &dyn Fn(&str) -> Option<Text>,
) -> Result<Policy, Fault> {
    let document: Document = toml::from_str(text).map_err(|error| explain(&error, text))?;
    let entry = |fields: Spanned<Fields>| {
        let span = fields.span();
        let entry = entry(fields.into_inner(), span.clone(), zone)?;
        let path = entry
            .program
            .as_ref()
            .filter(|program| program.contains('/'));
        Ok(Written {
            line: text
                .get(..span.start)
                .unwrap_or_default()
                .matches('\n')
                .count()
                + 1,
            leads_to: path
                .and_then(|path| leads_to(path))
                .filter(|to| Some(to) != path),
            entry,
        })
    };
    let expect: Result<Vec<_>, Fault> = document.expect.into_iter().map(entry).collect();
    let denied = |fields: Spanned<Fields>| match fields.as_ref().rules.first() {
        None => entry(fields),
        Some(rule) => Err(Fault {
            span: rule.span(),
            message: "a [[deny]] names no rules: nothing is accepted by it".to_owned(),
            hint: None,
        }),
    };
    let deny: Result<Vec<_>, Fault> = document.deny.into_iter().map(denied).collect();
    let rules = document.rules.into_iter().map(|(rule, setting)| {
        Ok((
            known_rule(rule.as_ref(), rule.span())?,
            setting_of(&setting)?,
        ))
    });
    Ok(Policy {
        strict: document.strict,
        path: None,
        fault: None,
        expect: expect?,
        deny: deny?,
        rules: rules.collect::<Result<_, Fault>>()?,
    })
}

fn entry(fields: Fields, span: Range<usize>, zone: &TimeZone) -> Result<Entry, Fault> {
    if fields.match_everything() {
        let all = FIELDS.get(..7).unwrap_or_default().join(", ");
        return Err(Fault {
            span: span.start..span.start,
            message: "this entry would match everything".to_owned(),
            hint: Some(format!("say at least one of {all}")),
        });
    }
    let rules = fields
        .rules
        .iter()
        .map(|rule| known_rule(rule.as_ref(), rule.span()));
    let rules = rules.collect::<Result<_, _>>()?;
    let until = fields.until.map(|until| {
        let ends = end(until.as_ref(), zone).ok_or_else(|| Fault {
            span: until.span(),
            message: format!("{} is no time", until.as_ref()),
            hint: Some("write a date, such as 2027-01-31".to_owned()),
        })?;
        Ok(Until {
            written: Text::from(until.as_ref().to_string()),
            ends,
        })
    });
    Ok(Entry {
        port: fields.port,
        program: fields.program,
        script: fields.script,
        exposure: fields.exposure,
        user: fields.user,
        unit: fields.unit,
        container: fields.container,
        rules,
        reason: fields.reason,
        until: until.transpose()?,
    })
}

/// When a date or a time has passed: a date at its end, where no offset is given in `zone`.
fn end(written: &Datetime, zone: &TimeZone) -> Option<Timestamp> {
    let date = written.date?;
    let date = Date::new(
        i16::try_from(date.year).ok()?,
        i8::try_from(date.month).ok()?,
        i8::try_from(date.day).ok()?,
    )
    .ok()?;
    let Some(time) = written.time else {
        return Some(
            date.tomorrow()
                .ok()?
                .to_zoned(zone.clone())
                .ok()?
                .timestamp(),
        );
    };
    let time = Time::new(
        i8::try_from(time.hour).ok()?,
        i8::try_from(time.minute).ok()?,
        i8::try_from(time.second.unwrap_or(0)).ok()?,
        0,
    );
    let zone = match written.offset {
        None => zone.clone(),
        Some(toml::value::Offset::Z) => TimeZone::UTC,
        Some(toml::value::Offset::Custom { minutes }) => {
            TimeZone::fixed(Offset::from_seconds(i32::from(minutes) * 60).ok()?)
        }
    };
    Some(
        date.to_datetime(time.ok()?)
            .to_zoned(zone)
            .ok()?
            .timestamp(),
    )
}

fn known_rule(name: &str, span: Range<usize>) -> Result<&'static str, Fault> {
    let mut names = RULES.iter().map(|rule| rule.id);
    names
        .clone()
        .find(|known| *known == name)
        .ok_or_else(|| Fault {
            span,
            message: format!("there is no rule \"{name}\""),
            hint: Some(match nearest(name, names.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!(
                    "the rules are {}",
                    names.by_ref().collect::<Vec<_>>().join(", ")
                ),
            }),
        })
}

fn setting_of(setting: &Spanned<String>) -> Result<Option<Severity>, Fault> {
    let name = setting.as_ref().as_str();
    if name == "off" {
        return Ok(None);
    }
    let known = Severity::ALL.into_iter().find(|known| known.name() == name);
    let names = Severity::ALL.map(Severity::name);
    known.map(Some).ok_or_else(|| Fault {
        span: setting.span(),
        message: format!("a rule is \"off\" or has a severity, not \"{name}\""),
        hint: Some(match nearest(name, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the severities are {}", names.join(", ")),
        }),
    })
}

/// Puts what the reader of TOML says into a sentence of ours where it can be clearer.
fn explain(error: &toml::de::Error, text: &str) -> Fault {
    let span = error.span().unwrap_or(0..0);
    let message = error.message();
    let key = text
        .get(span.clone())
        .filter(|_| message.starts_with("unknown field"));
    let Some(key) = key.map(|key| key.trim_matches(['"', '\''])) else {
        return Fault {
            span,
            message: message.lines().collect::<Vec<_>>().join("; "),
            hint: None,
        };
    };
    let (keys, whose): (&[&str], _) = if message.contains("`strict`") {
        (&KEYS, "a policy")
    } else {
        (&FIELDS, "an entry")
    };
    let hint = match nearest(key, keys.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the keys of {whose} are {}", keys.join(", ")),
    };
    Fault {
        message: format!("there is no key \"{key}\""),
        hint: Some(hint),
        span,
    }
}

fn ports<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Ports>, D::Error> {
    deserializer.deserialize_any(PortsVisitor).map(Some)
}

struct PortsVisitor;

impl de::Visitor<'_> for PortsVisitor {
    type Value = Ports;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("1587, \"8000-8100\" or \"1587/udp\"")
    }

    fn visit_i64<E: de::Error>(self, port: i64) -> Result<Ports, E> {
        let port = u16::try_from(port)
            .map_err(|_range| E::custom(format!("{port} is no port: ports go from 0 to 65535")))?;
        let range = PortRange {
            first: port,
            last: port,
        };
        Ok(Ports {
            range,
            transport: None,
        })
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Ports, E> {
        text.parse().map_err(E::custom)
    }
}

fn exposure<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Exposure>, D::Error> {
    let name = String::deserialize(deserializer)?;
    let found = Exposure::ALL.into_iter().find(|known| known.name() == name);
    let names = Exposure::ALL.map(Exposure::name);
    found.map(Some).ok_or_else(|| {
        let near = nearest(&name, names);
        de::Error::custom(match near {
            Some(near) => format!("there is no exposure \"{name}\"; did you mean \"{near}\"?"),
            None => format!("there is no exposure \"{name}\", only {}", names.join(", ")),
        })
    })
}

/// Reads text that is not empty: an empty field would match nothing, silently.
fn some_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Err(de::Error::custom(
            "an empty text matches nothing; leave the key out",
        ));
    }
    Ok(Some(Text::from(text)))
}

fn user<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text>, D::Error> {
    deserializer.deserialize_any(UserVisitor).map(Some)
}

struct UserVisitor;

impl de::Visitor<'_> for UserVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name or the number of a user")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Text, E> {
        let number =
            u32::try_from(number).map_err(|_range| E::custom("no user has this number"))?;
        Ok(Text::from(number.to_string()))
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Text, E> {
        if name.is_empty() {
            return Err(E::custom(
                "an empty text matches nothing; leave the key out",
            ));
        }
        Ok(Text::from(name))
    }
}
