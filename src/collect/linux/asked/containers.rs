//! Asks who runs a container for its name: Docker, Podman and CRI-O over their local sockets, containerd, Podman and
//! CRI-O through the files that they keep of each container.

#![expect(
    clippy::disallowed_methods,
    reason = "an answer that takes too long is not waited for"
)]

use crate::model::Text;
use serde_json::Value;
use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    os::unix::{fs::FileTypeExt as _, net::UnixStream},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_millis(500);
/// The most that is read of an answer, or of a file.
const LONGEST: u64 = 1024 * 1024;
/// The longest name that is taken.
const LONGEST_NAME: usize = 256;
/// The most folders that are looked through.
const MOST: usize = 4096;

/// Where Docker listens, and where Podman does.
const DOCKER: [&str; 1] = ["run/docker.sock"];
const PODMAN: [&str; 1] = ["run/podman/podman.sock"];
/// Where each user's Podman listens, in a folder of that user's number.
const USERS: &str = "run/user";
const PODMAN_OF_USER: &str = "podman/podman.sock";
/// The most users whose Podman is asked.
const MOST_USERS: usize = 16;
/// Where CRI-O listens.
const CRIO: &str = "run/crio/crio.sock";
/// Where Podman and CRI-O keep a list of root's containers, with their names.
const STORED: &str = "var/lib/containers/storage/overlay-containers/containers.json";
/// Where containerd keeps a folder for each container, by namespace.
const CONTAINERD: &str = "run/containerd/io.containerd.runtime.v2.task";
/// Under which keys the ones who use containerd note a container's name, and its pod's.
const POD: &str = "io.kubernetes.cri.sandbox-name";
const NAMES: [&str; 2] = ["io.kubernetes.cri.container-name", "nerdctl/name"];

/// Returns the name of a container such as `docker:3f1c2a9b8d7e`; `None` where nobody tells.
pub(super) fn name(container: &str, root: &Path) -> Option<Text> {
    let (runtime, id) = container.split_once(':')?;
    let is_id = (12..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_id {
        // LXC's are names already.
        return None;
    }
    let found = match runtime {
        "docker" => over_socket(&DOCKER, id, root),
        "podman" => over_socket(&PODMAN, id, root)
            .or_else(|| from_storage(id, root))
            .or_else(|| of_a_user(id, root)),
        "cri-o" => from_storage(id, root).or_else(|| of_crio(id, root)),
        "containerd" => from_bundle(id, root),
        _ => over_socket(&DOCKER, id, root).or_else(|| from_bundle(id, root)),
    }?;
    let is_good = !found.is_empty() && found.len() <= LONGEST_NAME;
    is_good.then(|| Text::from(found))
}

fn over_socket(sockets: &[&str], id: &str, root: &Path) -> Option<String> {
    sockets.iter().find_map(|socket| {
        let answer = ask(&root.join(socket), &format!("/containers/{id}/json"))?;
        // Docker puts a stroke before it.
        let name = answer.get("Name")?.as_str()?;
        Some(name.trim_start_matches('/').to_owned())
    })
}

/// What the Podman of one of the users who have one calls it.
fn of_a_user(id: &str, root: &Path) -> Option<String> {
    let users = fs::read_dir(root.join(USERS)).ok()?.flatten();
    let sockets = users.take(MOST).filter_map(|user| {
        let socket = format!("{USERS}/{}/{PODMAN_OF_USER}", user.file_name().to_str()?);
        // A link could lead to a socket that only we may ask.
        let is_socket = root.join(&socket).symlink_metadata();
        let is_socket = is_socket.is_ok_and(|found| found.file_type().is_socket());
        is_socket.then_some(socket)
    });
    sockets
        .take(MOST_USERS)
        .find_map(|socket| over_socket(&[&*socket], id, root))
}

/// What CRI-O calls it, with its pod.
fn of_crio(id: &str, root: &Path) -> Option<String> {
    let answer = ask(&root.join(CRIO), &format!("/containers/{id}"))?;
    Some(of_pod(answer.get("name")?.as_str()?))
}

/// What the list of containers calls it that Podman and CRI-O keep.
fn from_storage(id: &str, root: &Path) -> Option<String> {
    let all = read_json(&root.join(STORED))?;
    let is_it = |one: &&Value| {
        let its = one.get("id").and_then(Value::as_str);
        its.is_some_and(|its| its.starts_with(id))
    };
    let one = all.as_array()?.iter().find(is_it)?;
    Some(of_pod(one.get("names")?.get(0)?.as_str()?))
}

/// `pod/container` for `k8s_container_pod_namespace_id_0`, as CRI-O names them; any other name as it is.
fn of_pod(name: &str) -> String {
    let mut parts = name
        .strip_prefix("k8s_")
        .into_iter()
        .flat_map(|rest| rest.split('_'));
    match (parts.next(), parts.next()) {
        (Some(container), Some(pod)) => format!("{pod}/{container}"),
        (Some(_) | None, _) => name.to_owned(),
    }
}

/// Asks for `path` over the socket, and returns what a good answer says.
fn ask(socket: &Path, path: &str) -> Option<Value> {
    let end = Instant::now() + PATIENCE;
    // Who has too many callers would let us wait for its queue: there is no way to bound that but not to wait.
    let mut stream = connect(socket)?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    // HTTP/1.0: no chunks, and the connection ends with the answer.
    write!(
        stream,
        "GET {path} HTTP/1.0\r\nHost: localhost\r\nAccept: application/json\r\n\r\n"
    )
    .ok()?;
    let mut answer = vec![];
    let mut piece = [0; 8192];
    loop {
        let left = end.checked_duration_since(Instant::now())?;
        stream
            .set_read_timeout(Some(left.max(Duration::from_millis(1))))
            .ok()?;
        match stream.read(&mut piece).ok()? {
            0 => break,
            count => answer.extend_from_slice(piece.get(..count)?),
        }
        if u64::try_from(answer.len()).ok()? > LONGEST {
            return None;
        }
    }
    serde_json::from_slice(&body(&answer)?).ok()
}

fn connect(socket: &Path) -> Option<UnixStream> {
    use rustix::net::{
        AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with,
    };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let end = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None).ok()?;
    connect(&end, &SocketAddrUnix::new(socket).ok()?).ok()?;
    let stream = UnixStream::from(end);
    stream.set_nonblocking(false).ok()?;
    Some(stream)
}

