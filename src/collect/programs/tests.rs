use super::*;

fn owner(packages: &mut Packages, path: &str) -> Fact<Option<Text>> {
    packages.look_up([path.as_bytes()].into_iter());
    packages.owner(path.as_bytes())
}

fn known(package: &str) -> Fact<Option<Text>> {
    Fact::Known(Some(Text::from(package)))
}

#[test]
fn dpkg_names_the_package_of_a_program() {
    let root = tempfile::tempdir().unwrap();
    let info = root.path().join("var/lib/dpkg/info");
    fs::create_dir_all(&info).unwrap();
    fs::write(info.join("nginx:amd64.list"), "/.\n/usr/sbin/nginx\n").unwrap();
    fs::write(info.join("bash.list"), "/bin/bash\n").unwrap();
    fs::write(info.join("bash.md5sums"), "/usr/bin/other\n").unwrap();
    let mut packages = Packages::of_system(root.path());
    assert_eq!(owner(&mut packages, "/usr/sbin/nginx"), known("nginx"));
    assert_eq!(owner(&mut packages, "/usr/bin/bash"), known("bash"));
    assert_eq!(owner(&mut packages, "/usr/bin/other"), Fact::Known(None));
    assert_eq!(owner(&mut packages, "/home/me/tool"), Fact::Known(None));
}

#[test]
fn a_package_installed_later_is_seen() {
    let root = tempfile::tempdir().unwrap();
    let info = root.path().join("var/lib/dpkg/info");
    fs::create_dir_all(&info).unwrap();
    let mut packages = Packages::of_system(root.path());
    assert_eq!(owner(&mut packages, "/usr/bin/late"), Fact::Known(None));
    fs::write(info.join("late.list"), "/usr/bin/late\n").unwrap();
    let later = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(9_999_999_999);
    fs::File::open(&info).unwrap().set_modified(later).unwrap();
    assert_eq!(owner(&mut packages, "/usr/bin/late"), known("late"));
}

#[test]
fn ever_new_names_do_not_fill_the_memory() {
    let root = tempfile::tempdir().unwrap();
    let info = root.path().join("var/lib/dpkg/info");
    fs::create_dir_all(&info).unwrap();
    fs::write(info.join("bash.list"), "/bin/bash\n").unwrap();
    let mut packages = Packages::of_system(root.path());
    for round in 0..9 {
        let names: Vec<String> = (0..1000)
            .map(|name| format!("/usr/bin/{round}-{name}"))
            .collect();
        let paths = names.iter().map(String::as_bytes);
        packages.look_up(paths.chain([b"/usr/bin/bash".as_slice()]));
        assert_eq!(packages.owner(names[0].as_bytes()), Fact::Known(None));
        assert_eq!(packages.owner(b"/usr/bin/bash"), known("bash"));
        assert!(packages.known.len() <= MOST_KNOWN);
    }
}

#[test]
fn apk_names_the_package_of_a_program() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("lib/apk/db")).unwrap();
    let installed = "P:busybox\nV:1\nF:bin\nR:busybox\n\nP:nginx\nF:usr/sbin\nR:nginx\n";
    fs::write(root.path().join("lib/apk/db/installed"), installed).unwrap();
    let mut packages = Packages::of_system(root.path());
    assert_eq!(owner(&mut packages, "/usr/sbin/nginx"), known("nginx"));
    assert_eq!(owner(&mut packages, "/bin/busybox"), known("busybox"));
}

#[test]
fn pacman_names_the_package_of_a_program() {
    let root = tempfile::tempdir().unwrap();
    let package = root
        .path()
        .join("var/lib/pacman/local/nginx-mainline-1.27.0-1");
    fs::create_dir_all(&package).unwrap();
    fs::write(package.join("files"), "%FILES%\nusr/bin/nginx\n").unwrap();
    let mut packages = Packages::of_system(root.path());
    assert_eq!(
        owner(&mut packages, "/usr/bin/nginx"),
        known("nginx-mainline")
    );
}

#[test]
fn without_a_database_nothing_is_claimed() {
    let root = tempfile::tempdir().unwrap();
    let mut packages = Packages::of_system(root.path());
    let unsupported = Fact::Unknown(Unseen::NotSupported);
    assert_eq!(owner(&mut packages, "/usr/bin/nginx"), unsupported);
}

#[test]
fn a_snap_is_its_own_package() {
    let root = tempfile::tempdir().unwrap();
    let mut packages = Packages::of_system(root.path());
    let path = "/snap/firefox/4711/usr/lib/firefox/firefox";
    assert_eq!(owner(&mut packages, path), known("snap:firefox"));
}

#[test]
fn a_temporary_directory_is_named_by_whole_parts() {
    assert_eq!(temporary_directory(b"/dev/shm/x").unwrap(), "/dev/shm");
    assert_eq!(temporary_directory(b"/tmpfiles/x"), None);
    assert_eq!(temporary_directory(b"/home/me/tmp/x"), None);
}
