//! What a reference of the registry points at.

/// The titles of the RFCs that the registry names most or that people look up most, by number.
const TITLES: [(u16, &str); 67] = [
    (854, "Telnet Protocol Specification"),
    (867, "Daytime Protocol"),
    (951, "Bootstrap Protocol"),
    (959, "File Transfer Protocol"),
    (2167, "Referral Whois (RWhois) Protocol V1.5"),
    (2281, "Cisco Hot Standby Router Protocol (HSRP)"),
    (2637, "Point-to-Point Tunneling Protocol (PPTP)"),
    (2865, "Remote Authentication Dial In User Service (RADIUS)"),
    (2866, "RADIUS Accounting"),
    (2974, "Session Announcement Protocol"),
    (3195, "Reliable Delivery for syslog"),
    (
        3263,
        "Session Initiation Protocol (SIP): Locating SIP Servers",
    ),
    (3501, "Internet Message Access Protocol - Version 4rev1"),
    (
        3551,
        "RTP Profile for Audio and Video Conferences with Minimal Control",
    ),
    (3588, "Diameter Base Protocol"),
    (3948, "UDP Encapsulation of IPsec ESP Packets"),
    (3977, "Network News Transfer Protocol (NNTP)"),
    (4120, "The Kerberos Network Authentication Service (V5)"),
    (4251, "The Secure Shell (SSH) Protocol Architecture"),
    (4340, "Datagram Congestion Control Protocol (DCCP)"),
    (
        4642,
        "Using Transport Layer Security (TLS) with Network News Transfer Protocol (NNTP)",
    ),
    (4656, "A One-way Active Measurement Protocol (OWAMP)"),
    (5321, "Simple Mail Transfer Protocol"),
    (5352, "Aggregate Server Access Protocol (ASAP)"),
    (5353, "Endpoint Handlespace Redundancy Protocol (ENRP)"),
    (5357, "A Two-Way Active Measurement Protocol (TWAMP)"),
    (
        5425,
        "Transport Layer Security (TLS) Transport Mapping for Syslog",
    ),
    (5426, "Transmission of Syslog Messages over UDP"),
    (
        5440,
        "Path Computation Element (PCE) Communication Protocol (PCEP)",
    ),
    (5456, "IAX: Inter-Asterisk eXchange Version 2"),
    (
        5734,
        "Extensible Provisioning Protocol (EPP) Transport over TCP",
    ),
    (5804, "A Protocol for Remotely Managing Sieve Scripts"),
    (
        5905,
        "Network Time Protocol Version 4: Protocol and Algorithms Specification",
    ),
    (
        6120,
        "Extensible Messaging and Presence Protocol (XMPP): Core",
    ),
    (6143, "The Remote Framebuffer Protocol"),
    (6242, "Using the NETCONF Protocol over Secure Shell (SSH)"),
    (6409, "Message Submission for Mail"),
    (6614, "Transport Layer Security (TLS) Encryption for RADIUS"),
    (6733, "Diameter Base Protocol"),
    (6762, "Multicast DNS"),
    (6887, "Port Control Protocol (PCP)"),
    (
        7194,
        "Default Port for Internet Relay Chat (IRC) via TLS/SSL",
    ),
    (7252, "The Constrained Application Protocol (CoAP)"),
    (7296, "Internet Key Exchange Protocol Version 2 (IKEv2)"),
    (
        7858,
        "Specification for DNS over Transport Layer Security (TLS)",
    ),
    (8011, "Internet Printing Protocol/1.1: Model and Semantics"),
    (8030, "Generic Event Delivery Using HTTP Push"),
    (8071, "NETCONF Call Home and RESTCONF Call Home"),
    (8094, "DNS over Datagram Transport Layer Security (DTLS)"),
    (
        8314,
        "Cleartext Considered Obsolete: Use of Transport Layer Security (TLS) for Email \
         Submission and Access",
    ),
    (
        8323,
        "CoAP (Constrained Application Protocol) over TCP, TLS, and WebSockets",
    ),
    (
        8415,
        "Dynamic Host Configuration Protocol for IPv6 (DHCPv6)",
    ),
    (8489, "Session Traversal Utilities for NAT (STUN)"),
    (8915, "Network Time Security for the Network Time Protocol"),
    (8926, "Geneve: Generic Network Virtualization Encapsulation"),
    (8966, "The Babel Routing Protocol"),
    (
        9051,
        "Internet Message Access Protocol (IMAP) - Version 4rev2",
    ),
    (9110, "HTTP Semantics"),
    (9250, "DNS over Dedicated QUIC Connections"),
    (9260, "Stream Control Transmission Protocol"),
    (9293, "Transmission Control Protocol (TCP)"),
    (768, "User Datagram Protocol"),
    (1350, "The TFTP Protocol (Revision 2)"),
    (3912, "WHOIS Protocol Specification"),
    (3164, "The BSD syslog Protocol"),
    (1939, "Post Office Protocol - Version 3"),
    (1035, "Domain names - implementation and specification"),
];

/// A reference in words: `RFC 6409, Message Submission for Mail: https://…` for `RFC6409`.
///
/// What is no RFC stays as the registry has it.
pub fn words(reference: &str) -> String {
    let Some(number) = rfc(reference) else {
        return String::from(reference);
    };
    let title = TITLES.iter().find(|(known, _)| *known == number);
    let title = title.map_or(String::new(), |(_, title)| format!(", {title}"));
    format!("RFC {number}{title}: https://www.rfc-editor.org/rfc/rfc{number}")
}

/// The number in `RFC6409`.
fn rfc(reference: &str) -> Option<u16> {
    reference.strip_prefix("RFC")?.trim_start().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_rfc_points_to_its_text_and_has_its_title_where_that_is_known() {
        assert_eq!(
            words("RFC6409"),
            "RFC 6409, Message Submission for Mail: https://www.rfc-editor.org/rfc/rfc6409"
        );
        assert_eq!(
            words("RFC5677"),
            "RFC 5677: https://www.rfc-editor.org/rfc/rfc5677"
        );
    }

    #[test]
    fn what_is_no_rfc_stays() {
        for other in ["TR-352", "RFC-ietf-rift-rift-24", "references", ""] {
            assert_eq!(words(other), other);
        }
    }

    #[test]
    fn no_rfc_has_two_titles() {
        let mut numbers = TITLES.map(|(number, _)| number).to_vec();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), TITLES.len());
    }
}