/// What follows the headers of an answer that says 200.
fn body(answer: &[u8]) -> Option<Vec<u8>> {
    let status = answer.split(|byte| *byte == b'\r').next()?;
    let status = str::from_utf8(status).ok()?;
    let is_good = status.starts_with("HTTP/1.") && status.split(' ').nth(1) == Some("200");
    let at = memchr::memmem::find(answer, b"\r\n\r\n")?;
    is_good
        .then(|| answer.get(at + 4..).map(<[u8]>::to_vec))
        .flatten()
}

/// The name that is noted in the container's own file, with its pod's before it.
fn from_bundle(id: &str, root: &Path) -> Option<String> {
    let config = read_json(&bundle(id, root)?.join("config.json"))?;
    let noted = config.get("annotations")?;
    let note = |key: &str| noted.get(key).and_then(Value::as_str);
    let name = NAMES.iter().find_map(|key| note(key));
    match (note(POD), name) {
        (Some(pod), Some(name)) => Some(format!("{pod}/{name}")),
        (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => None,
    }
}

fn read_json(path: &Path) -> Option<Value> {
    let file = File::open(path).ok()?;
    let mut text = vec![];
    file.take(LONGEST).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

/// The folder of the container whose id begins so, in whichever namespace.
fn bundle(id: &str, root: &Path) -> Option<PathBuf> {
    let namespaces = fs::read_dir(root.join(CONTAINERD)).ok()?;
    let mut folders = namespaces
        .take(MOST)
        .flatten()
        .filter_map(|namespace| fs::read_dir(namespace.path()).ok())
        .flat_map(|folders| folders.take(MOST).flatten());
    folders
        .find(|folder| {
            folder
                .file_name()
                .to_str()
                .is_some_and(|name| name.starts_with(id))
        })
        .map(|folder| folder.path())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{os::unix::net::UnixListener, thread};
    use tempfile::TempDir;

    const ID: &str = "3f1c2a9b8d7e";

    /// A tree with a server at `socket` that gives one answer, and what it was asked.
    fn answering(socket: &str, answer: &'static [u8]) -> (TempDir, thread::JoinHandle<String>) {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join(socket);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let listener = UnixListener::bind(path).unwrap();
        let server = thread::spawn(move || {
            let (mut caller, _) = listener.accept().unwrap();
            let mut asked = vec![];
            let mut piece = [0; 1024];
            while !asked.ends_with(b"\r\n\r\n") {
                let count = caller.read(&mut piece).unwrap();
                asked.extend_from_slice(&piece[..count]);
            }
            drop(caller.write_all(answer));
            String::from_utf8(asked).unwrap()
        });
        (root, server)
    }

    fn of(root: &TempDir, container: &str) -> Option<String> {
        name(container, root.path()).map(|name| name.to_string())
    }

    #[test]
    fn docker_is_asked_for_the_name_of_its_container() {
        let (root, server) = answering(
            "run/docker.sock",
            b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{\"Id\":\"3f1c\",\"Name\":\"/web\"}",
        );
        assert_eq!(of(&root, &format!("docker:{ID}")), Some("web".to_owned()));
        let asked = server.join().unwrap();
        assert!(
            asked.starts_with(&format!("GET /containers/{ID}/json HTTP/1.0\r\n")),
            "{asked}"
        );
    }

    #[test]
    fn podman_is_asked_at_its_own_socket() {
        let (root, server) = answering(
            "run/podman/podman.sock",
            b"HTTP/1.0 200 OK\r\n\r\n{\"Name\":\"db\"}",
        );
        assert_eq!(of(&root, &format!("podman:{ID}")), Some("db".to_owned()));
        server.join().unwrap();
    }

    #[test]
    fn the_podman_of_a_user_is_asked_where_that_of_root_does_not_know() {
        let (root, server) = answering(
            "run/user/1000/podman/podman.sock",
            b"HTTP/1.0 200 OK\r\n\r\n{\"Name\":\"app\"}",
        );
        fs::create_dir_all(root.path().join("run/user/1001/podman")).unwrap();
        assert_eq!(of(&root, &format!("podman:{ID}")), Some("app".to_owned()));
        let asked = server.join().unwrap();
        assert!(
            asked.starts_with(&format!("GET /containers/{ID}/json ")),
            "{asked}"
        );
    }

    #[test]
    fn crio_is_asked_at_its_own_socket() {
        let (root, server) = answering(
            "run/crio/crio.sock",
            b"HTTP/1.0 200 OK\r\n\r\n{\"name\":\"k8s_nginx_web-7d9_default_6a_0\",\"pid\":7}",
        );
        let found = of(&root, &format!("cri-o:{ID}"));
        assert_eq!(found, Some("web-7d9/nginx".to_owned()));
        let asked = server.join().unwrap();
        assert!(
            asked.starts_with(&format!("GET /containers/{ID} ")),
            "{asked}"
        );
    }

    #[test]
    fn what_podman_and_crio_keep_of_their_containers_names_them() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join(STORED);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let list = format!(
            r#"[{{"id":"00ff","names":["other"]}},{{"id":"{ID}00ff","names":["db"]}},
                {{"id":"aaaaaaaaaaaa11","names":["k8s_nginx_web-7d9_default_6a_0"]}},{{"id":"bbbbbbbbbbbb"}}]"#
        );
        fs::write(&file, list).unwrap();
        assert_eq!(of(&root, &format!("podman:{ID}")), Some("db".to_owned()));
        let found = of(&root, "cri-o:aaaaaaaaaaaa");
        assert_eq!(found, Some("web-7d9/nginx".to_owned()));
        assert_eq!(of(&root, "podman:bbbbbbbbbbbb"), None);
        fs::write(&file, "[{").unwrap();
        assert_eq!(of(&root, &format!("podman:{ID}")), None);
    }

    #[test]
    fn a_refusal_nonsense_and_escapes_are_no_name_to_fear() {
        for answer in [
            &b"HTTP/1.0 404 Not Found\r\n\r\n{\"Name\":\"/web\"}"[..],
            b"HTTP/1.0 200 OK\r\n\r\n{\"Name\":",
            b"HTTP/1.0 200 OK\r\n\r\n{\"Name\":7}",
            b"",
        ] {
            let (root, server) = answering("run/docker.sock", answer);
            assert_eq!(of(&root, &format!("docker:{ID}")), None);
            server.join().unwrap();
        }
        let (root, server) = answering(
            "run/docker.sock",
            b"HTTP/1.0 200 OK\r\n\r\n{\"Name\":\"/\\u001b[31mred\"}",
        );
        let name = of(&root, &format!("docker:{ID}")).unwrap();
        assert!(!name.contains('\u{1b}'), "{name:?}");
        server.join().unwrap();
    }

    #[test]
    fn one_that_takes_the_call_and_says_nothing_is_left() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("run")).unwrap();
        let _silent = UnixListener::bind(root.path().join("run/docker.sock")).unwrap();
        assert_eq!(of(&root, &format!("docker:{ID}")), None);
    }

    #[test]
    fn containerd_notes_pod_and_container_in_its_own_file() {
        let root = tempfile::tempdir().unwrap();
        let folder = root
            .path()
            .join(CONTAINERD)
            .join("k8s.io")
            .join(format!("{ID}00ff"));
        fs::create_dir_all(&folder).unwrap();
        let noted = format!(
            r#"{{"annotations":{{"{POD}":"web-7d9","io.kubernetes.cri.container-name":"nginx"}}}}"#
        );
        fs::write(folder.join("config.json"), noted).unwrap();
        let found = of(&root, &format!("containerd:{ID}"));
        assert_eq!(found, Some("web-7d9/nginx".to_owned()));
    }

    #[test]
    fn what_is_no_id_is_asked_for_nowhere() {
        let root = tempfile::tempdir().unwrap();
        for container in ["lxc:web", "docker:../../x", "docker", "docker:3f1c"] {
            assert_eq!(of(&root, container), None, "{container}");
        }
    }
}
