//! Servers that say nothing, or nothing that counts, with time-outs short enough for a test.

use std::io::Write;
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use routedeck::domain::fault::{Billing, Fault, FaultClass};
use routedeck::upstream::{Client, Timeouts};

use super::support::{
    DEADLINE, Heard, STOP, ask, begin, chunk, delta, hold, patient, serve, settings,
};

const SHORT: Duration = Duration::from_millis(150);

fn hasty(base_url: &str, timeouts: Timeouts) -> Client {
    let mut settings = settings(base_url);
    settings.timeouts = timeouts;
    Client::new(settings)
}

async fn heard(stream: bool, timeouts: Timeouts, script: fn(&mut TcpStream)) -> (Heard, String) {
    let server = serve(move |_, stream| {
        script(stream);
        hold(stream);
    });
    (ask(&hasty(&server.base_url, timeouts), stream).await, server.address)
}

fn silent(fault: Option<Fault>, address: &str, what: &str) {
    let fault = fault.expect("a fault");
    assert_eq!((fault.class, fault.billing), (FaultClass::Silent, Billing::MayBeBilled));
    assert_eq!(&*fault.message, format!("{address} {what} within 150 ms."));
}

#[tokio::test]
async fn headers_that_never_come() {
    let slow = Timeouts { first: SHORT, ..patient() };
    let (heard, address) = heard(true, slow, |stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/ev");
    })
    .await;
    silent(heard.fault, &address, "did not answer");
}

#[tokio::test]
async fn an_answer_that_never_begins() {
    let slow = Timeouts { first: SHORT, ..patient() };
    let (heard, address) = heard(true, slow, |stream| begin(stream, "text/event-stream")).await;
    silent(heard.fault, &address, "sent no content");
}

/// Writes `piece` every 20 ms until the other side is gone.
fn drip(stream: &mut TcpStream, piece: &[u8]) {
    let began = Instant::now();
    while began.elapsed() < DEADLINE {
        let line = [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat();
        if stream.write_all(&line).is_err() {
            return;
        }
        pace(Duration::from_millis(20));
    }
}

/// The pace of a server, not a wait for anything.
fn pace(time: Duration) {
    let (_keep, never) = mpsc::channel::<()>();
    let _ = never.recv_timeout(time);
}

#[tokio::test]
async fn keep_alives_are_no_content() {
    let slow = Timeouts { first: SHORT, ..patient() };
    let (heard, address) = heard(true, slow, |stream| {
        begin(stream, "text/event-stream");
        drip(stream, b": OPENROUTER PROCESSING\n\n");
    })
    .await;
    assert!(heard.alive > 0);
    silent(heard.fault, &address, "sent no content");
}

#[tokio::test]
async fn an_empty_role_delta_is_no_content() {
    let slow = Timeouts { first: SHORT, ..patient() };
    let (heard, address) = heard(true, slow, |stream| {
        begin(stream, "text/event-stream");
        chunk(
            stream,
            b"data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n",
        );
    })
    .await;
    silent(heard.fault, &address, "sent no content");
}

#[tokio::test]
async fn keep_alives_hold_the_line() {
    let server = serve(|_, stream| {
        begin(stream, "text/event-stream");
        let began = Instant::now();
        while began.elapsed() < 4 * SHORT {
            chunk(stream, b": OPENROUTER PROCESSING\n\n");
            pace(Duration::from_millis(20));
        }
        chunk(stream, format!("{}{STOP}", delta("late")).as_bytes());
    });
    let idle = Timeouts { idle: SHORT * 2, ..patient() };
    let heard = ask(&hasty(&server.base_url, idle), true).await;
    assert_eq!((heard.text.as_str(), heard.fault), ("late", None));
}

#[tokio::test]
async fn white_space_before_a_whole_answer_is_its_beginning() {
    let server = serve(|_, stream| {
        begin(stream, "application/json");
        let began = Instant::now();
        while began.elapsed() < 4 * SHORT {
            chunk(stream, b"\n         \n");
            pace(Duration::from_millis(20));
        }
        chunk(stream, br#"{"choices":[{"message":{"content":"late"},"finish_reason":"stop"}]}"#);
        let _ = stream.write_all(b"0\r\n\r\n");
    });
    let first = Timeouts { first: SHORT * 2, ..patient() };
    let heard = ask(&hasty(&server.base_url, first), false).await;
    assert_eq!((heard.text.as_str(), heard.fault), ("late", None));
}

#[tokio::test]
async fn a_stall_in_the_middle_keeps_the_text() {
    let idle = Timeouts { idle: SHORT, ..patient() };
    let (heard, address) = heard(true, idle, |stream| {
        begin(stream, "text/event-stream");
        chunk(stream, delta("kept").as_bytes());
        chunk(stream, b"data: {\"choices\":");
    })
    .await;
    assert_eq!(heard.text, "kept");
    assert_eq!(heard.fault.as_ref().and_then(|f| f.provider.as_deref()), Some("P"));
    silent(heard.fault, &address, "sent nothing");
}

#[tokio::test]
async fn a_server_that_forgets_to_close_after_the_end_is_not_waited_for() {
    let idle = Timeouts { idle: SHORT, ..patient() };
    let (heard, _) = heard(true, idle, |stream| {
        begin(stream, "text/event-stream");
        chunk(stream, format!("{}{STOP}", delta("all")).as_bytes());
    })
    .await;
    assert_eq!((heard.text.as_str(), heard.fault), ("all", None));
}

#[tokio::test]
async fn a_look_up_that_never_ends_is_given_up() {
    let server = serve(|_, stream| {
        begin(stream, "application/json");
        drip(stream, b" ");
    });
    let client = hasty(&server.base_url, Timeouts { call: SHORT, ..patient() });
    let fault = client.models().await.unwrap_err();
    assert_eq!((fault.class, fault.billing), (FaultClass::Silent, Billing::NotBilled));
    assert_eq!(&*fault.message, format!("{} did not answer within 150 ms.", server.address));
}

#[tokio::test]
async fn an_error_whose_body_never_ends_is_still_an_error() {
    let server = serve(|_, stream| {
        let _ = stream
            .write_all(b"HTTP/1.1 429 X\r\nTransfer-Encoding: chunked\r\nRetry-After: 7\r\n\r\n");
        hold(stream);
    });
    let client = hasty(&server.base_url, Timeouts { idle: SHORT, ..patient() });
    let fault = ask(&client, true).await.fault.unwrap();
    assert_eq!((fault.class, fault.retry_after_ms), (FaultClass::RateLimit, Some(7000)));
}
