//! What was answered of things that many sockets share.

use crate::model::{Service, Transport};
use hashbrown::HashMap;
use std::{cell::RefCell, ptr, sync::Arc};

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Thing {
    /// What lies there.
    At(usize),
    /// The service of a port, which follows from these.
    Service(u16, Transport),
}

/// Answers, while all sockets of one snapshot are asked by one filter: of 54,000 sockets on a busy machine, a few
/// thousand and their few hundred processes have to be read.
#[derive(Debug, Default)]
pub(in crate::query) struct Memo {
    /// By where the question and the thing lie. Both stay there while this is used.
    answers: RefCell<HashMap<(usize, Thing), bool>>,
}

impl Memo {
    /// The answer to `question` about `thing`: what `ask` says the first time.
    pub(super) fn answer<Q: ?Sized, T>(
        &self,
        question: &Q,
        thing: &Arc<T>,
        ask: impl FnOnce() -> bool,
    ) -> bool {
        self.recall(question, Thing::At(Arc::as_ptr(thing).addr()), ask)
    }

    /// The same about a service.
    pub(super) fn answer_of_service<Q: ?Sized>(
        &self,
        question: &Q,
        service: &Service,
        ask: impl FnOnce() -> bool,
    ) -> bool {
        let thing = Thing::Service(service.port, service.protocol);
        self.recall(question, thing, ask)
    }

    fn recall<Q: ?Sized>(&self, question: &Q, thing: Thing, ask: impl FnOnce() -> bool) -> bool {
        let place = (ptr::from_ref(question).addr(), thing);
        if let Some(answer) = self.answers.borrow().get(&place) {
            return *answer;
        }
        let answer = ask();
        self.answers.borrow_mut().insert(place, answer);
        answer
    }
}
