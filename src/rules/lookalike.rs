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
    let (length, known) = (digits(port), digits(famous));
    if known == 2 {
        return u32::from(port) == u32::from(famous) * 101;
    }
    if length == known + 1 {
        return (0..length).any(|place| without(port, place) == famous);
    }
    let differ = |place: &u32| digit(port, *place) != digit(famous, *place);
    known >= 4 && length == known && (0..known).filter(differ).count() == 1
}

/// How many digits a number has.
fn digits(number: u16) -> u32 {
    number.checked_ilog10().map_or(1, |length| length + 1)
}

/// The digit at a place, counted from the last one.
fn digit(number: u16, place: u32) -> u16 {
    number / 10_u16.pow(place) % 10
}

/// The number without the digit at that place. One that begins with 0 then is shorter, and like no famous one.
fn without(number: u16, place: u32) -> u16 {
    let behind = 10_u16.pow(place);
    number / behind / 10 * behind + number % behind
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
    fn every_number_resembles_as_its_digits_do() {
        let is_near_by_digits = |port: u16, famous: u16| {
            let (digits, known) = (port.to_string(), famous.to_string());
            if known.len() == 2 {
                return digits == known.repeat(2);
            }
            let without = |at: usize| {
                let mut rest = digits.clone();
                rest.remove(at);
                rest
            };
            let others = digits.chars().zip(known.chars()).filter(|(a, b)| a != b);
            (digits.len() == known.len() + 1 && (0..digits.len()).any(|at| without(at) == known))
                || (known.len() >= 4 && digits.len() == known.len() && others.count() == 1)
        };
        for port in 0..=u16::MAX {
            for (famous, _) in FAMOUS {
                let expected = is_near_by_digits(port, *famous);
                assert_eq!(is_near(port, *famous), expected, "{port} {famous}");
            }
        }
    }

    #[test]
    fn a_famous_port_does_not_resemble_itself() {
        assert_eq!(of(587), None);
        assert_eq!(of(8080), None);
    }
}
