//! Servers that break off, reset, talk nonsense or do not answer at all.

use std::io::Read;
use std::net::TcpListener;
use std::sync::Mutex;
use std::sync::mpsc;

use routedeck::domain::fault::{Billing, FaultClass};
use routedeck::domain::turn::FinishReason;
use routedeck::upstream::Piece;

use super::support::{
    DEADLINE, DONE, Heard, STOP, ask, begin, chunk, client, delta, finish, raw, respond, serve,
    turn,
};

#[tokio::test]
async fn a_character_cut_between_two_chunks_arrives_whole() {
    let server = serve(|_, stream| {
        begin(stream, "text/event-stream; charset=utf-8");
        for byte in format!("{}{}{STOP}{DONE}", delta("Grüße 👩‍🔬"), delta("日本")).as_bytes()
        {
            chunk(stream, &[*byte]);
        }
        finish(stream);
    });
    let heard = ask(&client(&server.base_url), true).await;
    assert_eq!((heard.text.as_str(), heard.fault), ("Grüße 👩‍🔬日本", None));
    assert_eq!(heard.finishes, [FinishReason::Stop]);
}

#[tokio::test]
async fn a_stream_cut_in_mid_frame_keeps_its_text() {
    let server = serve(|_, stream| {
        begin(stream, "text/event-stream");
        chunk(stream, delta("kept").as_bytes());
        chunk(stream, b"data: {\"choices\":[{\"delta\":{\"content\":\"lo");
    });
    let heard = ask(&client(&server.base_url), true).await;
    let fault = heard.fault.unwrap();
    assert_eq!(heard.text, "kept");
    assert_eq!((fault.class, fault.billing), (FaultClass::CutOff, Billing::MayBeBilled));
    assert_eq!(
        &*fault.message,
        format!("{} closed the connection before the answer was complete.", server.address)
    );
    assert_eq!(fault.provider.as_deref(), Some("P"));
    assert_eq!(fault.generation_id.as_deref(), Some("gen-test"));
}

#[tokio::test]
async fn a_stream_that_ends_orderly_but_too_soon_is_cut_off_too() {
    let server = serve(|_, stream| {
        begin(stream, "text/event-stream");
        chunk(stream, delta("kept").as_bytes());
        finish(stream);
    });
    let heard = ask(&client(&server.base_url), true).await;
    assert_eq!((heard.text.as_str(), heard.fault.unwrap().class), ("kept", FaultClass::CutOff));
}

#[tokio::test]
async fn a_whole_answer_that_stops_half_way_is_cut_off() {
    let server = serve(|_, stream| {
        respond(stream, 200, &[], b"\n  \n{\"choices\":[{\"message\":{\"content\":\"hal");
    });
    let fault = ask(&client(&server.base_url), false).await.fault.unwrap();
    assert_eq!((fault.class, fault.billing), (FaultClass::CutOff, Billing::MayBeBilled));
}

#[tokio::test]
async fn a_reset_in_the_middle_keeps_the_text() {
    let (heard_it, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let server = raw(move |stream, _| {
        // What is left unread when a socket closes turns the close into a reset.
        let mut few = [0; 16];
        let _ = stream.read(&mut few);
        begin(stream, "text/event-stream");
        chunk(stream, delta("kept").as_bytes());
        let _ = wait.lock().unwrap().recv_timeout(DEADLINE);
    });
    let mut answer = client(&server.base_url).chat(&turn(true)).await.unwrap();
    let mut heard = Heard::default();
    while let Some(item) = answer.next().await {
        match item {
            Ok(piece) => {
                let is_text = matches!(piece, Piece::Text(_));
                heard.take(piece);
                if is_text {
                    heard_it.send(()).unwrap();
                }
            }
            Err(fault) => heard.fault = Some(fault),
        }
    }
    let fault = heard.fault.unwrap();
    assert_eq!((heard.text.as_str(), fault.class), ("kept", FaultClass::CutOff));
    assert_eq!(
        &*fault.message,
        format!("{} reset the connection in the middle of the answer.", server.address)
    );
    assert_eq!(fault.billing, Billing::MayBeBilled);
}

#[tokio::test]
async fn a_reset_or_an_end_before_the_answer_is_a_network_fault() {
    let reset = raw(|stream, _| {
        let mut few = [0; 16];
        let _ = stream.read(&mut few);
    });
    let closed = serve(|_, _| {});
    for (server, did) in [(reset, "reset"), (closed, "closed")] {
        let fault = ask(&client(&server.base_url), true).await.fault.unwrap();
        assert_eq!((fault.class, fault.status), (FaultClass::Network, None));
        assert_eq!(
            &*fault.message,
            format!("{} {did} the connection before it answered.", server.address)
        );
        assert_eq!(fault.billing, Billing::MayBeBilled, "the request was out");
        let models = client(&server.base_url).models().await.unwrap_err();
        assert_eq!(models.billing, Billing::NotBilled, "a look-up costs nothing");
    }
}

#[tokio::test]
async fn a_port_where_nobody_listens_refuses() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let fault = ask(&client(&format!("http://{address}/v1")), true).await.fault.unwrap();
    assert_eq!((fault.class, fault.billing), (FaultClass::Network, Billing::NotBilled));
    assert_eq!(&*fault.message, format!("{address} refused the connection."));
    assert!(fault.to_string().contains("Not billed."), "{fault}");
}

