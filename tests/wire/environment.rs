//! Names that do not resolve, proxies and certificates. What depends on environment variables
//! runs in a process of its own with an environment of its own.

use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;

use base64::Engine;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use routedeck::domain::fault::{Billing, FaultClass};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::support::{ask, client, raw, read_request, respond, serve};

const TARGET: &str = "ROUTEDECK_TEST_TARGET";

/// Not a test by itself: asks the target in the environment and prints the fault.
#[tokio::test]
async fn child_asks_and_prints() {
    let Ok(target) = std::env::var(TARGET) else { return };
    let heard = ask(&client(&target), true).await;
    match heard.fault {
        Some(fault) => {
            println!("FAULT {} {:?} {}", fault.class.as_str(), fault.billing, fault.message);
        }
        None => println!("TEXT {}", heard.text),
    }
}

/// What a client says of `target` when these variables and no other proxy variables are set.
fn in_environment(target: &str, variables: &[(&str, &str)]) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "environment::child_asks_and_prints", "--nocapture"]);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        child.env_remove(name).env_remove(name.to_lowercase());
    }
    let out = child.env(TARGET, target).envs(variables.iter().copied()).output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let line = text
        .lines()
        .find_map(|l| l.find("FAULT ").or(l.find("TEXT ")).map(|at| l[at..].to_owned()));
    line.unwrap_or_else(|| panic!("the child said nothing: {text}"))
}

fn refusing_port() -> String {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    free.local_addr().unwrap().to_string()
}

#[test]
fn a_name_that_does_not_resolve_is_named() {
    let said = in_environment("http://no-such-host.invalid/v1", &[]);
    assert!(
        said.starts_with(
            "FAULT network NotBilled The name of no-such-host.invalid cannot be found ("
        ),
        "{said}"
    );
}

#[test]
fn a_proxy_of_the_environment_is_used() {
    let proxy = serve(|seen, stream| {
        let body = format!(
            "{{\"choices\":[{{\"message\":{{\"content\":\"via {}\"}},\"finish_reason\":\"stop\"}}]}}",
            seen.path()
        );
        respond(stream, 200, &[], body.as_bytes());
    });
    let said = in_environment(
        "http://service.invalid/v1",
        &[("http_proxy", &format!("http://{}", proxy.address))],
    );
    assert_eq!(said, "TEXT via http://service.invalid/v1/chat/completions");
}

#[test]
fn a_proxy_that_refuses_is_named_with_its_variable() {
    let port = refusing_port();
    let said = in_environment(
        "http://service.invalid/v1",
        &[("http_proxy", &format!("http://me:secret@{port}"))],
    );
    assert_eq!(
        said,
        format!(
            "FAULT network NotBilled The proxy {port} (from http_proxy), on the way to service.invalid, refused the connection."
        )
    );
}

#[test]
fn a_proxy_that_opens_no_way_is_told_from_the_service() {
    for (status, reason) in [
        (403, "did not open a way (tunnel error: unsuccessful)"),
        (407, "wants a name and a password"),
    ] {
        let proxy = serve(move |_, stream| respond(stream, status, &[], b""));
        let said = in_environment(
            "https://service.invalid/v1",
            &[("https_proxy", &format!("http://me:secret@{}", proxy.address))],
        );
        assert_eq!(
            said,
            format!(
                "FAULT network NotBilled The proxy {} {reason}, on the way to service.invalid.",
                proxy.address
            )
        );
        assert!(proxy.seen().head.starts_with("CONNECT service.invalid:443 "));
    }
}

#[test]
fn this_machine_is_reached_without_a_proxy() {
    let server = serve(|_, stream| {
        respond(
            stream,
            200,
            &[],
            br#"{"choices":[{"message":{"content":"direct"},"finish_reason":"stop"}]}"#,
        );
    });
    let said = in_environment(
        &server.base_url,
        &[("ALL_PROXY", "http://127.0.0.1:1"), ("http_proxy", "http://127.0.0.1:1")],
    );
    assert_eq!(said, "TEXT direct");
}

#[tokio::test]
async fn a_server_without_tls_is_told_from_a_dead_one() {
    let server = raw(|stream, _| {
        let _ = read_request(stream);
    });
    let plain = raw(|stream, _| {
        use std::io::{Read, Write};
        let mut hello = [0; 2048];
        let _ = stream.read(&mut hello);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    });
    drop(server);
    let fault = ask(&client(&format!("https://{}/v1", plain.address)), true).await.fault.unwrap();
    assert_eq!((fault.class, fault.billing), (FaultClass::Network, Billing::NotBilled));
    assert_eq!(
        &*fault.message,
        format!(
            "No secure connection to {}: it does not speak TLS; perhaps the base URL should begin with http://.",
            plain.address
        )
    );
}

/// A self-signed certificate for `localhost`; the key that belongs to it was thrown away.
const CERTIFICATE: &str = include_str!("../fixtures/openrouter/self-signed.crt.base64");

#[derive(Debug)]
struct OneCertificate(Arc<CertifiedKey>);

impl ResolvesServerCert for OneCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused_and_said_so() {
    let text: String = CERTIFICATE.split_whitespace().collect();
    let certificate =
        CertificateDer::from(base64::engine::general_purpose::STANDARD.decode(text).unwrap());
    let fresh = EcdsaKeyPair::generate_pkcs8(
        &ECDSA_P256_SHA256_ASN1_SIGNING,
        &ring::rand::SystemRandom::new(),
    )
    .unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(fresh.as_ref().to_vec()));
    let certified = CertifiedKey::new(vec![certificate], any_supported_type(&key).unwrap());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(OneCertificate(Arc::new(certified))));
    let config = Arc::new(config);
    let server = raw(move |stream, _| {
        let mut tls = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
        while tls.is_handshaking() && tls.complete_io(stream).is_ok() {}
    });
    let fault = ask(&client(&format!("https://{}/v1", server.address)), true).await.fault.unwrap();
    assert_eq!((fault.class, fault.billing), (FaultClass::Network, Billing::NotBilled));
    assert_eq!(
        &*fault.message,
        format!(
            "No secure connection to {}: its certificate comes from an issuer that this machine does not trust.",
            server.address
        )
    );
}
