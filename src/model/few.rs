//! A list that nearly always holds one thing.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, ops::Deref};

/// A list that costs no allocation while it holds exactly one thing.
///
/// Nearly every socket has one owner, and that owner one descriptor of it. Written and read like any
/// list.
#[derive(Clone)]
pub enum Few<T> {
    /// Just this one.
    One(T),
    /// Any other number of them.
    Many(Box<[T]>),
}

impl<T> Few<T> {
    /// Adds one at the end.
    pub fn push(&mut self, another: T) {
        let before = std::mem::take(self);
        *self = before.into_iter().chain([another]).collect();
    }

    /// The things, to be changed or sorted.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        match self {
            Self::One(one) => std::slice::from_mut(one),
            Self::Many(many) => many,
        }
    }
}

impl<T> Default for Few<T> {
    /// None.
    fn default() -> Self {
        Self::Many(Box::default())
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

impl<T> From<Vec<T>> for Few<T> {
    fn from(list: Vec<T>) -> Self {
        list.into_iter().collect()
    }
}

impl<T> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(list: I) -> Self {
        let mut list = list.into_iter();
        let Some(first) = list.next() else {
            return Self::default();
        };
        match list.next() {
            None => Self::One(first),
            Some(second) => Self::Many([first, second].into_iter().chain(list).collect()),
        }
    }
}

impl<T> IntoIterator for Few<T> {
    type Item = T;
    type IntoIter = std::iter::Chain<std::option::IntoIter<T>, std::vec::IntoIter<T>>;
    fn into_iter(self) -> Self::IntoIter {
        let (one, many) = match self {
            Self::One(one) => (Some(one), vec![]),
            Self::Many(many) => (None, many.into_vec()),
        };
        one.into_iter().chain(many)
    }
}

impl<'a, T> IntoIterator for &'a Few<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T> IntoIterator for &'a mut Few<T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.as_mut_slice().iter_mut()
    }
}

impl<T: PartialEq> PartialEq for Few<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Few<T> {}

impl<T: fmt::Debug> fmt::Debug for Few<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl<T: Serialize> Serialize for Few<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Few<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_list_of_any_length() {
        let mut few = Few::default();
        for length in 0..4 {
            assert_eq!(few.len(), length);
            assert_eq!(*few, *(0..length).collect::<Vec<_>>());
            assert_eq!(few, few.clone().into_iter().collect());
            few.push(length);
        }
    }

    #[test]
    fn it_is_written_and_read_like_a_list() {
        for text in ["[]", "[7]", "[7,8]"] {
            let few: Few<u32> = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&few).unwrap(), text);
        }
    }

    #[test]
    fn one_descriptor_takes_no_more_room_than_a_pointer_and_a_length() {
        assert_eq!(size_of::<Few<u32>>(), 16);
        assert_eq!(size_of::<Few<std::sync::Arc<u32>>>(), 16);
    }
}
