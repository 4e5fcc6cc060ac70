//! The netlink wire format: messages in a chunk, attributes in a message.
//!
//! Pure functions of bytes. Lengths are read and tested, never taken for granted.

use super::bytes::{u16_at, u32_at};

/// Length of `struct nlmsghdr`.
pub(super) const HEADER: usize = 16;
/// Length of `struct nlattr`.
const ATTRIBUTE_HEADER: usize = 4;
/// The bits of an attribute's type that are its type.
const TYPE_MASK: u16 = 0x3fff;

/// One message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Message<'a> {
    pub(super) kind: u16,
    pub(super) flags: u16,
    pub(super) sequence: u32,
    pub(super) payload: &'a [u8],
}

/// A length in a message points outside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

/// The messages of one chunk; ends after the first malformed one.
#[derive(Debug)]
pub(super) struct Messages<'a> {
    rest: &'a [u8],
}

/// Returns the messages in `chunk`.
pub(super) fn messages(chunk: &[u8]) -> Messages<'_> {
    Messages { rest: chunk }
}

impl<'a> Iterator for Messages<'a> {
    type Item = Result<Message<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let message = first_message(self.rest);
        self.rest = message.map_or(&[], |(_, rest)| rest);
        Some(message.map(|(message, _)| message).ok_or(Malformed))
    }
}

fn first_message(chunk: &[u8]) -> Option<(Message<'_>, &[u8])> {
    let length = usize::try_from(u32_at(chunk, 0)?).ok()?;
    let message = Message {
        kind: u16_at(chunk, 4)?,
        flags: u16_at(chunk, 6)?,
        sequence: u32_at(chunk, 8)?,
        payload: chunk.get(HEADER..length)?,
    };
    Some((message, after(chunk, length)))
}

/// What follows something of `length` bytes, both padded to four.
fn after(bytes: &[u8], length: usize) -> &[u8] {
    bytes.get(length.next_multiple_of(4)..).unwrap_or(&[])
}

/// The attributes of one message; ends before the first malformed one.
#[derive(Debug)]
pub(super) struct Attributes<'a> {
    rest: &'a [u8],
}

/// Returns the attributes in `bytes`: type and value.
pub(super) fn attributes(bytes: &[u8]) -> Attributes<'_> {
    Attributes { rest: bytes }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let length = usize::from(u16_at(self.rest, 0)?);
        let kind = u16_at(self.rest, 2)? & TYPE_MASK;
        let value = self.rest.get(ATTRIBUTE_HEADER..length)?;
        self.rest = after(self.rest, length);
        Some((kind, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u16, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(HEADER + payload.len()).unwrap();
        let mut bytes = length.to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(2_u16.to_ne_bytes());
        bytes.extend(7_u32.to_ne_bytes());
        bytes.extend(0_u32.to_ne_bytes());
        bytes.extend(payload);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    #[test]
    fn messages_follow_each_other_at_multiples_of_four() {
        let mut chunk = message(20, &[1, 2, 3, 4, 5]);
        chunk.extend(message(3, &[]));
        let kinds: Vec<_> = messages(&chunk)
            .map(|message| message.map(|message| (message.kind, message.payload.len())))
            .collect();
        assert_eq!(kinds, [Ok((20, 5)), Ok((3, 0))]);
    }

    #[test]
    fn every_truncation_is_malformed_or_empty_and_never_a_panic() {
        let whole = message(20, &[9; 80]);
        for length in 1..whole.len() {
            let found: Vec<_> = messages(&whole[..length]).collect();
            assert_eq!(found, [Err(Malformed)], "{length}");
        }
        assert_eq!(messages(&[]).count(), 0);
    }

    #[test]
    fn a_length_of_nothing_does_not_loop_for_ever() {
        let found: Vec<_> = messages(&[0; 64]).collect();
        assert_eq!(found, [Err(Malformed)]);
        assert_eq!(attributes(&[0; 64]).count(), 0);
    }

    #[test]
    fn an_attribute_that_claims_too_much_is_left_out() {
        let mut bytes = vec![5, 0, 4, 0, b'x', 0, 0, 0];
        bytes.extend([200, 0, 2, 0, 1]);
        let found: Vec<_> = attributes(&bytes).collect();
        assert_eq!(found, [(4, &b"x"[..])]);
    }
}
