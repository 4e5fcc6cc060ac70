//! Which names say that what they stand for is a secret.

/// Anywhere in a name, whatever is written between the letters.
const PARTS: [&str; 18] = [
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "PASSCODE",
    "CREDENTIAL",
    "APIKEY",
    "ACCESSKEY",
    "ACCOUNTKEY",
    "PRIVATEKEY",
    "ENCRYPTIONKEY",
    "SIGNINGKEY",
    "MASTERKEY",
    "AUTHTOKEN",
    "ACCESSTOKEN",
    "AUTHORIZATION",
    "CONNECTIONSTRING",
    "BEARER",
];
/// As the last word of a name.
const LAST: [&str; 17] = [
    "KEY",
    "KEYS",
    "PASS",
    "PWD",
    "PW",
    "PSK",
    "PIN",
    "JWT",
    "PAT",
    "AUTH",
    "COOKIE",
    "COOKIES",
    "CREDS",
    "SALT",
    "OTP",
    "SIGNATURE",
    "DSN",
];
/// What a name ends with, run together with the word before.
const ENDS: [&str; 4] = ["TOKEN", "TOKENS", "PASS", "PWD"];
/// Ordinary words that end so.
const ORDINARY: [&str; 6] = [
    "PWD",
    "OLDPWD",
    "BYPASS",
    "COMPASS",
    "UNDERPASS",
    "OVERPASS",
];

/// Whether `name` stands for a secret.
pub(super) fn is_secret(name: &str) -> bool {
    let letters: String = name.chars().filter(char::is_ascii_alphabetic).collect();
    let letters = letters.to_ascii_uppercase();
    if PARTS.iter().any(|part| letters.contains(part)) {
        return true;
    }
    let upper = name.to_ascii_uppercase();
    let mut words = upper
        .split(|one: char| !one.is_ascii_alphanumeric())
        .map(|word| word.trim_end_matches(|one: char| one.is_ascii_digit()))
        .filter(|word| !word.is_empty());
    let Some(last) = words.next_back() else {
        return false;
    };
    let is_whole = words.next_back().is_none();
    if is_whole && ORDINARY.contains(&last) {
        return false;
    }
    LAST.contains(&last) || !ORDINARY.contains(&last) && ENDS.iter().any(|end| last.ends_with(end))
}

/// Whether the name speaks of a file with a secret in it, and `value` is its path.
pub(super) fn is_of_a_file(name: &str, value: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let ends = ["FILE", "PATH", "DIR", "GOOGLE_APPLICATION_CREDENTIALS"];
    value.starts_with('/') && ends.iter().any(|end| upper.ends_with(end))
}