#[tokio::test]
async fn garbage_instead_of_http_is_said_so() {
    let server = raw(|stream, _| {
        let mut few = [0; 4096];
        let _ = stream.read(&mut few);
        let _ = std::io::Write::write_all(stream, b"SSH-2.0-OpenSSH_9.9\r\n\x00\xff\xfe");
    });
    let fault = ask(&client(&server.base_url), true).await.fault.unwrap();
    assert_eq!(fault.class, FaultClass::BadUpstream);
    assert_eq!(&*fault.message, format!("{} answered something that is not HTTP.", server.address));
}

#[tokio::test]
async fn garbage_inside_a_success_is_said_so() {
    for body in [
        &b"\x00\xff\xfe\x01\x02 binary"[..],
        b"Hello!",
        b"data: \xff\xfe\n\n",
        b"[1,2,3]",
        b"\"text\"",
    ] {
        let server = serve(move |_, stream| {
            respond(stream, 200, &[("Content-Type", "text/event-stream")], body);
        });
        let heard = ask(&client(&server.base_url), true).await;
        let fault = heard.fault.unwrap();
        assert_eq!(heard.text, "", "{body:?}");
        assert!(fault.message.starts_with(&server.address), "{}", fault.message);
    }
}

#[tokio::test]
async fn a_web_page_is_no_answer() {
    let page: &[u8] = b"<!DOCTYPE html><html><head><title>Sign in to \x1b[31mWiFi</title>";
    for (status, class, message) in [
        (200, FaultClass::BadUpstream, "sent a web page (`Sign in to WiFi`)."),
        (502, FaultClass::ServerError, "answered 502 with a web page (`Sign in to WiFi`)."),
        (403, FaultClass::BadUpstream, "answered 403 with a web page (`Sign in to WiFi`)."),
    ] {
        let server =
            serve(move |_, stream| respond(stream, status, &[("Content-Type", "text/html")], page));
        let fault = ask(&client(&server.base_url), true).await.fault.unwrap();
        assert_eq!((fault.class, fault.status), (class, Some(status)));
        assert_eq!(&*fault.message, format!("{} {message}", server.address));
        assert_eq!(fault.billing, Billing::NotBilled);
        let models = client(&server.base_url).models().await.unwrap_err();
        assert_eq!(models.class, class, "the catalogue is not replaced by a page");
    }
}

#[tokio::test]
async fn servers_that_answer_in_the_other_form_are_understood() {
    let whole = serve(|_, stream| {
        respond(stream, 200, &[("Content-Type", "application/json")],
        br#"{"choices":[{"message":{"role":"assistant","content":"whole"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"cost":0.1}}"#);
    });
    let heard = ask(&client(&whole.base_url), true).await;
    assert_eq!((heard.text.as_str(), heard.fault), ("whole", None));
    assert_eq!(heard.usage.unwrap().billed.unwrap().exact(), "0.1");
    let streamed = serve(|_, stream| {
        respond(
            stream,
            200,
            &[("Content-Type", "text/plain")],
            format!("{}{STOP}{DONE}", delta("streamed")).as_bytes(),
        );
    });
    let heard = ask(&client(&streamed.base_url), false).await;
    assert_eq!((heard.text.as_str(), heard.fault), ("streamed", None));
}

#[tokio::test]
async fn what_breaks_after_the_reason_to_stop_breaks_nothing() {
    let server = serve(|_, stream| {
        begin(stream, "text/event-stream");
        chunk(stream, format!("{}{STOP}", delta("all of it")).as_bytes());
        chunk(stream, b"data: {\"cho");
    });
    let heard = ask(&client(&server.base_url), true).await;
    assert_eq!((heard.text.as_str(), heard.fault), ("all of it", None));
    assert_eq!(heard.finishes, [FinishReason::Stop]);
}
