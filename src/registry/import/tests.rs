use super::*;
use crate::registry::IANA_PORTS;

const COLUMNS: &str = "Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,\
    Registration Date,Modification Date,Reference,Service Code,Unauthorized Use Reported,\
    Assignment Notes\r\n";

fn csv(rows: &str) -> String {
    format!("{COLUMNS}{rows}")
}

#[track_caller]
fn lines(rows: &str) -> Vec<String> {
    let cells = cells(csv(rows).as_bytes()).unwrap();
    let table = table(&cells);
    table.lines().skip(1).map(String::from).collect()
}

#[track_caller]
fn error(bytes: &[u8]) -> String {
    cells(bytes).unwrap_err().to_string()
}

#[test]
fn people_come_out_of_their_brackets_and_lines_are_joined() {
    let rows =
        "hello,7000,tcp,\"Says\r\n  hello\",[A_B][C_2],[A_B],2010-01-02,,[RFC1][RFC2],,,\r\n";
    assert_eq!(
        lines(rows),
        ["7000\t\ttcp\thello\t\tSays hello\tA B; C 2\tA B\t2010-01-02\t\tRFC1; RFC2\t\t\t\tp"]
    );
}

#[test]
fn transports_with_the_same_content_share_a_line() {
    let rows =
        "a,1,udp,A,,,,,,,,\r\na,1,tcp,A,,,,,,,,\r\na,1,sctp,Other,,,,,,,,\r\nb,2,,B,,,,,,,,\r\n";
    let lines = lines(rows);
    let begins: Vec<String> = lines
        .iter()
        .map(|line| line.split('\t').take(4).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(begins, ["1  tcp/udp a", "1  sctp a", "2  * b"]);
}

#[test]
fn an_alias_is_another_spelling_of_its_registration() {
    let note = "\"This entry is an alias to \"\"pra-elmd\"\".\nThis entry is now historic.\"";
    let replaced =
        "\"x IANA assigned this well-formed service name as a replacement for \"\"pra_elmd\"\".\"";
    let rows =
        format!("pra_elmd,1587,tcp,x,,,,,,,,{note}\r\npra-elmd,1587,tcp,{replaced},,,,,,,,\r\n");
    assert_eq!(
        lines(&rows),
        ["1587\t\ttcp\tpra-elmd\tpra_elmd\tx\t\t\t\t\t\t\t\t\tp"]
    );
    let alone = format!("pra_elmd,1587,udp,x,,,,,,,,{note}\r\n");
    assert!(
        lines(&alone)[0].starts_with("1587\t\tudp\tpra_elmd\t"),
        "it has no registration"
    );
}

#[test]
fn what_stands_for_no_port_is_left_out() {
    let rows = "zigbee,,tcp,A bridge,,,,,,,,\r\n,4,tcp,Unassigned,,,,,,,,\r\n\
        ,100-101,udp,unassigned,,,,,,,Known unauthorized use on 100,\r\nq,9,quic,Q,,,,,,,,\r\n";
    assert_eq!(
        lines(rows),
        ["100\t101\tudp\t\t\tUnassigned\t\t\t\t\t\t\tKnown unauthorized use on 100\t\tp"]
    );
}

#[test]
fn a_hostile_or_broken_file_is_told_what_is_wrong() {
    let cases: &[(&[u8], &str)] = &[
        (b"", "it is empty"),
        (b" \r\n", "it is empty"),
        (b"<!DOCTYPE html><html></html>", "it is a web page"),
        (b"\n<html><body>Sign in</body>", "it is a web page"),
        (
            b"<?xml version='1.0'?><html xmlns='x'/>",
            "it is a web page",
        ),
        (
            b"<registry><title>Other</title></registry>",
            "its XML is not of the port registry",
        ),
        (b"<rss/>", "its XML is not of the port registry"),
        (b"<registry><record>", "read it as XML"),
        (b"\xff\xfe", "it is not UTF-8"),
        (b"hello\n", "it does not begin with IANA's columns"),
        (
            b"Service Name,Port Number\nssh,22\n",
            "it does not begin with IANA's columns",
        ),
    ];
    for (bytes, fault) in cases {
        let shown = error(bytes);
        assert!(shown.starts_with(fault), "{shown} is not {fault}");
    }
}

#[test]
fn a_fault_in_a_record_is_told_with_its_number() {
    for (rows, fault) in [
        (
            "a,70000,tcp,,,,,,,,,\r\n",
            "record 2: \"70000\" is no port number",
        ),
        (
            "a,9-5,tcp,,,,,,,,,\r\n",
            "record 2: \"9-5\" is no port number",
        ),
        (
            "a\u{1b}[2J,5,tcp,,,,,,,,,\r\n",
            "record 2: it holds a control or invisible character, U+001B",
        ),
        (
            "a\u{202e},5,tcp,,,,,,,,,\r\n",
            "record 2: it holds a control or invisible character, U+202E",
        ),
        (
            "a|b,5,tcp,,,,,,,,,\r\n",
            "record 2: a service name holds a bar",
        ),
        (COLUMNS, "record 2: \"Port Number\" is no port number"),
    ] {
        assert_eq!(error(csv(rows).as_bytes()), fault);
    }
    let long = format!("a,5,tcp,{},,,,,,,,\r\n", "x".repeat(20_000));
    assert!(error(csv(&long).as_bytes()).contains("more than 16384 bytes"));
}

#[test]
fn a_file_cut_short_inside_quotes_or_a_row_is_no_registry() {
    assert!(error(csv("a,5,tcp,\"not clo").as_bytes()).contains("breaks off"));
    let eleven = "a,5,tcp,\"x\",,,,,,,,\"the end of a\nnote is miss";
    assert!(error(csv(eleven).as_bytes()).contains("breaks off"));
    assert!(matches!(
        cells(csv("a,5,tcp").as_bytes()),
        Err(ImportError::Csv(_))
    ));
}

#[test]
fn entities_that_grow_are_not_read() {
    let bomb = "<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><registry>&b;</registry>";
    assert_eq!(error(bomb.as_bytes()), "read it as XML");
}

#[test]
fn xml_says_the_same_as_csv() {
    let xml = r#"<?xml version='1.0' encoding='UTF-8'?>
<registry xmlns="http://www.iana.org/assignments" id="service-names-port-numbers">
  <title>Service Name and Transport Protocol Port Number Registry</title>
  <record date="2010-01-02" updated="2011-03-04">
    <name>hello</name>
    <protocol>tcp</protocol>
    <xref type="rfc" data="rfc6409"/><xref type="draft" data="draft-x-y-00"/>
    <description>Says
      hello</description>
    <assignee><xref type="person" data="A_B"/></assignee>
    <contact><xref type="person" data="A_B"/><xref type="person" data="C_2"/></contact>
    <number>7000</number>
    <note>Defined TXT keys: u=&lt;name&gt;</note>
  </record>
  <record><name>portless</name><protocol>tcp</protocol></record>
  <people><person id="A_B"><name>A B</name></person></people>
</registry>"#;
    let csv = csv(
        "hello,7000,tcp,Says hello,[A_B],[A_B][C_2],2010-01-02,2011-03-04,\
        [RFC6409][draft-x-y-00],,,Defined TXT keys: u=<name>\r\nportless,,tcp,,,,,,,,,\r\n",
    );
    assert_eq!(
        cells(xml.as_bytes()).unwrap(),
        cells(csv.as_bytes()).unwrap()
    );
}

#[test]
fn newer_names_replace_add_and_describe() {
    let rows = "old,1,tcp,Old,[A],[A],,,,,,\r\nsame,2,tcp,Same,[B],[B],,,,,,\r\n\
        word,3,tcp,Before,[C],[C],,,,,,\r\nr,10-12,tcp,Range,,,,,,,,\r\n";
    let mut cells = cells(csv(rows).as_bytes()).unwrap();
    let names = r#"{"1/tcp": ["new", "New"], "2/tcp": ["same", "Same"], "3/tcp": ["word", "After"],
        "4/udp": ["", "Reserved"], "5/tcp": ["", "Unassigned"], "11/tcp": ["x", "X"]}"#;
    names::put_over(&mut cells, names).unwrap();
    let table = table(&cells);
    let lines: Vec<&str> = table.lines().skip(1).collect();
    assert_eq!(
        lines,
        [
            "1\t\ttcp\tnew\t\tNew\t\t\t\t\t\t\t\t\tn",
            "2\t\ttcp\tsame\t\tSame\tB\tB\t\t\t\t\t\t\tp",
            "3\t\ttcp\tword\t\tAfter\tC\tC\t\t\t\t\t\t\tu",
            "4\t\tudp\t\t\tReserved\t\t\t\t\t\t\t\t\tn",
            "10\t12\ttcp\tr\t\tRange\t\t\t\t\t\t\t\t\tp",
        ]
    );
}

