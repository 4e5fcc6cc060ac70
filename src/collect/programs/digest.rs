//! The checksums that package databases keep of their files.
//!
//! dpkg has MD5 in `PACKAGE.md5sums`, apk SHA-1 in its one list, pacman SHA-256 in a compressed `mtree`.

use super::{Database, Kind, read};
use md5::Md5;
use sha1::Sha1;
use sha2::Sha256;
use std::{
    fs,
    io::{self, Read},
    path::PathBuf,
};

/// The largest list that is unpacked.
const LONGEST_TREE: usize = 64 * 1024 * 1024;
/// How much of a file is read at once.
const PIECE: usize = 128 * 1024;

/// A checksum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::collect) enum Digest {
    Md5(Vec<u8>),
    Sha1(Vec<u8>),
    Sha256(Vec<u8>),
}

impl Digest {
    /// The checksum of the same kind of what `content` gives, at most `longest` bytes of it.
    pub(in crate::collect) fn of(&self, content: impl Read, longest: u64) -> io::Result<Self> {
        let content = content.take(longest);
        Ok(match self {
            Self::Md5(_) => Self::Md5(sum::<Md5>(content)?),
            Self::Sha1(_) => Self::Sha1(sum::<Sha1>(content)?),
            Self::Sha256(_) => Self::Sha256(sum::<Sha256>(content)?),
        })
    }
}

/// The SHA-256 of what `content` gives, at most `longest` bytes of it, and how many these were.
///
/// # Errors
///
/// [`io::ErrorKind::TimedOut`] once `goes_on` says no.
pub(in crate::collect) fn sha256(
    content: impl Read,
    longest: u64,
    goes_on: impl FnMut() -> bool,
) -> io::Result<(String, u64)> {
    let mut content = Counted {
        content: content.take(longest),
        bytes: 0,
        goes_on,
    };
    let sum = sum::<Sha256>(&mut content)?;
    let digits = sum.iter().map(|byte| format!("{byte:02x}"));
    Ok((digits.collect(), content.bytes))
}

/// Counts what is read, until told to stop.
struct Counted<R, F> {
    content: R,
    bytes: u64,
    goes_on: F,
}

impl<R: Read, F: FnMut() -> bool> Read for Counted<R, F> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if !(self.goes_on)() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let length = self.content.read(room)?;
        self.bytes += length as u64;
        Ok(length)
    }
}

fn sum<D: sha2::Digest>(mut content: impl Read) -> io::Result<Vec<u8>> {
    let mut sum = D::new();
    let mut piece = vec![0; PIECE];
    loop {
        let length = content.read(&mut piece)?;
        if length == 0 {
            return Ok(sum.finalize().to_vec());
        }
        sum.update(piece.get(..length).unwrap_or_default());
    }
}

impl Database {
    /// The checksum that the database keeps of a file of a package; `None` when it keeps none.
    pub(in crate::collect) fn digest(
        &self,
        package: &str,
        path: &[u8],
    ) -> io::Result<Option<Digest>> {
        match self.kind {
            Kind::Dpkg => self.of_dpkg(package, path),
            Kind::Apk => Ok(of_apk(&read(&self.path)?, package, path)),
            Kind::Pacman => self.of_pacman(package, path),
        }
    }

    /// The file that was written last when a package was unpacked.
    pub(in crate::collect) fn stamp(&self, package: &str) -> Option<PathBuf> {
        match self.kind {
            Kind::Dpkg => self.beside_list(package, "list"),
            Kind::Apk => Some(self.path.clone()),
            Kind::Pacman => Some(self.folder(package)?.join("desc")),
        }
    }

    fn of_dpkg(&self, package: &str, path: &[u8]) -> io::Result<Option<Digest>> {
        let Some(sums) = self.beside_list(package, "md5sums") else {
            return Ok(None);
        };
        let sums = match read(&sums) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            sums => sums?,
        };
        // A package whose file another one has put aside lists it under its own name.
        let diversions = self.path.with_file_name("diversions");
        let diverted = read(&diversions)
            .ok()
            .and_then(|list| diverted_from(&list, package, path));
        let path = diverted.as_deref().unwrap_or(path);
        Ok(names(path).iter().find_map(|name| md5_of(&sums, name)))
    }

    /// `PACKAGE.list`, or `PACKAGE:ARCHITECTURE.list` where packages of several may be installed.
    fn beside_list(&self, package: &str, ending: &str) -> Option<PathBuf> {
        let plain = self.path.join(format!("{package}.{ending}"));
        if plain.exists() {
            return Some(plain);
        }
        let prefix = format!("{package}:");
        let suffix = format!(".{ending}");
        let entries = fs::read_dir(&self.path).ok()?.filter_map(Result::ok);
        let mut names = entries.map(|entry| entry.file_name());
        let found = names.find(|name| {
            name.to_str()
                .is_some_and(|name| name.starts_with(&prefix) && name.ends_with(&suffix))
        })?;
        Some(self.path.join(found))
    }

    fn of_pacman(&self, package: &str, path: &[u8]) -> io::Result<Option<Digest>> {
        let Some(folder) = self.folder(package) else {
            return Ok(None);
        };
        let tree = inflate(&read(&folder.join("mtree"))?)?;
        Ok(names(path).iter().find_map(|name| sha256_of(&tree, name)))
    }

    /// `PACKAGE-VERSION-RELEASE`.
    fn folder(&self, package: &str) -> Option<PathBuf> {
        let entries = fs::read_dir(&self.path).ok()?.filter_map(Result::ok);
        let mut names = entries.map(|entry| entry.file_name());
        let found = names
            .find(|name| name.to_str().and_then(super::pacman::package_of) == Some(package))?;
        Some(self.path.join(found))
    }
}

