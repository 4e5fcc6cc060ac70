use super::*;
use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener},
    thread::{self, JoinHandle},
};

/// Answers one request with `head`, and `body` again and again for as long as it is read.
fn server(head: String, body: Vec<u8>, times: usize) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answer = move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        let request = lines.next().unwrap().unwrap();
        for line in lines {
            if line.unwrap().is_empty() {
                break;
            }
        }
        let mut all_read = stream.write_all(head.as_bytes()).is_ok();
        for _ in 0..times {
            all_read = all_read && stream.write_all(&body).is_ok();
        }
        request
    };
    (address, thread::spawn(answer))
}

fn fetched(head: &str, body: &[u8], times: usize) -> Result<Vec<u8>, FetchError> {
    let (address, server) = server(head.into(), body.into(), times);
    let got = get(
        &format!("http://{address}/ports.csv"),
        &agent(false, TlsConfig::default()),
    );
    assert_eq!(server.join().unwrap(), "GET /ports.csv HTTP/1.1");
    got
}

#[test]
fn what_the_server_sends_is_returned() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    assert_eq!(fetched(head, b"ports", 1).unwrap(), b"ports");
}

#[test]
fn an_error_of_the_server_is_one() {
    let head = "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\n";
    let error = fetched(head, b"gone", 1).unwrap_err();
    assert!(matches!(error, FetchError::Network { .. }), "{error:?}");
}

#[test]
fn a_body_that_ends_early_is_an_error() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n";
    assert!(fetched(head, b"ports", 1).is_err());
}

#[test]
fn a_body_without_an_end_is_not_read_to_it() {
    let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
    let error = fetched(head, &vec![b'x'; 1024 * 1024], 70).unwrap_err();
    assert!(matches!(error, FetchError::TooLarge(_)), "{error:?}");
}

#[test]
fn an_address_that_is_not_https_is_refused_without_asking_it() {
    for address in [
        "http://127.0.0.1:1/x",
        "ftp://example.net/x",
        "file:///etc/passwd",
    ] {
        let error = read(address).unwrap_err();
        assert!(matches!(error, FetchError::NotHttps(_)), "{error:?}");
    }
}

#[test]
fn https_never_goes_on_without_encryption() {
    let agent = agent(true, TlsConfig::default());
    let error = get("http://127.0.0.1:1/x", &agent).unwrap_err();
    let FetchError::Network { source, .. } = error else {
        panic!("{error:?}")
    };
    assert!(
        matches!(*source, ureq::Error::RequireHttpsOnly(_)),
        "{source:?}"
    );
}

#[test]
fn a_file_larger_than_any_registry_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ports.csv");
    let file = std::fs::File::create(&path).unwrap();
    file.set_len(65 * 1024 * 1024).unwrap();
    let error = read(path.to_str().unwrap()).unwrap_err();
    assert!(matches!(error, FetchError::TooLarge(_)), "{error:?}");
}