#[test]
fn the_table_that_is_compiled_in_is_plausible() {
    plausible::check(IANA_PORTS).unwrap();
    assert!(IANA_PORTS.starts_with(HEADER));
}

#[test]
fn a_table_that_cannot_be_the_registry_is_not() {
    let without = |part: &str| {
        let rows = IANA_PORTS.lines().filter(|row| !row.contains(part));
        rows.collect::<Vec<_>>().join("\n")
    };
    let half: Vec<&str> = IANA_PORTS.lines().take(3500).collect();
    let to_the_last: Vec<&str> = IANA_PORTS.lines().take(7150).collect();
    let cases = [
        (String::new(), "it names 0 services"),
        (half.join("\n"), "it names "),
        (to_the_last.join("\n"), "it ends before its last ports"),
        (without("\tssh\t"), "22/tcp is not ssh in it"),
        (
            format!("{IANA_PORTS}5\t\ttcp\tx\t\t\t\t\t\t\t\t\t\t\tp\n"),
            "its ports are not in order",
        ),
        (
            format!("{IANA_PORTS}no port\n"),
            "its table, line 7195: no registration",
        ),
        (
            format!("{IANA_PORTS}65535\t\ttcp\tx\u{7}\t\n"),
            "it holds a control",
        ),
        (
            format!("{IANA_PORTS}65530\t65535\ttcp\tx\n").repeat(9),
            "its table has",
        ),
    ];
    for (table, fault) in cases {
        let shown = plausible::check(&table).unwrap_err().to_string();
        assert!(shown.starts_with(fault), "{shown} is not {fault}");
    }
    let wide = "49151\t65535\ttcp\tx\n".repeat(5);
    let shown = plausible::check(&format!("{IANA_PORTS}{wide}")).unwrap_err();
    assert!(shown.to_string().contains("cover more"), "{shown}");
}
