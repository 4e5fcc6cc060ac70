//! Tells protocols apart by the first bytes a server sends.

/// The protocol that begins with `bytes`, when it is one we know.
pub(super) fn recognise(bytes: &[u8]) -> Option<&'static str> {
    let prefixes: [(&[u8], &str); 12] = [
        (b"SSH-", "ssh"),
        (b"RFB 0", "vnc"),
        (b"* OK", "imap"),
        (b"* PREAUTH", "imap"),
        (b"* BYE", "imap"),
        (b"+OK", "pop3"),
        (b"AMQP\0", "amqp"),
        (b"-ERR unknown command", "redis"),
        (b"-ERR wrong number", "redis"),
        (b"-DENIED Redis", "redis"),
        (b"\xff\xfb", "telnet"),
        (b"\xff\xfd", "telnet"),
    ];
    let known = prefixes
        .iter()
        .find(|(prefix, _)| bytes.starts_with(prefix));
    known
        .map(|(_, protocol)| *protocol)
        .or_else(|| tls(bytes))
        .or_else(|| http(bytes))
        .or_else(|| mysql(bytes))
        .or_else(|| mail_or_files(bytes))
}

/// A TLS record: alert or handshake, version 3.x.
fn tls(bytes: &[u8]) -> Option<&'static str> {
    matches!(bytes, [0x15 | 0x16, 3, 0..=4, ..]).then_some("tls")
}

/// HTTP, or a TLS server that is polite enough to refuse plain HTTP in plain HTTP.
fn http(bytes: &[u8]) -> Option<&'static str> {
    if !bytes.starts_with(b"HTTP/") {
        return None;
    }
    let refuses = contains(bytes, b"to https port") || contains(bytes, b"to an https server");
    Some(if refuses { "tls" } else { "http" })
}

/// A `MySQL` packet: three bytes of length, number 0, then protocol version 10 or an error.
fn mysql(bytes: &[u8]) -> Option<&'static str> {
    let [low, middle, high, 0, kind, rest @ ..] = bytes else {
        return None;
    };
    let length = u32::from_le_bytes([*low, *middle, *high, 0]);
    let is_version = *kind == 10 && rest.first().is_some_and(u8::is_ascii_digit);
    let is_error = *kind == 0xff && contains(rest, b"host");
    ((5..4096).contains(&length) && (is_version || is_error)).then_some("mysql")
}

/// SMTP and FTP greet with the same code; the words behind it tell.
fn mail_or_files(bytes: &[u8]) -> Option<&'static str> {
    if !(bytes.starts_with(b"220 ") || bytes.starts_with(b"220-") || bytes.starts_with(b"554 ")) {
        return None;
    }
    if contains(bytes, b"smtp") {
        Some("smtp")
    } else if contains(bytes, b"ftp") {
        Some("ftp")
    } else {
        None
    }
}

/// Whether `part`, in lower case, stands in `bytes` in any letter case.
fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes
        .windows(part.len())
        .any(|window| window.eq_ignore_ascii_case(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_greetings_are_recognised() {
        let greetings: [(&[u8], &str); 11] = [
            (b"SSH-2.0-OpenSSH_9.2p1\r\n", "ssh"),
            (b"220 mail.example ESMTP Postfix\r\n", "smtp"),
            (b"220 (vsFTPd 3.0.3)\r\n", "ftp"),
            (b"* OK [CAPABILITY IMAP4rev1] Dovecot ready.\r\n", "imap"),
            (b"+OK Dovecot ready.\r\n", "pop3"),
            (b"RFB 003.008\n", "vnc"),
            (b"\x4a\x00\x00\x00\x0a8.0.36\x00", "mysql"),
            (b"\x45\x00\x00\x00\xffj\x04Host '10.0.0.9' is not allowed", "mysql"),
            (b"\x16\x03\x03\x00\x40", "tls"),
            (b"HTTP/1.1 400 Bad Request\r\n", "http"),
            (b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n", "tls"),
        ];
        for (greeting, protocol) in greetings {
            let shown = String::from_utf8_lossy(greeting);
            assert_eq!(recognise(greeting), Some(protocol), "{shown}");
        }
    }

    #[test]
    fn what_could_be_several_protocols_is_none() {
        for greeting in [
            &b"220 ready\r\n"[..],
            b"hello\n",
            b"",
            b"\x16",
            b"\x00\x00\x00\x00\x0a",
        ] {
            assert_eq!(recognise(greeting), None, "{greeting:?}");
        }
    }
}
