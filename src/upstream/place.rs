//! Where a client talks to: its name in sentences, the proxy on the way, and the key that must
//! not show up in any of them.

use reqwest::Url;

use crate::domain::fault::Fault;
use crate::domain::secret::Secret;
use crate::domain::text::SafeText;

/// The other side of the wire.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// `openrouter.ai`, or `127.0.0.1:8080` where the port is not the usual one.
    pub(super) host: String,
    pub(super) is_https: bool,
    pub(super) is_loopback: bool,
    key: Option<Secret>,
}

impl Place {
    pub(super) fn new(url: &Url, key: Option<Secret>) -> Place {
        let name = url.host_str().unwrap_or("?");
        let host = url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        let bare = name.trim_matches(['[', ']']);
        let is_loopback = bare == "localhost"
            || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        Place { host, is_https: url.scheme() == "https", is_loopback, key }
    }

    /// A fault without the key, whoever put it there. A reset or an echo by a server must not
    /// carry it to the screen or the database.
    pub(super) fn seal(&self, mut fault: Fault) -> Fault {
        let Some(key) = &self.key else { return fault };
        let clean = |text: &mut SafeText| {
            if text.contains(key.expose()) {
                *text = SafeText::new(text.replace(key.expose(), &key.masked()));
            }
        };
        clean(&mut fault.message);
        for text in
            [&mut fault.code, &mut fault.provider, &mut fault.hint, &mut fault.generation_id]
        {
            text.as_mut().map(clean);
        }
        fault
    }

    /// The proxy that the environment names for this place, without its password.
    pub(super) fn proxy(&self) -> Option<Proxy> {
        self.proxy_in(&|name| std::env::var(name).ok())
    }

    fn proxy_in(&self, env: &dyn Fn(&str) -> Option<String>) -> Option<Proxy> {
        let first = |names: &[&'static str]| {
            names.iter().find_map(|name| Some((*name, env(name).filter(|v| !v.trim().is_empty())?)))
        };
        let exempt =
            first(&["NO_PROXY", "no_proxy"]).is_some_and(|(_, list)| self.is_exempt(&list));
        if self.is_loopback || exempt {
            return None;
        }
        let own: &[&str] = match self.is_https {
            true => &["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"],
            false => &["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"],
        };
        let (variable, value) = first(own)?;
        let behind_scheme = value.split_once("://").map_or(&*value, |(_, rest)| rest);
        let authority = behind_scheme.split('/').next().unwrap_or_default();
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        Some(Proxy { variable, host: host.to_owned() })
    }

    fn is_exempt(&self, list: &str) -> bool {
        let name = self.host.split(':').next().unwrap_or_default();
        list.split(',').map(str::trim).any(|entry| {
            let suffix = entry.trim_start_matches("*.").trim_start_matches('.');
            let is_below = || name.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.'));
            entry == "*" || (!suffix.is_empty() && (name == suffix || is_below()))
        })
    }
}

/// A proxy and the variable that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Proxy {
    pub(super) variable: &'static str,
    pub(super) host: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fault::FaultClass;

    fn place(url: &str) -> Place {
        Place::new(&url.parse().unwrap(), Secret::new("sk-or-v1-0123456789abcdef"))
    }

    fn proxy(url: &str, env: &[(&str, &str)]) -> Option<(String, String)> {
        let read = |name: &str| env.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        place(url).proxy_in(&read).map(|p| (p.variable.to_owned(), p.host))
    }

    #[test]
    fn places_are_named_without_a_usual_port() {
        assert_eq!(place("https://openrouter.ai/api/v1").host, "openrouter.ai");
        assert_eq!(place("http://user:pass@127.0.0.1:8080/v1").host, "127.0.0.1:8080");
        assert!(place("http://[::1]:80/").is_loopback && place("http://localhost").is_loopback);
        assert!(!place("http://10.0.0.1").is_loopback);
    }

    #[test]
    fn the_proxy_is_the_one_of_the_scheme_and_shows_no_password() {
        let env =
            [("HTTPS_PROXY", "http://me:secret@proxy.example:3128/"), ("http_proxy", "plain:1")];
        let (https, http) = ("https://openrouter.ai", "http://example.org");
        assert_eq!(proxy(https, &env), Some(("HTTPS_PROXY".into(), "proxy.example:3128".into())));
        assert_eq!(proxy(http, &env), Some(("http_proxy".into(), "plain:1".into())));
        assert_eq!(
            proxy(https, &[("ALL_PROXY", "socks5://s:1080")]),
            Some(("ALL_PROXY".into(), "s:1080".into()))
        );
        assert_eq!(proxy("http://127.0.0.1:1", &env), None);
        assert_eq!(proxy(https, &[]), None);
        for list in ["*", "openrouter.ai", "x,.openrouter.ai"] {
            assert_eq!(proxy(https, &[env[0], ("NO_PROXY", list)]), None, "{list}");
        }
        assert!(proxy(https, &[env[0], ("NO_PROXY", "router.ai")]).is_some());
    }

    #[test]
    fn a_sealed_fault_holds_no_key() {
        let key = "sk-or-v1-0123456789abcdef";
        let mut fault = Fault::new(FaultClass::KeyAuth, format!("bad key {key}!"));
        fault.hint = Some(SafeText::new(format!("is {key} right?")));
        let sealed = place("http://x").seal(fault);
        assert!(!format!("{sealed:?}").contains(key));
        assert_eq!(&*sealed.message, "bad key sk-or-v1-012…def!");
    }
}
