//! Asks a port what it speaks.
//!
//! Connects, waits for a greeting, and only when none comes asks for a page in the plainest HTTP.
//! Never sends anything else, never reads more than [`LONGEST`] bytes. Measures with the clock of the
//! runtime it runs in.

mod agree;
mod recognise;

use crate::model::{Answer, Service, Text};
pub use agree::agreement;
use recognise::recognise;
use std::{io, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Instant, timeout_at},
};

/// The most that is read of an answer, in bytes.
pub const LONGEST: usize = 512;

/// The longest wait for a greeting: servers that greet do it at once.
const GREETING: Duration = Duration::from_millis(1500);

/// What is sent to a port that does not greet.
const QUESTION: &[u8] = b"HEAD / HTTP/1.0\r\n\r\n";

/// Why a port could not be asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It did not take the connection.
    #[error("connect to {target}")]
    Connect {
        /// Who.
        target: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It did not answer at all.
    #[error("connect to {target}: no answer within {} ms", patience.as_millis())]
    Silent {
        /// Who.
        target: SocketAddr,
        /// How long was waited.
        patience: Duration,
    },
}

/// Asks `target` what it speaks, within `timeout` in all; `service` is what its port stands for.
///
/// # Errors
///
/// When no connection comes about. A port that takes the connection and says nothing is an answer.
pub async fn ask(target: SocketAddr, timeout: Duration, service: Service) -> Result<Answer, Error> {
    let began = Instant::now();
    let end = began + timeout;
    let connection = timeout_at(end, TcpStream::connect(target)).await;
    let mut stream = connection
        .map_err(|_elapsed| Error::Silent {
            target,
            patience: timeout,
        })?
        .map_err(|source| Error::Connect { target, source })?;

    let patience = end.min(Instant::now() + GREETING.min(timeout / 2));
    let mut heard = listen(&mut stream, patience).await;
    let asked = heard.bytes.is_empty() && !heard.closed;
    if asked && stream.write_all(QUESTION).await.is_ok() {
        heard = listen(&mut stream, end).await;
    }
    let spoke = recognise(&heard.bytes);
    Ok(Answer {
        spoke,
        greeting: Text::from_bytes(heard.bytes.trim_ascii_end()),
        asked,
        after: heard.first.unwrap_or_else(Instant::now) - began,
        expected: service.name(),
        in_practice: service.practice.map(|practice| practice.software),
        agreement: agreement(spoke, &service),
    })
}

/// What was heard.
#[derive(Default)]
struct Heard {
    bytes: Vec<u8>,
    /// When the first bytes came.
    first: Option<Instant>,
    /// The other side ended the connection.
    closed: bool,
}

/// Reads until the protocol is recognised, enough is read, the other side ends, or `until`.
async fn listen(stream: &mut TcpStream, until: Instant) -> Heard {
    let mut heard = Heard::default();
    let mut buffer = [0; LONGEST];
    while heard.bytes.len() < LONGEST {
        let room = buffer.get_mut(heard.bytes.len()..).unwrap_or_default();
        // A reset is one more way to say nothing.
        let read = match timeout_at(until, stream.read(room)).await {
            Err(_elapsed) => break,
            Ok(read) => read.unwrap_or(0),
        };
        if read == 0 {
            heard.closed = true;
            break;
        }
        heard.first.get_or_insert_with(Instant::now);
        heard.bytes.extend(room.iter().take(read));
        if recognise(&heard.bytes).is_some() && is_whole(&heard.bytes) {
            break;
        }
    }
    heard
}

/// Whether a line has ended, or the greeting has no lines at all.
fn is_whole(bytes: &[u8]) -> bool {
    let is_text = bytes.first().is_some_and(u8::is_ascii_graphic);
    !is_text || bytes.contains(&b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::{Read as _, Write as _},
        net::TcpListener,
        thread::{self, JoinHandle},
    };

    /// A server for one connection: says `pieces`, then returns all it is told until the end.
    fn server(pieces: &'static [&'static [u8]]) -> (SocketAddr, JoinHandle<Vec<u8>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let served = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_nodelay(true).unwrap();
            for piece in pieces {
                stream.write_all(piece).unwrap();
            }
            let mut told = vec![];
            // The one who asks may reset the connection; what came until then counts.
            drop(stream.read_to_end(&mut told));
            told
        });
        (address, served)
    }

    /// A server for one connection: waits to be asked, says `answer`, returns the question.
    fn answering(answer: &'static [u8]) -> (SocketAddr, JoinHandle<Vec<u8>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let served = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut question = vec![0; QUESTION.len()];
            stream.read_exact(&mut question).unwrap();
            stream.write_all(answer).unwrap();
            question
        });
        (address, served)
    }

    /// What the tests expect to speak; what really does is told all the same.
    fn ssh() -> Service {
        crate::registry::Registry::bundled().service(22, crate::model::Protocol::Tcp)
    }

    const PATIENT: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn a_greeting_in_pieces_is_recognised_and_nothing_is_sent() {
        let (address, served) = server(&[b"SS", b"H-2.0-Open", b"SSH_9.2p1 Debian\r\n"]);
        let answer = ask(address, PATIENT, ssh()).await.unwrap();
        assert_eq!(answer.spoke, Some("ssh"));
        assert_eq!(answer.greeting, "SSH-2.0-OpenSSH_9.2p1 Debian");
        assert!(!answer.asked);
        assert_eq!(served.join().unwrap(), b"");
    }

    #[tokio::test]
    async fn a_silent_port_is_asked_for_a_page() {
        let (address, served) = answering(b"HTTP/1.0 200 OK\r\nServer: x\r\n\r\n");
        let answer = ask(address, Duration::from_secs(4), ssh()).await.unwrap();
        assert_eq!(answer.spoke, Some("http"));
        assert!(answer.asked);
        assert!(answer.after >= GREETING, "{:?}", answer.after);
        assert_eq!(served.join().unwrap(), QUESTION);
    }

    #[tokio::test]
    async fn a_tls_alert_is_the_answer_of_a_tls_server() {
        let (address, served) = answering(b"\x15\x03\x01\x00\x02\x02\x46");
        let answer = ask(address, Duration::from_secs(4), ssh()).await.unwrap();
        assert_eq!(answer.spoke, Some("tls"));
        served.join().unwrap();
    }

    #[tokio::test]
    async fn a_port_that_never_speaks_is_an_answer_without_words() {
        let (address, served) = server(&[]);
        let answer = ask(address, Duration::from_millis(300), ssh())
            .await
            .unwrap();
        assert_eq!((answer.spoke, answer.greeting.as_str()), (None, ""));
        assert!(answer.asked);
        assert_eq!(served.join().unwrap(), QUESTION);
    }

    #[tokio::test]
    async fn an_endless_and_hostile_greeting_is_cut_and_escaped() {
        let (address, served) = server(&[&[0x1b; 4096]]);
        let answer = ask(address, PATIENT, ssh()).await.unwrap();
        assert_eq!(answer.spoke, None);
        assert_eq!(answer.greeting, "\\x1b".repeat(LONGEST).as_str());
        served.join().unwrap();
    }

    #[tokio::test]
    async fn a_closed_port_refuses() {
        let address = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let error = ask(address, PATIENT, ssh()).await.unwrap_err();
        assert!(matches!(error, Error::Connect { .. }), "{error}");
        assert_eq!(error.to_string(), format!("connect to {address}"));
    }
}
