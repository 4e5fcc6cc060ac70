//! What stands for the pass in builds without the feature `ebpf`.

use super::File;
use crate::model::Text;

/// There is none.
#[derive(Debug)]
pub(in crate::collect::linux) enum Files {}

impl Files {
    pub(super) fn may_load() -> bool {
        false
    }

    pub(super) fn load() -> Result<Self, Text> {
        Err(Text::from("this build has none"))
    }

    pub(super) fn read(&mut self) -> Result<Vec<File>, Text> {
        match *self {}
    }
}
