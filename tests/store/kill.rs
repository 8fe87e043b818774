//! Kill -9 in mid-turn: what had come is there, up to a tenth of a second.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Duration;

use routedeck::domain::ask::ChunkKind;
use routedeck::domain::conversation::MessageState;
use routedeck::domain::turn::Keep;
use routedeck::store::Store;

use crate::support::{Bed, NOON, as_child, child, list, messages, run, said, turn};

/// A piece arrives every 2 ms, and is handed to the store together with others every 80 ms.
const PIECE_MS: u64 = 2;
const CHECKPOINT_MS: u64 = 80;
/// At most this much time's worth of text may be lost.
const MOST_LOST_MS: u64 = 100;

fn piece(number: usize) -> String {
    format!("{number:06} ")
}

/// The victim: streams for ever and says how many pieces have come.
#[test]
fn victim() {
    let Some((path, _)) = as_child() else { return };
    run(async {
        let store = Store::open(&path, NOON).unwrap().store;
        said(&store, "first question", "whole answer").await;
        let rows = store.begin_turn(turn("tell me all", Keep::NewChat)).await.unwrap();
        let mut clock = tokio::time::interval(Duration::from_millis(PIECE_MS));
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut held = String::new();
        for number in 0.. {
            clock.tick().await;
            held.push_str(&piece(number));
            if (number as u64 + 1).is_multiple_of(CHECKPOINT_MS / PIECE_MS) {
                store.append(rows.answer, ChunkKind::Text, std::mem::take(&mut held));
            }
            println!("came {}", number + 1);
            std::io::stdout().flush().unwrap();
        }
    });
}

/// Starts the victim, kills it when so many pieces have come, says how many had in the end.
fn killed_after(bed: &Bed, pieces: usize) -> usize {
    let mut child = child("kill::victim", &bed.path, "").stdout(Stdio::piped()).spawn().unwrap();
    let mut last = 0;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let Some(count) = line.strip_prefix("came ") else { continue };
        // The very last line may be torn.
        last = count.parse().map_or(last, |count: usize| count.max(last));
        if last == pieces {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(last >= pieces, "the victim died early, after {last} pieces");
    last
}

#[test]
fn a_killed_program_loses_at_most_a_tenth_of_a_second() {
    // Right after a checkpoint, in the middle, right before one.
    for pieces in [121, 180, 239] {
        let bed = Bed::new();
        let came = killed_after(&bed, pieces);

        let opened = bed.open();
        let notice = "1 answer was interrupted when routedeck ended; what had come is kept";
        assert_eq!(opened.notices, [notice]);
        run(async {
            let chats = list(&opened.store).await;
            let titles: Vec<_> = chats.iter().map(|c| c.chat.title.as_str()).collect();
            assert_eq!(titles, ["first question", "tell me all"]);
            let first = messages(&opened.store, chats[0].chat.id).await;
            assert_eq!((first[1].state, &*first[1].text), (MessageState::Done, "whole answer"));
            assert!(first[1].receipt.is_some());

            let cut = messages(&opened.store, chats[1].chat.id).await;
            assert_eq!(cut[0].text, "tell me all");
            assert_eq!(cut[1].state, MessageState::Interrupted);
            let kept = cut[1].text.len() / piece(0).len();
            let all: String = (0..kept).map(piece).collect();
            assert_eq!(cut[1].text, all, "what is kept is what came, in order");
            let lost_ms = (came - kept) as u64 * PIECE_MS;
            println!("of {came} pieces {kept} were kept: {lost_ms} ms of text lost");
            assert!(lost_ms <= MOST_LOST_MS, "{lost_ms} ms of text lost");
            opened.store.close().await;
        });
        assert_eq!(bed.sql::<String>("PRAGMA integrity_check"), "ok");
        assert_eq!(bed.sql::<i64>("SELECT count(*) FROM chunk"), 0);
        bed.store();
    }
}
