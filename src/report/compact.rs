//! JSON without blanks, as `serde_json` writes it, in a third of the time: tens of thousands of sockets are
//! written at once.
//!
//! Knows what our own shapes are made of and nothing else: structs, lists, text, numbers. A part that many
//! sockets share is written once and copied ([`Part`]).

use crate::model::text::digits;
use serde::{
    Serialize, Serializer,
    ser::{Error as _, Impossible, SerializeSeq, SerializeStruct},
};
use serde_json::Error;
use std::fmt::{self, Write as _};

/// The name under which [`Part::Written`] goes through a serializer.
const WRITTEN: &str = "$portwise::written";

/// Appends `value` to `out`. After an error, `out` holds a part of it.
pub(super) fn write(out: &mut Vec<u8>, value: &impl Serialize) -> Result<(), Error> {
    value.serialize(Compact::new(out))
}

/// A value, or the JSON of it where that was written before.
#[derive(Debug)]
pub(super) enum Part<'a, T> {
    /// The value.
    Whole(T),
    /// Its JSON; for [`write`] alone.
    Written(&'a [u8]),
}

impl<T: Serialize> Serialize for Part<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Whole(value) => value.serialize(serializer),
            Self::Written(json) => serializer.serialize_newtype_struct(WRITTEN, &Bytes(json)),
        }
    }
}

/// Bytes as such: a slice of them would be a list of numbers.
struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

/// Anything by the words it is displayed with.
#[derive(Debug)]
pub(super) struct Displayed<T>(pub(super) T);

impl<T: fmt::Display> Serialize for Displayed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

struct Compact<'o> {
    out: &'o mut Vec<u8>,
    /// What comes next is JSON already.
    is_json: bool,
}

/// A list or a struct that has begun.
struct Several<'o> {
    out: &'o mut Vec<u8>,
    /// Something stands in it already.
    any: bool,
    end: u8,
}

impl<'o> Several<'o> {
    fn new(out: &'o mut Vec<u8>, begin: u8, end: u8) -> Self {
        out.push(begin);
        Self {
            out,
            any: false,
            end,
        }
    }

    fn next(&mut self) {
        if std::mem::replace(&mut self.any, true) {
            self.out.push(b',');
        }
    }
}

impl SerializeSeq for Several<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.next();
        value.serialize(Compact::new(self.out))
    }

    fn end(self) -> Result<(), Error> {
        self.out.push(self.end);
        Ok(())
    }
}

impl SerializeStruct for Several<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.next();
        // The name of a field has nothing to escape.
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
        value.serialize(Compact::new(self.out))
    }

    fn end(self) -> Result<(), Error> {
        self.out.push(self.end);
        Ok(())
    }
}

impl<'o> Compact<'o> {
    fn new(out: &'o mut Vec<u8>) -> Self {
        Self {
            out,
            is_json: false,
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "as every method below has to")]
    fn json(self, json: &str) -> Result<(), Error> {
        self.out.extend_from_slice(json.as_bytes());
        Ok(())
    }

    #[expect(clippy::unnecessary_wraps, reason = "as every method below has to")]
    fn number(self, number: u64) -> Result<(), Error> {
        // The largest number has 20 digits.
        self.out.extend_from_slice(digits(number, &mut [0; 20]));
        Ok(())
    }

    fn text(self, value: impl fmt::Display) -> Result<(), Error> {
        self.out.push(b'"');
        let written = write!(Inside(self.out), "{value}");
        self.out.push(b'"');
        written.map_err(Error::custom)
    }
}

/// What stands between the quotes of a text.
struct Inside<'o>(&'o mut Vec<u8>);

impl fmt::Write for Inside<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // Without a way out in the middle, many bytes are looked at in one step.
        let is_special = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
        let is_plain = |any: bool, byte: &u8| any | is_special(*byte);
        if !text.as_bytes().iter().fold(false, is_plain) {
            self.0.extend_from_slice(text.as_bytes());
            return Ok(());
        }
        let quoted = serde_json::to_string(text).map_err(|_never| fmt::Error)?;
        let inside = quoted.get(1..quoted.len() - 1).unwrap_or_default();
        self.0.extend_from_slice(inside.as_bytes());
        Ok(())
    }
}

