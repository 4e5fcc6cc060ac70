//! The source `auto`: the better one, until its first attempt shows that it does not work here.

use super::{Cost, Error, Source, Thoroughly, linux_or_not, system::Portable};
use crate::model::{Extent, Limit, LimitKind, Sample, Text};
use std::time::Duration;

/// A source that may turn out not to work, and what stands in for it.
pub(super) struct Fallback {
    source: Box<dyn Source>,
    /// What is tried next, as long as no sample was taken.
    next: Option<Instead>,
    extent: Extent,
}

/// What stands in for a source that does not work, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Instead {
    ProcNet,
    Portable,
}

impl Fallback {
    /// Prefers `better`, when it could be opened.
    pub(super) fn from(better: Result<Box<dyn Source>, Error>) -> Self {
        let (source, next) = match better {
            Ok(source) => (source, Some(Instead::ProcNet)),
            Err(error) => Instead::ProcNet.open(&error),
        };
        Self {
            source,
            next,
            extent: Extent::default(),
        }
    }
}

impl Source for Fallback {
    fn sample(&mut self) -> Result<Option<Sample>, Error> {
        loop {
            let answer = self.source.sample();
            let (Err(error), Some(next)) = (&answer, self.next) else {
                self.next = None;
                return answer;
            };
            (self.source, self.next) = next.open(error);
            self.source.extend(self.extent);
        }
    }

    fn sketch(&mut self) -> Result<Option<Sample>, Error> {
        self.source.sketch()
    }

    fn extend(&mut self, extent: Extent) {
        self.extent = extent;
        self.source.extend(extent);
    }

    fn hurry(&mut self) {
        self.source.hurry();
    }

    fn look_only_at(&mut self, pids: &[u32]) -> bool {
        self.source.look_only_at(pids)
    }

    fn settle(&mut self, sample: &mut Sample, what: Thoroughly, within: Duration) {
        self.source.settle(sample, what, within);
    }

    fn cost(&self) -> Option<Cost> {
        self.source.cost()
    }
}

impl Instead {
    /// Opens it, or what comes after it; returns what is left to be tried.
    fn open(self, error: &Error) -> (Box<dyn Source>, Option<Self>) {
        if self == Self::ProcNet
            && let Ok(source) = linux_or_not::open_proc_net(Some(reason("from /proc/net", error)))
        {
            return (source, Some(Self::Portable));
        }
        let why = reason("with netstat2", error);
        (Box::new(Portable::open(Some(why))), None)
    }
}

fn reason(instead: &str, error: &Error) -> Limit {
    Limit {
        kind: LimitKind::Metrics,
        detail: Text::from(format!(
            "reading {instead} instead: could not {}",
            error.words()
        )),
        remedy: None,
    }
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

    fn first(mut source: Fallback) -> Sample {
        source.sample().unwrap().unwrap()
    }

    fn says(sample: &Sample, words: &str) {
        let limits = &sample.coverage.limits;
        let mut why = limits.iter().map(|limit| limit.detail.as_str());
        assert!(why.any(|why| why.contains(words)), "{limits:?}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_kernel_that_answers_no_request_is_read_from_its_files() {
        let sample = first(Fallback::from(Ok(Box::new(Broken))));
        assert_eq!(sample.source, SourceKind::ProcNet);
        says(&sample, "over netlink: permission denied");
        let error = Error::SocketTable(io::ErrorKind::PermissionDenied.into());
        assert_eq!(
            first(Fallback::from(Err(error))).source,
            SourceKind::ProcNet
        );
    }

    #[test]
    fn where_there_are_no_files_either_the_portable_source_is_left() {
        let source = Fallback {
            source: Box::new(Broken),
            next: Some(Instead::Portable),
            extent: Extent::default(),
        };
        let sample = first(source);
        assert_eq!(sample.source, SourceKind::Portable);
        says(
            &sample,
            "could not read the socket tables over netlink: permission denied",
        );
    }
}
