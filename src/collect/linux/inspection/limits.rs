//! `/proc/PID/limits`, decoded. Pure.

use super::super::bytes::decimal;
use crate::model::{Text, inspection::ResourceLimit};

/// Longer than the kernel writes it.
pub(super) const LONGEST: usize = 8 * 1024;
/// The most limits that are kept; the kernel has sixteen.
const MOST: usize = 32;
/// The column at which the numbers begin.
const NUMBERS: usize = 26;

/// Reads the table: a name, two numbers or `unlimited`, and perhaps a unit.
pub(super) fn parse(file: &[u8]) -> Vec<ResourceLimit> {
    let lines = file.split(|byte| *byte == b'\n');
    lines.skip(1).filter_map(limit).take(MOST).collect()
}

fn limit(line: &[u8]) -> Option<ResourceLimit> {
    let (name, rest) = line.split_at_checked(NUMBERS)?;
    let name = name.trim_ascii();
    let mut words = rest
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let mut number = || match words.next()? {
        b"unlimited" => Some(None),
        digits => decimal(digits).map(Some),
    };
    let (soft, hard) = (number()?, number()?);
    Some(ResourceLimit {
        name: Text::from_bytes(name.strip_prefix(b"Max ").unwrap_or(name)),
        soft,
        hard,
        unit: Text::from_bytes(words.next().unwrap_or_default()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::linux::noise::Noise;

    const LIMITS: &str = "\
Limit                     Soft Limit           Hard Limit           Units     
Max cpu time              unlimited            unlimited            seconds   
Max open files            1024                 524288               files     
Max nice priority         0                    0                    
";

    #[test]
    fn names_numbers_and_units_are_told_apart() {
        let limits = parse(LIMITS.as_bytes());
        assert_eq!(limits.len(), 3);
        assert_eq!((&*limits[0].name, limits[0].soft), ("cpu time", None));
        assert_eq!(limits[1].soft, Some(1024));
        assert_eq!((limits[1].hard, &*limits[1].unit), (Some(524_288), "files"));
        assert_eq!((&*limits[2].name, &*limits[2].unit), ("nice priority", ""));
    }

    #[test]
    fn a_table_that_was_tampered_with_harms_nobody() {
        let mut noise = Noise::new(11);
        for _ in 0..2000 {
            assert!(parse(&noise.spoilt(LIMITS.as_bytes())).len() <= MOST);
        }
    }
}