/// The answer to a shape that none of ours has.
fn unused<T>() -> Result<T, Error> {
    Err(Error::custom("a shape that is not known here"))
}

impl<'o> Serializer for Compact<'o> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Several<'o>;
    type SerializeStruct = Several<'o>;
    type SerializeTuple = Impossible<(), Error>;
    type SerializeTupleStruct = Impossible<(), Error>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeMap = Impossible<(), Error>;
    type SerializeStructVariant = Impossible<(), Error>;

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.json(if value { "true" } else { "false" })
    }

    fn serialize_u8(self, value: u8) -> Result<(), Error> {
        self.number(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Error> {
        self.number(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Error> {
        self.number(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Error> {
        self.number(value)
    }

    fn serialize_i8(self, value: i8) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Error> {
        if value < 0 {
            self.out.push(b'-');
        }
        self.number(value.unsigned_abs())
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        serde_json::to_writer(self.out, &value)
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        serde_json::to_writer(self.out, &value)
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.text(value)
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        self.out.push(b'"');
        let written = Inside(self.out).write_str(value);
        self.out.push(b'"');
        written.map_err(Error::custom)
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<(), Error> {
        self.text(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Error> {
        if !self.is_json {
            return unused();
        }
        self.out.extend_from_slice(value);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.json("null")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.json("null")
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Error> {
        self.json("null")
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.is_json = name == WRITTEN;
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Result<(), Error> {
        unused()
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<Several<'o>, Error> {
        Ok(Several::new(self.out, b'[', b']'))
    }

    fn serialize_tuple(self, _length: usize) -> Result<Self::SerializeTuple, Error> {
        unused()
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeTupleStruct, Error> {
        unused()
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeTupleVariant, Error> {
        unused()
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Self::SerializeMap, Error> {
        unused()
    }

    fn serialize_struct(self, _name: &'static str, _length: usize) -> Result<Several<'o>, Error> {
        Ok(Several::new(self.out, b'{', b'}'))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeStructVariant, Error> {
        unused()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Everything<'a> {
        yes: bool,
        small: u16,
        large: u64,
        negative: i64,
        real: f64,
        whole: f64,
        text: &'a str,
        nothing: Option<u32>,
        something: Option<&'a str>,
        unit: Option<()>,
        list: Vec<u32>,
        none: Vec<&'a str>,
        shown: Displayed<char>,
        inner: Vec<Inner>,
    }

    #[derive(Serialize)]
    struct Inner {
        at: jiff::Timestamp,
        address: std::net::IpAddr,
    }

    #[test]
    fn it_writes_what_serde_json_writes() {
        for text in [
            "",
            "plain",
            "a\"b\\c",
            "tab\t nul\0 bell\u{7} del\u{7f}",
            "é 日本 \u{202e}",
        ] {
            let one = Everything {
                yes: true,
                small: 0,
                large: u64::MAX,
                negative: i64::MIN,
                real: 0.1,
                whole: 3.0,
                text,
                nothing: None,
                something: Some(text),
                unit: None,
                list: vec![0, 9, 10, 4_294_967_295],
                none: vec![],
                shown: Displayed('"'),
                inner: vec![
                    Inner {
                        at: jiff::Timestamp::UNIX_EPOCH,
                        address: [127, 0, 0, 1].into(),
                    },
                    Inner {
                        at: jiff::Timestamp::MAX,
                        address: std::net::Ipv6Addr::LOCALHOST.into(),
                    },
                ],
            };
            let mut ours = vec![];
            write(&mut ours, &one).unwrap();
            let theirs = serde_json::to_string(&one).unwrap();
            assert_eq!(String::from_utf8(ours).unwrap(), theirs);
        }
    }

    #[test]
    fn what_was_written_before_is_copied() {
        let mut out = vec![];
        write(
            &mut out,
            &[Part::Written(b"{\"a\":1}"), Part::Whole("b\n")].as_slice(),
        )
        .unwrap();
        assert_eq!(out, b"[{\"a\":1},\"b\\n\"]");
    }

    #[test]
    fn a_shape_it_does_not_know_is_an_error() {
        assert!(write(&mut vec![], &(1, 2)).is_err());
    }
}
