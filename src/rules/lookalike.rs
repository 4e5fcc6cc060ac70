//! Ports one digit away from a famous number.

/// Numbers that people know by heart, so that a near one passes at a glance.
const FAMOUS: &[(u16, &str)] = &[
    (22, "ssh"),
    (25, "smtp"),
    (53, "domain"),
    (80, "http"),
    (143, "imap"),
    (443, "https"),
    (445, "microsoft-ds"),
    (465, "submissions"),
    (587, "submission"),
    (993, "imaps"),
    (995, "pop3s"),
    (3306, "mysql"),
    (3389, "ms-wbt-server"),
    (5432, "postgresql"),
    (6379, "redis"),
    (8080, "http-alt"),
    (8443, "https-alt"),
    (27017, "mongodb"),
];

/// Returns the famous port that `port` could be taken for: the same digits with one more, or with one
/// other digit in a number of four or more, or the digits of a two-digit number twice (2222).
pub fn of(port: u16) -> Option<(u16, &'static str)> {
    if FAMOUS.iter().any(|(famous, _)| *famous == port) {
        return None;
    }
    FAMOUS
        .iter()
        .copied()
        .find(|(famous, _)| is_near(port, *famous))
}

/// Returns what to say about it, when there is something to say.
pub fn sentence(port: u16) -> Option<String> {
    of(port).map(|(famous, name)| format!("{famous} ({name}), a famous number"))
}

fn is_near(port: u16, famous: u16) -> bool {
    let (digits, known) = (port.to_string(), famous.to_string());
    if known.len() == 2 {
        return digits == known.repeat(2);
    }
    if digits.len() == known.len() + 1 {
        return (0..digits.len()).any(|dropped| {
            let rest = digits
                .chars()
                .enumerate()
                .filter(|(at, _)| *at != dropped)
                .map(|(_, digit)| digit);
            rest.eq(known.chars())
        });
    }
    known.len() >= 4
        && digits.len() == known.len()
        && digits
            .chars()
            .zip(known.chars())
            .filter(|(a, b)| a != b)
            .count()
            == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_digit_or_a_doubled_number_resembles() {
        assert_eq!(of(1587), Some((587, "submission")));
        assert_eq!(of(2222), Some((22, "ssh")));
        assert_eq!(of(5433), Some((5432, "postgresql")));
    }

    #[test]
    fn a_famous_port_does_not_resemble_itself() {
        assert_eq!(of(587), None);
        assert_eq!(of(8080), None);
    }
}
