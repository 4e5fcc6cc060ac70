use super::*;
use crate::{
    model::{Protocol, Text},
    registry::Registry,
};

fn text_of(page: &Page, here_now: Option<&[HereNow]>) -> String {
    let mut out = vec![];
    write_text(&mut out, &[Entry { page, here_now }]).unwrap();
    String::from_utf8(out).unwrap()
}

fn page(port: u16, protocol: Option<Protocol>) -> Page {
    Registry::bundled().page(port, protocol)
}

#[test]
fn print() {
    for (port, protocol) in [
        (1587, None),
        (587, Some(Protocol::Tcp)),
        (31390, None),
        (6379, None),
        (51820, None),
        (0, None),
        (60000, None),
        (1491, None),
        (465, None),
        (24, None),
    ] {
        println!("{}=======", text_of(&page(port, protocol), Some(&[])));
    }
    panic!();
}