/// A path without its slash, as lists have it: before and after `/bin` became a link to `/usr/bin`.
fn names(path: &[u8]) -> [Vec<u8>; 2] {
    let bare = path.strip_prefix(b"/").unwrap_or(path);
    let other = match bare.strip_prefix(b"usr/") {
        Some(rest) => rest.to_vec(),
        None => [b"usr/", bare].concat(),
    };
    [bare.to_vec(), other]
}

/// `d41d8cd98f00b204e9800998ecf8427e  usr/sbin/nginx`.
fn md5_of(sums: &[u8], name: &[u8]) -> Option<Digest> {
    let mut lines = sums.split(|byte| *byte == b'\n');
    lines
        .find_map(|line| {
            let (sum, rest) = line.split_at_checked(32)?;
            (rest.strip_prefix(b"  ")? == name).then(|| unhex(sum))?
        })
        .map(Digest::Md5)
}

/// The name under which a package lists what is now at `path`, where another package put it aside.
///
/// The list has three lines each: from where, to where, and whose own file stays.
fn diverted_from(list: &[u8], package: &str, path: &[u8]) -> Option<Vec<u8>> {
    let lines: Vec<&[u8]> = list.split(|byte| *byte == b'\n').collect();
    lines.chunks_exact(3).find_map(|entry| match entry {
        [from, to, by] if *to == path && *by != package.as_bytes() => Some(from.to_vec()),
        _ => None,
    })
}

/// `Z:Q1` and the checksum in base 64, behind the file's own line.
fn of_apk(installed: &[u8], package: &str, path: &[u8]) -> Option<Digest> {
    let (mut owner, mut directory, mut here): (&[u8], &[u8], bool) = (b"", b"", false);
    for line in installed.split(|byte| *byte == b'\n') {
        match line.split_first_chunk() {
            Some((b"P:", name)) => owner = name,
            Some((b"F:", folder)) => (directory, here) = (folder, false),
            Some((b"R:", name)) => {
                let file = [b"/", directory, b"/", name].concat();
                here = owner == package.as_bytes()
                    && names(path)
                        .iter()
                        .any(|name| file.strip_prefix(b"/") == Some(name));
            }
            Some((b"Z:", sum)) if here => {
                return unbase64(sum.strip_prefix(b"Q1")?).map(Digest::Sha1);
            }
            _ => {}
        }
    }
    None
}

/// `./usr/bin/nginx time=… size=… sha256digest=…`, blanks in names written as `\040`.
fn sha256_of(tree: &[u8], name: &[u8]) -> Option<Digest> {
    let mut lines = tree.split(|byte| *byte == b'\n');
    let line = lines.find(|line| {
        let file = line.split(|byte| *byte == b' ').next().unwrap_or_default();
        file.strip_prefix(b"./") == Some(name)
    })?;
    let mut words = line.split(|byte| *byte == b' ');
    words
        .find_map(|word| unhex(word.strip_prefix(b"sha256digest=")?))
        .map(Digest::Sha256)
}

/// Unpacks a gzip file (RFC 1952).
fn inflate(packed: &[u8]) -> io::Result<Vec<u8>> {
    let broken = || io::Error::from(io::ErrorKind::InvalidData);
    let [0x1f, 0x8b, 8, flags, ..] = packed else {
        return Err(broken());
    };
    let mut at = 10;
    if flags & 4 != 0 {
        let length = packed
            .get(at..at + 2)
            .and_then(|bytes| bytes.try_into().ok());
        at += 2 + usize::from(u16::from_le_bytes(length.ok_or_else(broken)?));
    }
    // A file name and a comment, each with its zero byte.
    for flag in [8, 16] {
        if flags & flag != 0 {
            let rest = packed.get(at..).ok_or_else(broken)?;
            at += 1 + rest.iter().position(|byte| *byte == 0).ok_or_else(broken)?;
        }
    }
    if flags & 2 != 0 {
        at += 2;
    }
    let body = packed.get(at..).ok_or_else(broken)?;
    miniz_oxide::inflate::decompress_to_vec_with_limit(body, LONGEST_TREE)
        .map_err(|_error| broken())
}

fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let text = str::from_utf8(text).ok()?;
    let pairs = (0..text.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

fn unbase64(text: &[u8]) -> Option<Vec<u8>> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = vec![];
    let (mut bits, mut count) = (0_u32, 0);
    for letter in text.iter().filter(|letter| **letter != b'=') {
        let value = LETTERS.iter().position(|known| known == letter)?;
        bits = bits << 6 | u32::try_from(value).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(kind: Kind, root: &tempfile::TempDir, path: &str) -> Database {
        Database {
            kind,
            path: root.path().join(path),
        }
    }

    fn of(recorded: &Digest, content: &[u8]) -> Digest {
        recorded.of(content, 1 << 20).unwrap()
    }

    #[test]
    fn dpkg_keeps_md5_of_its_files() {
        let root = tempfile::tempdir().unwrap();
        let dpkg = database(Kind::Dpkg, &root, "info");
        fs::create_dir(&dpkg.path).unwrap();
        let sums = "900150983cd24fb0d6963f7d28e17f72  bin/abc\n900150983cd24fb0d6963f7d28e17f72  bin/x/bin/abcd\n";
        fs::write(dpkg.path.join("abc:amd64.md5sums"), sums).unwrap();
        let recorded = dpkg.digest("abc", b"/usr/bin/abc").unwrap().unwrap();
        assert_eq!(of(&recorded, b"abc"), recorded);
        assert_ne!(of(&recorded, b"abd"), recorded);
        assert_eq!(dpkg.digest("abc", b"/usr/bin/abcd").unwrap(), None);
        assert_eq!(dpkg.digest("none", b"/usr/bin/abc").unwrap(), None);
    }

    #[test]
    fn a_file_put_aside_is_listed_under_its_own_name() {
        let root = tempfile::tempdir().unwrap();
        let dpkg = database(Kind::Dpkg, &root, "info");
        fs::create_dir(&dpkg.path).unwrap();
        let sums = "900150983cd24fb0d6963f7d28e17f72  usr/bin/abc\n";
        fs::write(dpkg.path.join("abc.md5sums"), sums).unwrap();
        fs::write(
            root.path().join("diversions"),
            "/usr/bin/abc\n/usr/bin/abc.real\nwrapper\n",
        )
        .unwrap();
        assert!(dpkg.digest("abc", b"/usr/bin/abc.real").unwrap().is_some());
        assert_eq!(diverted_from(b"/a\n/b\nabc\n", "abc", b"/b"), None);
    }

    #[test]
    fn apk_keeps_sha1_of_its_files() {
        let root = tempfile::tempdir().unwrap();
        let apk = database(Kind::Apk, &root, "installed");
        let list = "P:abc\nF:usr/bin\nR:other\nZ:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\nR:abc\na:0:0:755\n\
                    Z:Q1qZk+NkcGgWq6PiVxeFDCbJzQ2J0=\n";
        fs::write(&apk.path, list).unwrap();
        let recorded = apk.digest("abc", b"/usr/bin/abc").unwrap().unwrap();
        assert_eq!(of(&recorded, b"abc"), recorded);
        assert_eq!(apk.digest("abc", b"/usr/bin/none").unwrap(), None);
    }

    #[test]
    fn pacman_keeps_sha256_of_its_files() {
        let root = tempfile::tempdir().unwrap();
        let pacman = database(Kind::Pacman, &root, "local");
        let folder = pacman.path.join("abc-1.0-1");
        fs::create_dir_all(&folder).unwrap();
        let tree = b"#mtree\n./usr/bin/abc time=1.0 size=3 sha256digest=\
                     ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n";
        let body = miniz_oxide::deflate::compress_to_vec(tree, 6);
        let header = b"\x1f\x8b\x08\x08\0\0\0\0\0\x03mtree\0";
        fs::write(folder.join("mtree"), [header.as_slice(), &body].concat()).unwrap();
        let recorded = pacman.digest("abc", b"/usr/bin/abc").unwrap().unwrap();
        assert_eq!(of(&recorded, b"abc"), recorded);
        assert_eq!(pacman.digest("none", b"/usr/bin/abc").unwrap(), None);
    }

    #[test]
    fn what_is_no_checksum_is_refused() {
        assert_eq!(unhex(b"zz"), None);
        assert_eq!(unhex(b"abc"), None);
        assert_eq!(unbase64(b"?"), None);
        for broken in [
            b"".as_slice(),
            b"\x1f\x8b\x08",
            b"\x1f\x8b\x08\x04\0\0\0\0\0\x03\xff",
            b"\x1f\x8b\x08\x08\0\0\0\0\0\x03x",
        ] {
            assert!(inflate(broken).is_err(), "{broken:?}");
        }
    }
}
