//! What is not to be shown until somebody asks for it: passwords, tokens and keys.
//!
//! Told by the name that a value has, and by its form where the name says nothing: an address with a password in it,
//! a token whose beginning is known. Rather too much is hidden than too little.

mod form;
mod hide;
mod name;

pub use hide::{hide_in_process, hide_in_socket};

use super::Text;

/// What stands in place of a secret. It does not tell how long that is.
pub const MASK: &str = "***";

/// Returns `value`, which is called `name`, without what is secret in it; `None` when nothing is.
pub fn masked(name: &str, value: &str) -> Option<String> {
    if value.is_empty() {
        return None;
    }
    if name::is_secret(name) && !name::is_of_a_file(name, value) {
        return Some(MASK.to_owned());
    }
    form::masked(value)
}

/// Returns words of any kind without what is secret in them; `None` when nothing is.
pub fn masked_words(text: &str) -> Option<String> {
    form::masked(text)
}

/// Returns the arguments of a program without what is secret in them.
pub fn masked_arguments(arguments: &[Text]) -> Vec<Text> {
    let mut shown: Vec<Text> = Vec::with_capacity(arguments.len());
    let mut before: Option<&str> = None;
    for argument in arguments {
        let is_value = before.is_some_and(is_option_of_a_secret) && !argument.starts_with('-');
        let hidden = if is_value {
            Some(MASK.to_owned())
        } else if before.is_some_and(is_option_of_a_login) {
            login(argument)
        } else {
            form::masked(argument)
        };
        shown.push(hidden.map_or_else(|| argument.clone(), Text::from));
        before = Some(argument);
    }
    shown
}

/// Whether the argument behind this one is a secret: `--password`, `-token`.
fn is_option_of_a_secret(argument: &str) -> bool {
    argument.starts_with('-') && !argument.contains(['=', ':']) && name::is_secret(argument)
}

/// Whether the argument behind this one may be a user and a password, as curl takes them.
fn is_option_of_a_login(argument: &str) -> bool {
    ["-u", "--user", "-U", "--proxy-user"].contains(&argument)
}

/// `alice:***` of `alice:secret`.
fn login(argument: &str) -> Option<String> {
    let (user, password) = argument.split_once(':')?;
    (!password.is_empty()).then(|| format!("{user}:{MASK}"))
}

#[cfg(test)]
mod tests;
