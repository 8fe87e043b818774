use super::*;
use FaultClass as C;
use proptest::prelude::*;

fn read(bytes: &[u8], size: usize) -> (Vec<Piece>, Option<Fault>) {
    let place = Place::new(&"http://127.0.0.1:9/v1".parse().unwrap(), None);
    let headers = HeaderMap::new();
    let context = Context { place: &place, headers: &headers };
    let mut reader = Reader::new();
    let mut verdict = Verdict::More;
    for piece in bytes.chunks(size.max(1)) {
        verdict = reader.push(piece, &context);
        if verdict != Verdict::More {
            break;
        }
    }
    if verdict == Verdict::More {
        verdict = reader.end(&context);
    }
    let mut pieces: Vec<Piece> = Vec::new();
    for piece in reader.pieces.into_iter().filter(|p| *p != Piece::Alive) {
        match (pieces.last_mut(), piece) {
            (Some(Piece::Text(all)), Piece::Text(more)) => all.push_str(&more),
            (_, piece) => pieces.push(piece),
        }
    }
    match verdict {
        Verdict::End => (pieces, None),
        Verdict::Fail(fault) => (pieces, Some(*fault)),
        Verdict::More => panic!("an end that is none"),
    }
}

fn class(text: &str) -> Option<C> {
    read(text.as_bytes(), 7).1.map(|f| f.class)
}

const HELLO: &str = "data: {\"id\":\"g\",\"choices\":[{\"delta\":{\"content\":\"Hé 😀\"}}]}\n\n";
const STOP: &str =
    "data: {\"choices\":[{\"delta\":{\"content\":\"\"},\"finish_reason\":\"stop\"}]}\n\n";
const DONE: &str = "data: [DONE]\n\n";

#[test]
fn the_end_is_known_by_reason_or_mark() {
    let text = Piece::Text("Hé 😀".into());
    let head = Piece::Head { id: Some("g".into()), model: None, provider: None };
    let stop = Piece::Finish(FinishReason::Stop);
    for stream in [
        format!("{HELLO}{STOP}{DONE}"),
        format!("{HELLO}{STOP}"),
        format!("{HELLO}{DONE}"),
        format!("{HELLO}{STOP}{STOP}{DONE}{DONE}"),
        format!("{HELLO}{STOP}").replace("\n\ndata", "\ndata"),
    ] {
        assert_eq!(
            read(stream.as_bytes(), 5),
            (vec![head.clone(), text.clone(), stop.clone()], None),
            "{stream}"
        );
    }
}

#[test]
fn what_ends_early_is_cut_off_and_keeps_what_came() {
    for stream in [HELLO.to_owned(), format!("{HELLO}data: {{\"choices\":[{{\"delta\":{{\"cont")] {
        let (pieces, fault) = read(stream.as_bytes(), 1000);
        let fault = fault.unwrap();
        assert_eq!((fault.class, fault.billing), (C::CutOff, Billing::MayBeBilled));
        assert_eq!(
            &*fault.message,
            "127.0.0.1:9 closed the connection before the answer was complete."
        );
        assert_eq!(fault.generation_id.as_deref(), Some("g"));
        assert!(pieces.contains(&Piece::Text("Hé 😀".into())));
    }
    for begun in
        [": ping\n\n", "data: {\"choi", "  \n  ", "{\"choices\":[{\"message\":{\"content\":\"hal"]
    {
        assert_eq!(class(begun), Some(C::CutOff), "{begun}");
    }
}

#[test]
fn what_is_no_answer_is_said_so() {
    for (body, sent) in [
        ("", "an answer with nothing in it"),
        ("<html><title>Hi</title>", "a web page (`Hi`)"),
        ("Hello, I am a server", "something that is no answer"),
        ("data: nonsense\n\n", "something that is no answer"),
        ("{\"hello\":1}", "JSON that is no answer"),
        ("{\"choices\":[]}", "JSON that is no answer"),
        (DONE, "an answer that says nothing"),
        ("{\"choices\":[{\"message\":{\"content\":\"\"}}]}", "an answer that says nothing"),
    ] {
        let fault = read(body.as_bytes(), 3).1.unwrap();
        assert_eq!(
            (fault.class, &*fault.message, fault.billing),
            (C::BadUpstream, &*format!("127.0.0.1:9 sent {sent}."), Billing::NotBilled),
            "{body}"
        );
    }
}

#[test]
fn one_unreadable_event_is_skipped_and_many_are_not() {
    let bad = "data: {oops}\n\n";
    assert_eq!(class(&format!("{bad}{HELLO}{bad}{bad}{STOP}")), None);
    assert_eq!(class(&format!("{HELLO}{}{STOP}", bad.repeat(4))), Some(C::BadUpstream));
}

#[test]
fn errors_inside_a_success_end_it() {
    let chunk = "data: {\"error\":{\"code\":429,\"message\":\"Slow down\"},\"choices\":[{\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\"}]}\n\n";
    let before = read(format!("{chunk}{DONE}").as_bytes(), 9).1.unwrap();
    assert_eq!(
        (before.class, before.billing, before.status),
        (C::RateLimit, Billing::NotBilled, Some(429))
    );
    let (pieces, after) = read(format!("{HELLO}{chunk}").as_bytes(), 9);
    assert_eq!(after.unwrap().billing, Billing::MayBeBilled);
    assert!(!pieces.iter().any(|p| matches!(p, Piece::Finish(_))));
    let whole = "{\"choices\":[{\"message\":{\"content\":\"half\"},\"finish_reason\":\"error\",\"error\":{\"code\":502,\"message\":\"m\"}}]}";
    let (pieces, fault) = read(whole.as_bytes(), 9);
    assert_eq!((pieces, fault.unwrap().class), (vec![Piece::Text("half".into())], C::ServerError));
    assert_eq!(class("{\"error\":\"model 'x' not found\"}"), Some(C::ModelGone));
    assert_eq!(class("{\"detail\":\"No such model\"}"), Some(C::ModelGone));
    assert_eq!(
        class(&format!("{HELLO}{}{DONE}", STOP.replace("stop", "error"))),
        Some(C::ServerError)
    );
    assert_eq!(class(": c\n{\"error\":{\"code\":503,\"message\":\"m\"}}\n\n"), Some(C::Overloaded));
}

#[test]
fn a_whole_answer_may_begin_with_white_space_and_a_mark() {
    for start in ["", "\n         \n\n         \n", "\u{feff}", "\u{feff} \n"] {
        let body = format!(
            "{start}{{\"choices\":[{{\"message\":{{\"content\":\"x\"}},\"finish_reason\":\"length\"}}]}}"
        );
        for size in [1, 2, 1000] {
            let want = (vec![Piece::Text("x".into()), Piece::Finish(FinishReason::Length)], None);
            assert_eq!(read(body.as_bytes(), size), want, "{start:?}");
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_panic_and_no_split_changes_the_result(
        bytes in prop::collection::vec(any::<u8>(), 0..120), size in 1usize..9,
        frames in prop::collection::vec(prop::sample::select(vec![HELLO, STOP, DONE, ": c\n\n", "data: x\n\n", " \n"]), 0..6)
    ) {
        let mut all = frames.concat().into_bytes();
        all.extend_from_slice(&bytes);
        let whole = read(&all, all.len());
        prop_assert_eq!(read(&all, size), whole);
    }
}
