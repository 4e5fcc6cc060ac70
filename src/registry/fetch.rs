//! Fetches a registry over HTTPS, or reads it from a file. The only code that asks the network for it.

use super::import::LARGEST;
use crate::given::{Given, Pipes};
use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};
use ureq::{
    Agent,
    tls::{RootCerts, TlsConfig},
};

/// Where IANA keeps the registry.
pub const OFFICIAL: &str =
    "https://www.iana.org/assignments/service-names-port-numbers/service-names-port-numbers.csv";

/// How long to wait for a connection.
const TO_CONNECT: Duration = Duration::from_secs(15);
/// How long the whole may take.
const IN_ALL: Duration = Duration::from_mins(2);

/// Why a registry could not be fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The address is not one to fetch from.
    #[error("fetch {0}: only https:// is trusted to bring the registry")]
    NotHttps(String),
    /// The file could not be read.
    #[error("read {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The server or the way to it failed.
    #[error("fetch {address}")]
    Network {
        /// The address.
        address: String,
        /// Why.
        source: Box<ureq::Error>,
    },
    /// More than a registry has.
    #[error("read {0}: it is larger than 64 MiB, which no registry is")]
    TooLarge(String),
}

/// The bytes of a file, or what an `https://` address gives. A proxy from the environment is used.
pub fn read(from: &str) -> Result<Vec<u8>, FetchError> {
    match from.split_once("://") {
        None => read_file(Path::new(from)),
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("https") => {
            // This machine's own roots, so that a company's proxy or mirror is trusted as elsewhere.
            let tls = TlsConfig::builder()
                .root_certs(RootCerts::PlatformVerifier)
                .build();
            get(from, &agent(true, tls))
        }
        Some(_) => Err(FetchError::NotHttps(String::from(from))),
    }
}

fn agent(https_only: bool, tls: TlsConfig) -> Agent {
    Agent::config_builder()
        .https_only(https_only)
        .tls_config(tls)
        .timeout_connect(Some(TO_CONNECT))
        .timeout_global(Some(IN_ALL))
        .max_redirects(5)
        .user_agent(concat!("portwise/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent()
}

fn get(address: &str, agent: &Agent) -> Result<Vec<u8>, FetchError> {
    let network = |source: ureq::Error| {
        if matches!(source, ureq::Error::BodyExceedsLimit(_)) {
            return FetchError::TooLarge(String::from(address));
        }
        FetchError::Network {
            address: String::from(address),
            source: Box::new(source),
        }
    };
    let mut response = agent.get(address).call().map_err(network)?;
    response
        .body_mut()
        .with_config()
        .limit(LARGEST)
        .read_to_vec()
        .map_err(network)
}

/// The bytes of a file, or of what another program writes into a pipe.
pub fn read_file(path: &Path) -> Result<Vec<u8>, FetchError> {
    let bytes = Given::open(path, Pipes::Read).and_then(|given| given.bytes(LARGEST));
    bytes.map_err(|source| {
        if source.kind() == io::ErrorKind::FileTooLarge {
            return FetchError::TooLarge(path.display().to_string());
        }
        FetchError::File {
            path: path.to_owned(),
            source,
        }
    })
}

#[cfg(test)]
mod tests;
