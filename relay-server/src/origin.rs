//! Which web pages may open a connection.
//!
//! A browser lets any page open a WebSocket to any address and says in `Origin` which page it is.
//! No `Origin` means that it is not a browser.

use axum::http::{HeaderMap, header};

/// The rule, see [`crate::Config`].
#[derive(Debug, Clone)]
pub(crate) struct OriginRule {
    pub(crate) allowed: Vec<String>,
    pub(crate) local: bool,
}

impl OriginRule {
    pub(crate) fn admits(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else {
            return true;
        };
        let Ok(origin) = origin.to_str() else {
            return false;
        };
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        self.is_listed(origin) || self.is_local(origin) || self.is_same_host(origin, host)
    }

    fn is_listed(&self, origin: &str) -> bool {
        self.allowed.iter().any(|entry| match entry.strip_suffix('*') {
            Some("") => true,
            Some(scheme) if scheme.ends_with("://") => origin.starts_with(scheme),
            _ => entry.trim_end_matches('/').eq_ignore_ascii_case(origin),
        })
    }

    fn is_local(&self, origin: &str) -> bool {
        self.local && authority(origin).is_some_and(|authority| is_loopback(host_of(authority)))
    }

    fn is_same_host(&self, origin: &str, host: Option<&str>) -> bool {
        // A page of a foreign name that resolves to this machine has that name as host too.
        let trusted = |host: &&str| !self.local || is_loopback(host_of(host));
        match (authority(origin), host.filter(trusted)) {
            (Some(authority), Some(host)) => authority.eq_ignore_ascii_case(host),
            _ => false,
        }
    }
}

/// Host and port of a web origin.
fn authority(origin: &str) -> Option<&str> {
    let web = origin.strip_prefix("http://");
    web.or_else(|| origin.strip_prefix("https://"))
}

fn host_of(authority: &str) -> &str {
    if let Some(rest) = authority.strip_prefix('[') {
        return rest.split(']').next().unwrap_or_default();
    }
    authority.split(':').next().unwrap_or_default()
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(rule: &OriginRule, origin: &str, host: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, origin.parse().unwrap());
        headers.insert(header::HOST, host.parse().unwrap());
        rule.admits(&headers)
    }

    fn rule(allowed: &[&str], local: bool) -> OriginRule {
        OriginRule { allowed: allowed.iter().map(|entry| (*entry).into()).collect(), local }
    }

    #[test]
    fn without_an_origin_it_is_no_page() {
        assert!(rule(&[], false).admits(&HeaderMap::new()));
    }

    #[test]
    fn a_local_relay_takes_pages_of_this_machine_only() {
        let local = rule(&[], true);
        for origin in ["http://localhost:3000", "http://127.0.0.1:8080", "http://[::1]:9"] {
            assert!(admits(&local, origin, "127.0.0.1:7420"), "{origin}");
        }
        for origin in ["https://evil.example", "null", "http://localhost.evil.example", ""] {
            assert!(!admits(&local, origin, "127.0.0.1:7420"), "{origin}");
        }
    }

    #[test]
    fn a_name_bound_anew_to_this_machine_does_not_pass_as_the_same_host() {
        let origin = "http://evil.example:7420";
        assert!(!admits(&rule(&[], true), origin, "evil.example:7420"));
    }

    #[test]
    fn a_public_relay_takes_its_own_pages_and_the_listed() {
        let public = rule(&["https://app.example", "vscode-webview://*"], false);
        assert!(admits(&public, "https://relay.example", "relay.example"));
        assert!(admits(&public, "https://app.example", "relay.example"));
        assert!(admits(&public, "vscode-webview://abc", "relay.example"));
        assert!(!admits(&public, "http://localhost:3000", "relay.example"));
        assert!(!admits(&public, "https://app.example.evil", "relay.example"));
    }
}
