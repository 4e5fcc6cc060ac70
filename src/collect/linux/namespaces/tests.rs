use super::*;
use std::{fs, path::Path};

fn procfs() -> Procfs {
    Procfs::open(Path::new("/proc")).unwrap()
}

#[test]
fn our_own_namespace_has_the_number_of_its_file() {
    let namespaces = Namespaces::open(&procfs());
    let link = fs::read_link("/proc/self/ns/net").unwrap();
    let own = namespaces.own();
    assert!(own.own);
    let number = own.inode.unwrap();
    assert_eq!(link.to_str(), Some(&*format!("net:[{number}]")));
}

#[test]
fn what_is_gone_is_forgotten_and_what_cannot_be_opened_is_said() {
    let mut namespaces = Namespaces::open(&procfs());
    let place = |door: &str| Place {
        netns: NetNamespace {
            inode: Some(1),
            name: None,
            own: false,
        },
        door: Some(door.into()),
        pid: None,
    };
    let there = place("/proc/self/ns/net");
    let found = BTreeMap::from([(1, there.clone()), (2, place("/nowhere")), (3, there)]);
    assert_eq!(namespaces.settle_in(found), [Errno::NOENT]);
    assert_eq!(namespaces.rooms.len(), 2);
    assert_eq!(namespaces.settle_in(BTreeMap::new()), []);
    assert!(namespaces.rooms.is_empty());
    let limit = unread(&[Errno::PERM, Errno::NOENT]).unwrap();
    assert!(
        limit
            .detail
            .starts_with("2 network namespaces could not be read")
    );
    assert!(limit.remedy.is_some() && unread(&[]).is_none());
}

#[test]
fn a_process_s_files_stand_in_where_we_may_not_go_in() {
    let pid = std::process::id();
    let place = Place {
        netns: NetNamespace {
            inode: None,
            name: Some(Text::from(format!("pid:{pid}"))),
            own: false,
        },
        door: None,
        pid: Some(pid),
    };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut room = Room::open(&place).unwrap();
    assert!(room.door().is_none());
    let found = room.read(false);
    assert_eq!(room.refused, None);
    assert!(
        found
            .iter()
            .any(|found| found.socket.kept().port() == Some(port))
    );
}
