//! The source `auto`: the better one, until its first attempt shows that it does not work here.

use super::{Error, Source, system::Portable};
use crate::model::{Limit, LimitKind, Sample, Text};

/// A source that may turn out not to work, and what stands in for it.
pub(super) struct Fallback {
    source: Box<dyn Source>,
    proven: bool,
}

impl Fallback {
    /// Prefers `better`, when it could be opened.
    pub(super) fn from(better: Result<Box<dyn Source>, Error>) -> Self {
        match better {
            Ok(source) => Self {
                source,
                proven: false,
            },
            Err(error) => Self {
                source: instead(&error),
                proven: true,
            },
        }
    }
}

impl Source for Fallback {
    fn sample(&mut self) -> Result<Option<Sample>, Error> {
        match self.source.sample() {
            Err(error) if !self.proven => self.source = instead(&error),
            answer => {
                self.proven = true;
                return answer;
            }
        }
        self.proven = true;
        self.source.sample()
    }
}

fn instead(error: &Error) -> Box<dyn Source> {
    Box::new(Portable::open(Some(Limit {
        kind: LimitKind::Metrics,
        detail: Text::from(format!(
            "reading with netstat2 instead: could not {}",
            error.words()
        )),
        remedy: None,
    })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SourceKind;
    use std::io;

    struct Broken;

    impl Source for Broken {
        fn sample(&mut self) -> Result<Option<Sample>, Error> {
            Err(Error::SocketTable(io::ErrorKind::PermissionDenied.into()))
        }
    }

    #[test]
    fn a_source_that_does_not_work_is_replaced_and_the_reason_kept() {
        let mut source = Fallback::from(Ok(Box::new(Broken)));
        let sample = source.sample().unwrap().unwrap();
        assert_eq!(sample.source, SourceKind::Portable);
        let limits = &sample.coverage.limits;
        let why = limits.iter().map(|limit| limit.detail.as_str());
        let reason = "could not read the socket tables over netlink: permission denied";
        assert!(
            why.clone().any(|words| words.contains(reason)),
            "{limits:?}"
        );
    }
}
