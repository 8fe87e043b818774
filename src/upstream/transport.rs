//! Why there was no answer, or why it stopped: errors of the network, told apart, naming the
//! host.

use std::error::Error;
use std::io;
use std::time::Duration;

use rustls::CertificateError;

use super::place::Place;
use crate::domain::fault::{Billing, Fault, FaultClass};
use crate::domain::text::SafeText;

/// How far a call had got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing of an answer was there.
    Asking,
    /// The answer had begun, but no content was seen.
    Begun,
    /// Content was seen.
    InContent,
}

/// The fault behind a failed exchange. `can_cost`: the request was one that costs money.
pub(super) fn fault(why: &reqwest::Error, stage: Stage, can_cost: bool, place: &Place) -> Fault {
    let chain = Chain::of(why);
    let (class, message) = if why.is_builder() {
        (FaultClass::Request, format!("The request cannot be sent: {}.", chain.root()))
    } else if why.is_connect() || why.is_dns() {
        (FaultClass::Network, connecting(why, &chain, place))
    } else if chain.is_not_http() {
        let message = format!("{} answered something that is not HTTP.", place.host);
        (FaultClass::BadUpstream, message)
    } else {
        broken_off(&chain, stage, place)
    };
    let mut fault = Fault::new(class, message);
    // Once the request is out, work may have been done.
    if can_cost && !why.is_connect() && !why.is_dns() && !why.is_builder() {
        fault.billing = Billing::MayBeBilled;
    }
    fault
}

/// Nothing came for too long.
pub(super) fn silent(waited: Duration, for_what: &str, can_cost: bool, place: &Place) -> Fault {
    let message = format!("{} {for_what} within {}.", place.host, spoken(waited));
    let mut fault = Fault::new(FaultClass::Silent, message);
    if can_cost {
        fault.billing = Billing::MayBeBilled;
    }
    fault
}

/// The stream ended before the answer did.
pub(super) fn cut_off(place: &Place) -> Fault {
    let message = format!("{} closed the connection before the answer was complete.", place.host);
    Fault { billing: Billing::MayBeBilled, ..Fault::new(FaultClass::CutOff, message) }
}

/// The client could not even be made: no certificates, or a base URL that is none.
pub(super) fn unusable(what: &str) -> Fault {
    let mut fault = Fault::new(FaultClass::Network, what);
    fault.hint = Some(SafeText::new("Check the base URL and this machine's certificates."));
    fault
}

fn spoken(time: Duration) -> String {
    match time.as_millis() {
        ms if ms < 1000 => format!("{ms} ms"),
        ms => format!("{} s", ms / 1000),
    }
}

fn connecting(why: &reqwest::Error, chain: &Chain<'_>, place: &Place) -> String {
    let host = &place.host;
    if chain.says("tunnel error") || chain.says("SOCKS error") {
        let name =
            place.proxy().map_or("The proxy".to_owned(), |p| format!("The proxy {}", p.host));
        let reason = if chain.says("proxy authorization required") {
            "wants a name and a password".to_owned()
        } else {
            format!("did not open a way ({})", chain.root())
        };
        return format!("{name} {reason}, on the way to {host}.");
    }
    if let Some(tls) = chain.find::<rustls::Error>() {
        return tls_failure(tls, host);
    }
    let proxy = place.proxy();
    let who = proxy.map_or_else(
        || host.clone(),
        |proxy| {
            format!("The proxy {} (from {}), on the way to {host},", proxy.host, proxy.variable)
        },
    );
    if why.is_dns() || chain.says("dns error") {
        return format!("The name of {who} cannot be found ({}).", chain.root());
    }
    if why.is_timeout() {
        return format!("{who} did not take the connection in time.");
    }
    match chain.io_kind() {
        Some(io::ErrorKind::ConnectionRefused) => format!("{who} refused the connection."),
        Some(kind) if is_reset(kind) => format!("{who} reset the connection."),
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => {
            format!("There is no way to {who} ({}).", chain.root())
        }
        _ => format!("{who} cannot be reached ({}).", chain.root()),
    }
}

const UNTRUSTED: &str = "its certificate comes from an issuer that this machine does not trust";

fn tls_failure(why: &rustls::Error, host: &str) -> String {
    let reason = match why {
        rustls::Error::InvalidCertificate(bad) => match bad {
            CertificateError::UnknownIssuer => UNTRUSTED.to_owned(),
            // What a self-signed certificate of `openssl req -x509` looks like.
            CertificateError::Other(why) if why.to_string().contains("CaUsedAsEndEntity") => {
                UNTRUSTED.to_owned()
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "its certificate has expired (or this machine's clock is wrong)".to_owned()
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "its certificate is not valid yet (or this machine's clock is wrong)".to_owned()
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "its certificate is for another name".to_owned()
            }
            CertificateError::Revoked => "its certificate was revoked".to_owned(),
            other => format!("its certificate is not acceptable ({other})"),
        },
        rustls::Error::InvalidMessage(_) => {
            "it does not speak TLS; perhaps the base URL should begin with http://".to_owned()
        }
        other => other.to_string(),
    };
    format!("No secure connection to {host}: {reason}.")
}

fn broken_off(chain: &Chain<'_>, stage: Stage, place: &Place) -> (FaultClass, String) {
    let host = &place.host;
    let reset = chain.io_kind().is_some_and(is_reset);
    match (stage, reset) {
        (Stage::Asking, true) => {
            (FaultClass::Network, format!("{host} reset the connection before it answered."))
        }
        (Stage::Asking, false) if chain.says("before message completed") => {
            (FaultClass::Network, format!("{host} closed the connection before it answered."))
        }
        (Stage::Asking, false) => {
            (FaultClass::Network, format!("The connection to {host} failed ({}).", chain.root()))
        }
        (Stage::Begun, true) => {
            (FaultClass::Network, format!("{host} reset the connection before any content."))
        }
        (Stage::InContent, true) => (
            FaultClass::CutOff,
            format!("{host} reset the connection in the middle of the answer."),
        ),
        (Stage::Begun | Stage::InContent, false) => {
            let message = format!("{host} closed the connection before the answer was complete.");
            (FaultClass::CutOff, message)
        }
    }
}

fn is_reset(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::NotConnected
    )
}

/// An error and everything behind it.
struct Chain<'a>(Vec<&'a (dyn Error + 'static)>);

impl<'a> Chain<'a> {
    fn of(why: &'a reqwest::Error) -> Chain<'a> {
        let mut links = Vec::new();
        let mut next = why.source();
        while let Some(link) = next {
            links.push(link);
            // What an IO error wraps is not always its source.
            let inner = link.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            next = match inner {
                Some(inner) => Some(inner as &(dyn Error + 'static)),
                None => link.source(),
            };
        }
        Chain(links)
    }

    fn find<T: Error + 'static>(&self) -> Option<&'a T> {
        self.0.iter().find_map(|link| link.downcast_ref::<T>())
    }

    fn says(&self, words: &str) -> bool {
        self.0.iter().any(|link| link.to_string().contains(words))
    }

    fn io_kind(&self) -> Option<io::ErrorKind> {
        let kinds = self.0.iter().filter_map(|link| link.downcast_ref::<io::Error>());
        kinds.map(io::Error::kind).find(|kind| *kind != io::ErrorKind::Other)
    }

    fn is_not_http(&self) -> bool {
        self.says("invalid HTTP") || self.says("invalid header") || self.says("invalid status")
    }

    /// The innermost reason: that is what a person can act upon.
    fn root(&self) -> String {
        self.0.last().map_or_else(|| "no reason given".to_owned(), ToString::to_string)
    }
}
