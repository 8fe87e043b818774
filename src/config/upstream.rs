//! Which server is asked: its base URL, its name, and whether a key is safe on the way there.

use std::net::IpAddr;

use super::Source;
use super::problem::Problem;
use crate::domain::secret::Secret;
use crate::domain::text::clean_line;

/// The public service.
pub const OPENROUTER_URL: &str = "https://openrouter.ai/api/v1";

/// One server and the key for it.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// Names the server in the ledger and on screen; the host where none was given.
    pub name: String,
    /// Without a slash at the end.
    pub base_url: String,
    pub base_url_source: Source,
    /// Absent for servers that want none.
    pub key: Option<Secret>,
    pub key_source: Source,
}

impl Upstream {
    /// Whether the server speaks OpenRouter's own fields: the service itself, or a copy of its
    /// address on this machine.
    pub fn is_openrouter(&self) -> bool {
        split(&self.base_url).is_some_and(|url| {
            url.host == "openrouter.ai"
                || url.host.ends_with(".openrouter.ai")
                || (is_loopback(url.host) && url.path.trim_end_matches('/') == "/api/v1")
        })
    }

    /// Whether requests stay on this machine.
    pub fn is_loopback(&self) -> bool {
        split(&self.base_url).is_some_and(|url| is_loopback(url.host))
    }
}

/// Takes white space and slashes off the end. A missing `/v1` is not added: servers differ.
pub(super) fn normalise(url: &str) -> String {
    url.trim().trim_end_matches('/').to_owned()
}

/// The name of a server without one: `openrouter`, or its host and port.
pub(super) fn default_name(base_url: &str) -> String {
    if base_url == OPENROUTER_URL {
        return "openrouter".into();
    }
    match split(base_url) {
        Some(url) => clean_line(url.authority),
        None => clean_line(base_url),
    }
}

/// What is wrong with a base URL. The URL is used as it is: another server than the one that was
/// meant must never get the prompt.
pub(super) fn judge(place: &str, base_url: &str, has_key: bool) -> Option<Problem> {
    let problem = |what: &str, hint: &str| Some(Problem::new(place, what, hint));
    let example = format!("Write it like {OPENROUTER_URL} or http://127.0.0.1:11434/v1.");
    let Some(url) = split(base_url) else {
        return problem("is not an http or https address, so no request can be sent", &example);
    };
    if url.has_user || base_url.contains(['?', '#']) {
        return problem(
            "has a user name, a query or a fragment in it, which a base URL must not have",
            &example,
        );
    }
    if has_key && !url.is_https && !is_loopback(url.host) {
        return problem(
            "is plain http to another machine: the key and every prompt can be read on the way",
            "Use https, or a tunnel that ends on this machine.",
        );
    }
    None
}

/// The base URL for people: a password in it is left out.
pub(super) fn shown(base_url: &str) -> String {
    match split(base_url) {
        Some(url) if url.has_user => format!("…@{}{}", url.authority, url.path),
        Some(_) | None => clean_line(base_url),
    }
}

struct Url<'a> {
    is_https: bool,
    /// A user name or password stands before the host.
    has_user: bool,
    /// Host and port, without a user.
    authority: &'a str,
    /// Without port and brackets.
    host: &'a str,
    path: &'a str,
}

fn split(url: &str) -> Option<Url<'_>> {
    let (scheme, rest) = url.split_once("://")?;
    let is_https = scheme.eq_ignore_ascii_case("https");
    if !is_https && !scheme.eq_ignore_ascii_case("http") {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let has_user = authority.contains('@');
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split_once(']')?.0,
        None => authority.split_once(':').map_or(authority, |(host, _)| host),
    };
    let is_sound = !host.is_empty() && !url.contains(|c: char| c.is_whitespace() || c.is_control());
    is_sound.then_some(Url { is_https, has_user, authority, host, path })
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upstream(url: &str) -> Upstream {
        Upstream {
            name: default_name(url),
            base_url: normalise(url),
            base_url_source: Source::Default,
            key: None,
            key_source: Source::Default,
        }
    }

    #[test]
    fn the_service_is_known_by_its_host_and_a_copy_by_its_path() {
        assert!(upstream(OPENROUTER_URL).is_openrouter());
        assert!(upstream("https://eu.openrouter.ai/api/v1/").is_openrouter());
        assert!(upstream("http://127.0.0.1:4181/api/v1").is_openrouter());
        assert!(!upstream("http://127.0.0.1:11434/v1").is_openrouter());
        assert!(!upstream("https://evil-openrouter.ai/api/v1").is_openrouter());
        assert!(!upstream("https://openrouter.ai@evil.example/api/v1").is_openrouter());
    }

    #[test]
    fn only_slashes_at_the_end_are_taken_off() {
        assert_eq!(normalise(" http://host:8080/ "), "http://host:8080");
        assert_eq!(normalise("http://host/v1//"), "http://host/v1");
    }

    #[test]
    fn a_name_is_made_of_the_host() {
        assert_eq!(upstream(OPENROUTER_URL).name, "openrouter");
        assert_eq!(upstream("http://localhost:11434/v1").name, "localhost:11434");
        assert_eq!(upstream("http://ada:secret@host:1/v1").name, "host:1");
        assert_eq!(shown("http://ada:secret@host:1/v1"), "…@host:1/v1");
    }

    #[test]
    fn plain_http_is_for_this_machine_or_without_a_key() {
        for url in ["http://localhost:1/v1", "http://127.0.0.1/v1", "http://[::1]:8/v1"] {
            assert_eq!(judge("x", url, true), None, "{url}");
        }
        assert_eq!(judge("x", "http://10.0.0.7:8000/v1", false), None);
        assert!(judge("x", "http://10.0.0.7:8000/v1", true).is_some());
        assert!(judge("x", "http://localhost.evil.example/v1", true).is_some());
    }

    #[test]
    fn what_is_no_address_is_said() {
        for url in ["openrouter.ai", "ftp://x/v1", "http://", "https:// x", "https://x/v1?key=1"] {
            assert!(judge("x", url, false).is_some(), "{url}");
        }
    }
}
