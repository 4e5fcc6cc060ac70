//! Offers to carry out with more privilege what was denied: only on a terminal, and only when asked for.

use super::{ask, error, error::Failure};
use crate::{
    act::Actions,
    model::{Acted, Elevator, Outcome, Request, text::shell_word},
};
use std::io;

/// Has `request`, which was denied, carried out through what the person chooses; `None` when that is nothing.
///
/// With nobody to ask, or where nobody can help, it says the command at most.
pub(super) fn offer(
    actions: &dyn Actions,
    request: &Request,
    asks: bool,
) -> Result<Option<Vec<Outcome>>, Failure> {
    let elevators = actions.elevators();
    let Some(first) = elevators.first() else {
        return Ok(None);
    };
    let words = match actions.elevated(request, *first) {
        Ok(words) => words,
        Err(why) => {
            error::print(format_args!("note: {why}"));
            return Ok(None);
        }
    };
    error::print(format_args!("hint: with the privilege: {}", line(&words)));
    if !asks || !ask::on_terminal() {
        return Ok(None);
    }
    let Some(elevator) = choose(&elevators)? else {
        return Ok(None);
    };
    let mut complaints = io::stderr();
    Ok(Some(actions.elevate(request, elevator, &mut complaints)))
}

/// Asks which one is to be used.
fn choose(elevators: &[Elevator]) -> Result<Option<Elevator>, Failure> {
    if let [one] = elevators {
        let question = format!("Run that through {} now?", one.name());
        let wanted = ask::is_wanted(std::iter::empty(), &question)?;
        return Ok(wanted.then_some(*one));
    }
    let answer = ask::answer("Run that now, through [s]udo or [p]kexec? [N] ")?;
    let chosen = elevators.iter().find(|one| {
        let name = one.name();
        !answer.is_empty() && (answer == name || name.get(..1) == Some(&*answer))
    });
    Ok(chosen.copied())
}

/// A command as it is typed into a shell.
fn line(words: &[String]) -> String {
    let words: Vec<_> = words.iter().map(|word| shell_word(word)).collect();
    words.join(" ")
}

/// Takes over what came of those that were denied.
pub(super) fn take_over(done: &mut [Acted], denied: &[usize], outcomes: Vec<Outcome>) {
    for (at, outcome) in denied.iter().zip(outcomes) {
        if let Some(one) = done.get_mut(*at) {
            one.outcome = Some(outcome);
        }
    }
}

/// The places of those that were denied.
pub(super) fn denied(done: &[Acted]) -> Vec<usize> {
    let is_denied = |one: &Acted| matches!(one.outcome, Some(Outcome::Denied(_)));
    let places = done.iter().enumerate();
    places
        .filter(|(_, one)| is_denied(one))
        .map(|(at, _)| at)
        .collect()
}
