//! Streams, sizes and stillness: counted, not timed.

use std::time::{Duration, Instant};

use routedeck::domain::conversation::MessageState;
use routedeck::domain::id::ChatId;
use routedeck::engine::{Query, Reply};

use crate::desk::Desk;
use crate::desk::picture::Picture;

/// How long nothing has to happen before a desk counts as idle.
const STILL: Duration = Duration::from_millis(400);

/// The text rows of the transcript: without heads, progress and everything below.
fn top_rows(screen: &Picture, rows: usize) -> Vec<String> {
    screen.lines().into_iter().skip(1).take(rows).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_desk_does_not_even_wake() {
    let desk = Desk::at(120, 40).model("sandbox/echo").open().await;
    desk.ask("hello").await;
    // The first quiet moment: everything that was still on its way has come.
    let quiet = async || {
        let before = desk.counts();
        tokio::time::sleep(STILL).await;
        (before == desk.counts()).then_some(())
    };
    // Twice in a row: no wake-up, no draw, no byte.
    desk.wait_while_not("a quiet moment", quiet).await;
    assert!(quiet().await.is_some(), "the loop turned while nothing happened");
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_deltas_are_a_few_frames() {
    let desk = Desk::at(120, 40).model("sandbox/long").open().await;
    let began = Instant::now();
    desk.ask("6000 words please").await;
    let took = began.elapsed();
    let (_, counts) = desk.quit().await;
    assert!(counts.messages > 1000, "{counts:?}");
    // Thirty frames a second, and one for each key.
    let most = u64::try_from(took.as_millis()).unwrap() / 33 + 40;
    assert!(counts.draws <= most, "{counts:?} in {took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_slow_line_any_number_of_deltas_is_one_frame() {
    let desk = Desk::at(120, 40).model("sandbox/long").open().await;
    desk.type_("2000 words please").wait_for("> 2000 words please").await;
    desk.glass.set_busy(true);
    let before = desk.counts();
    desk.press("enter");
    desk.wait_while_not("the whole answer arrived", async || {
        let reply = desk.engine.ask(Query::Chat(ChatId(1))).await.unwrap();
        let Reply::Chat(chat) = reply else { panic!("{reply:?}") };
        (chat?.messages.last()?.state == MessageState::Done).then_some(())
    })
    .await;
    assert_eq!(desk.counts().frames, before.frames, "nothing is drawn on a busy line");
    desk.glass.set_busy(false);
    desk.wait_answered().await;
    let frames = desk.counts().frames - before.frames;
    assert!(frames <= 4, "{frames} frames");
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_who_scrolled_up_is_not_moved_by_a_stream() {
    let pace = Duration::from_millis(2);
    let desk = Desk::at(100, 30).model("sandbox/long").pace(pace).open().await;
    desk.say("9000 words please").await;
    desk.wait_gone("#2").await;
    desk.press("pageup pageup").wait_for("new text below · End follows").await;
    let held = top_rows(&desk.picture(), 20);
    // What the answer cost so far is counted anew every second: a sign that text still comes.
    let cost = |screen: &Picture| screen.status().split("chat").nth(1).map(str::to_owned);
    for _ in 0..2 {
        let before = cost(&desk.picture());
        desk.wait_until("more text came", |screen| cost(screen) != before).await;
    }
    assert_eq!(top_rows(&desk.picture(), 20), held);
    desk.press("esc").wait_gone("stop, keep text").await;
    assert_eq!(top_rows(&desk.picture(), 20), held);
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn end_goes_back_to_the_stream() {
    let pace = Duration::from_millis(2);
    let desk = Desk::at(100, 30).model("sandbox/long").pace(pace).open().await;
    desk.say("5000 words please").await;
    desk.wait_gone("#2").await;
    desk.press("tab pageup").wait_for("new text below").await;
    desk.press("end").wait_gone("new text below").await;
    desk.wheel(true).wait_for("new text below").await;
    desk.press("G").wait_gone("new text below").await;
    desk.wait_for("stop, keep text").await;
    desk.press("esc").wait_for("stopped by you").await;
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resize_storm_in_mid_stream_ends_in_the_same_picture_as_no_storm() {
    let open = |w, h| Desk::at(w, h).model("sandbox/long").open();
    let calm = open(90, 28).await;
    calm.ask("1200 words please").await;
    let wanted = calm.picture().steady();
    calm.quit().await;

    let desk = Desk::at(90, 28).model("sandbox/long").pace(Duration::from_micros(300)).open().await;
    desk.say("1200 words please").await;
    for round in 0u16..120 {
        desk.resize(20 + round * 37 % 180, 3 + round * 17 % 60);
        if round % 7 == 0 {
            tokio::task::yield_now().await;
        }
    }
    desk.resize(1, 1).resize(2, 1).resize(1, 2).resize(90, 28);
    let screen = desk.wait_answered().await.steady();
    assert_eq!(top_rows(&screen, 22), top_rows(&wanted, 22));
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_smallest_windows_say_so_and_come_back() {
    let desk = Desk::at(80, 24).model("sandbox/echo").open().await;
    desk.type_("kept").wait_for("> kept").await;
    desk.resize(12, 3).wait_for("too small").await;
    for (width, height) in [(1, 1), (1, 24), (80, 1), (3, 2), (20, 5)] {
        desk.resize(width, height);
    }
    desk.resize(80, 24).wait_for("> kept").await;
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_hostile_answer_reaches_the_terminal() {
    let desk = Desk::at(100, 60).model("sandbox/hostile").open().await;
    desk.ask("attack").await;
    desk.press("esc pageup");
    desk.press("f8").wait_for("attack").await;
    desk.press("enter").wait_for("#2").await;
    let bytes = desk.glass.bytes();
    let strange = desk.glass.heard(|heard| heard.strange.clone());
    let (copied, bells) = desk.glass.heard(|heard| (heard.copied.len(), heard.bells));
    assert_eq!((strange, copied, bells), (Vec::<String>::new(), 0, 0));
    for (at, sequence) in sequences(&bytes) {
        assert!(is_ours(sequence), "at byte {at}: {:?}", String::from_utf8_lossy(sequence));
    }
    let text = String::from_utf8(bytes).unwrap();
    for c in text.chars() {
        let turns =
            matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{80}'..='\u{9f}');
        assert!(!turns, "{c:?}");
        assert!(!c.is_control() || "\u{1b}\r\n\u{8}".contains(c), "{c:?}");
    }
    desk.quit().await;
}

/// Escape sequences and where they begin.
fn sequences(bytes: &[u8]) -> Vec<(usize, &[u8])> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(escape) = bytes[at..].iter().position(|byte| *byte == 0x1b) {
        let start = at + escape;
        let body = &bytes[start + 1..];
        let end = match body.first() {
            Some(b'[') => body[1..].iter().position(|b| (0x40..=0x7e).contains(b)).map(|n| n + 2),
            Some(_) | None => Some(1),
        };
        at = start + 1 + end.unwrap_or(body.len());
        found.push((start, &bytes[start..at.min(bytes.len())]));
    }
    found
}

/// Moves, colours, erasing, scrolling, the cursor (kept and brought back, too) and synchronized updates: what frames are made
/// of. No titles, clipboards, links, reports or device controls.
fn is_ours(sequence: &[u8]) -> bool {
    let Some(b'[') = sequence.get(1) else { return matches!(sequence.get(1), Some(b'7' | b'8')) };
    let last = sequence[sequence.len() - 1];
    let inside = &sequence[2..sequence.len() - 1];
    let plain = inside.iter().all(|b| b.is_ascii_digit() || matches!(b, b';' | b':'));
    match last {
        b'm' | b'H' | b'A' | b'B' | b'C' | b'D' | b'G' | b'd' | b'J' | b'K' | b'X' | b'S'
        | b'T' | b'r' | b'b' | b'L' | b'M' => plain,
        b'q' => inside.ends_with(b" "),
        b'h' | b'l' => matches!(inside, b"?2026" | b"?25" | b"?7"),
        _ => false,
    }
}
