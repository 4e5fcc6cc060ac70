//! What the benches that read this machine share.

use portwise::{
    collect::{self, Source, SourceChoice},
    model::{Extent, Sample},
};
use std::error::Error;

/// What any step can fail with.
pub(crate) type Failure = Box<dyn Error>;

pub(crate) fn open() -> Result<Box<dyn Source>, Failure> {
    Ok(collect::open(&SourceChoice::SockDiag, Extent::default())?)
}

pub(crate) fn sample(source: &mut dyn Source) -> Result<Sample, Failure> {
    let sample = source.sample()?;
    sample.ok_or_else(|| "a machine does not end".into())
}
