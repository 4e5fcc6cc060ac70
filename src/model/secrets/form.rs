//! Secrets that are told by their form.

use super::{MASK, name::is_secret};

/// How tokens begin that are known by that, and how long they are at least.
const TOKENS: [(&str, usize); 22] = [
    ("ghp_", 20),
    ("gho_", 20),
    ("ghu_", 20),
    ("ghs_", 20),
    ("ghr_", 20),
    ("github_pat_", 20),
    ("glpat-", 20),
    ("xoxb-", 16),
    ("xoxp-", 16),
    ("xoxa-", 16),
    ("xapp-", 16),
    ("sk-", 24),
    ("sk_live_", 16),
    ("rk_live_", 16),
    ("AKIA", 20),
    ("ASIA", 20),
    ("AIza", 35),
    ("npm_", 30),
    ("pypi-", 30),
    ("hvs.", 20),
    ("dop_v1_", 30),
    ("SG.", 40),
];
/// What stands around words.
const BLANKS: [char; 6] = [' ', '"', '\'', '`', '\n', '\t'];
/// What stands between settings in one word.
const BETWEEN: [char; 6] = ['&', ';', '?', ',', '#', '|'];

/// Returns `text` without what looks secret; `None` when nothing does.
pub(super) fn masked(text: &str) -> Option<String> {
    if text.contains("PRIVATE KEY-----") || has_secret_member(text) {
        return Some(MASK.to_owned());
    }
    let addressed = without_logins(text);
    let step = addressed.as_deref().unwrap_or(text);
    let set = without_settings(step);
    let step = set.as_deref().unwrap_or(step);
    let words = without_tokens(step);
    words.or(set).or(addressed)
}

/// Whether it is JSON, or alike, in which something has a secret's name: `{"password": "…"}`.
fn has_secret_member(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['"', '\'']).collect();
    parts.windows(2).any(|pair| match pair {
        [name, behind] => behind.trim_start().starts_with(':') && is_secret(name),
        _ => false,
    })
}

/// `postgres://u:***@h` of `postgres://u:secret@h`.
fn without_logins(text: &str) -> Option<String> {
    let mut shown = String::new();
    let mut rest = text;
    let mut has_hidden = false;
    while let Some((before, after)) = rest.split_once("://") {
        shown.push_str(before);
        shown.push_str("://");
        let end = after.find(BLANKS).unwrap_or(after.len());
        // Another address may stand in the same word: `a://b,c://d`.
        let end = after.find("://").map_or(end, |next| end.min(next));
        let (word, behind) = after.split_at_checked(end).unwrap_or((after, ""));
        let web = before.to_ascii_lowercase();
        let is_web = web.ends_with("http") || web.ends_with("https");
        match without_login(word, is_web) {
            Some(hidden) => {
                has_hidden = true;
                shown.push_str(&hidden);
            }
            None => shown.push_str(word),
        }
        rest = behind;
    }
    shown.push_str(rest);
    has_hidden.then_some(shown)
}

/// An address behind its scheme.
fn without_login(word: &str, is_web: bool) -> Option<String> {
    let end = word.find(['/', '?', '#']).unwrap_or(word.len());
    let (authority, _) = word.split_at_checked(end)?;
    let login_end = if let Some(at) = authority.rfind('@') {
        at
    } else {
        // A password may hold a stroke that should have been escaped: then what looks like a port is none.
        let (_, port) = authority.split_once(':')?;
        let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        if is_port && is_web {
            return None;
        }
        word.rfind('@')?
    };
    let (login, host) = word.split_at_checked(login_end)?;
    match login.split_once(':') {
        Some((_, "")) => None,
        Some((user, _)) => Some(format!("{user}:{MASK}{host}")),
        // Tokens are given in place of a name; elsewhere a name alone is none: `ssh://git@host`.
        None if is_web && !login.is_empty() => Some(format!("{MASK}{host}")),
        None => None,
    }
}

/// `password=***` of `password=secret`, also `--token=…` and `--token …`.
fn without_settings(text: &str) -> Option<String> {
    let mut shown = String::new();
    let mut rest = text;
    let mut has_hidden = false;
    // Whether the word before was an option that takes a secret.
    let mut awaits = false;
    while !rest.is_empty() {
        let end = rest
            .find(|one| BLANKS.contains(&one) || BETWEEN.contains(&one))
            .unwrap_or(rest.len());
        let (word, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let setting = word.split_once('=').filter(|(name, _)| is_secret(name));
        if let Some((name, value)) = setting {
            let quote = behind
                .chars()
                .next()
                .filter(|one| ['"', '\''].contains(one));
            if let Some(quote) = quote.filter(|_| value.is_empty()) {
                let inside = behind.strip_prefix(quote).unwrap_or(behind);
                let (_, after) = inside.split_once(quote).unwrap_or((inside, ""));
                shown.push_str(name);
                shown.push('=');
                shown.push_str(MASK);
                rest = after;
                has_hidden = true;
                continue;
            }
            shown.push_str(name);
            shown.push('=');
            if !value.is_empty() {
                shown.push_str(MASK);
                has_hidden = true;
            }
        } else if awaits && !word.is_empty() && !word.starts_with('-') {
            shown.push_str(MASK);
            has_hidden = true;
        } else {
            shown.push_str(word);
        }
        if !word.is_empty() {
            awaits = word.starts_with("--") && !word.contains('=') && is_secret(word);
        }
        let mark = behind.chars().next();
        shown.extend(mark);
        rest = mark
            .and_then(|mark| behind.strip_prefix(mark))
            .unwrap_or_default();
    }
    has_hidden.then_some(shown)
}

/// Tokens that are known by how they begin, and what follows `Bearer` and `Basic`.
fn without_tokens(text: &str) -> Option<String> {
    let mut shown = String::new();
    let mut rest = text;
    let mut has_hidden = false;
    let mut is_announced = false;
    let ends = |one: char| {
        BLANKS.contains(&one) || BETWEEN.contains(&one) || ['=', ':', '@', '/'].contains(&one)
    };
    while !rest.is_empty() {
        let end = rest.find(ends).unwrap_or(rest.len());
        let (word, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if is_token(word) || is_announced && word.len() >= 8 {
            shown.push_str(MASK);
            has_hidden = true;
        } else {
            shown.push_str(word);
        }
        let mark = behind.chars().next();
        is_announced =
            mark == Some(' ') && ["bearer", "basic"].contains(&word.to_ascii_lowercase().as_str());
        shown.extend(mark);
        rest = mark
            .and_then(|mark| behind.strip_prefix(mark))
            .unwrap_or_default();
    }
    has_hidden.then_some(shown)
}

fn is_token(word: &str) -> bool {
    let begins = |(start, least): &(&str, usize)| word.len() >= *least && word.starts_with(start);
    TOKENS.iter().any(begins) || is_web_token(word)
}

/// Whether it is a signed JSON web token: three parts in base 64, the first of which begins with `{"`.
fn is_web_token(word: &str) -> bool {
    word.starts_with("eyJ") && word.len() > 40 && word.matches('.').count() == 2
}
