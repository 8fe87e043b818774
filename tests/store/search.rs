//! Search: by words, half words and characters, in messages and titles.

use proptest::prelude::*;
use routedeck::domain::ask::{ChatsAsk, ChunkKind};
use routedeck::domain::conversation::MessageState;
use routedeck::domain::turn::Keep;
use routedeck::store::Store;

use crate::support::{Bed, NOON, finished, found, run, said, turn};

async fn library() -> Store {
    let store = Store::open_in_memory(NOON).unwrap().store;
    for (question, answer) in [
        (
            "Explain lifetimes in Rust",
            "A lifetime says how long a borrow lives. In C++ there is none.",
        ),
        ("Was heißt naïveté?", "The café's word for Unschuld: naïve, naïveté."),
        ("解释一下数据库索引", "索引是一种数据结构，可以加快查询速度。"),
        ("한국어 검색", "데이터베이스에서 찾기"),
        ("ไทย", "สวัสดีครับ"),
        ("closures", "A closure is written |x| => x + 1, in gpt-4o style snake_case."),
        ("Grocery list", "c, d and e"),
    ] {
        said(&store, question, answer).await;
    }
    store
}

async fn titles(store: &Store, search: &str) -> Vec<String> {
    let mut titles: Vec<_> =
        found(store, search).await.into_iter().map(|line| line.chat.title).collect();
    titles.sort();
    titles
}

#[test]
fn words_half_words_and_characters_are_found() {
    run(async {
        let store = library().await;
        let rust = "Explain lifetimes in Rust";
        let naive = "Was heißt naïveté?";
        let index = "解释一下数据库索引";
        for (typed, expected) in [
            ("borrow", vec![rust]),
            ("BORR", vec![rust]),
            ("borrow lives", vec![rust]),
            ("lives borrow", vec![rust]),
            ("borrow café", vec![]),
            ("\"a borrow\"", vec![rust]),
            ("\"borrow a\"", vec![]),
            ("\"how lo", vec![rust]),
            ("\"how lo\"", vec![]),
            ("c++", vec![rust]),
            ("naive", vec![naive]),
            ("cafe", vec![naive]),
            ("naiv unsch", vec![naive]),
            ("索引", vec![index]),
            ("数据", vec![index]),
            ("查询速", vec![index]),
            ("据", vec![index]),
            ("据数", vec![]),
            ("베이스", vec!["한국어 검색"]),
            ("สวัส", vec!["ไทย"]),
            ("=>", vec!["closures"]),
            ("|x| =>", vec!["closures"]),
            ("gpt-4o", vec!["closures"]),
            ("snake_ca", vec!["closures"]),
            ("grocery", vec!["Grocery list"]),
            ("nowhere", vec![]),
            ("=>=>", vec![]),
            ("\u{0}", vec![]),
        ] {
            assert_eq!(titles(&store, typed).await, expected, "{typed:?}");
        }
        assert_eq!(found(&store, "  ").await.len(), 7, "nothing typed finds everything");
    });
}

#[test]
fn a_snippet_shows_the_match() {
    run(async {
        let store = library().await;
        for (typed, expected) in [
            ("borr", "A lifetime says how long a \u{1}borrow\u{2} lives. In C++ there is none."),
            (
                "naive unschuld",
                "The café's word for \u{1}Unschuld\u{2}: \u{1}naïve\u{2}, \u{1}naïveté\u{2}.",
            ),
            ("查询", "索引是一种数据结构，可以加快\u{1}查询\u{2}速度。"),
            ("=>", "A closure is written |x| \u{1}=>\u{2} x + 1, in gpt-4o style snake_case."),
            ("grocery", "\u{1}Grocery\u{2} list"),
        ] {
            let snippet = found(&store, typed).await[0].snippet.clone();
            assert_eq!(snippet.as_deref(), Some(expected), "{typed:?}");
        }
    });
}

#[test]
fn a_match_deep_in_a_long_answer_is_cut_out() {
    run(async {
        let store = Store::open_in_memory(NOON).unwrap().store;
        let answer =
            format!("{} needle\n\n{}", "hay ".repeat(50_000), "straw\u{1} ".repeat(50_000));
        said(&store, "where", &answer).await;
        let snippet = found(&store, "needle").await[0].snippet.clone().unwrap();
        assert!(snippet.contains("hay \u{1}needle\u{2} straw straw"), "{snippet}");
        assert!(snippet.starts_with('…') && snippet.ends_with('…'), "{snippet}");
        assert!(snippet.len() < 200, "{snippet}");
        let cjk = format!("{}針{}", "藁".repeat(30_000), "草".repeat(30_000));
        said(&store, "何処", &cjk).await;
        let snippet = found(&store, "針").await[0].snippet.clone().unwrap();
        assert!(snippet.contains("藁\u{1}針\u{2}草"), "{snippet}");
    });
}

#[test]
fn the_index_follows_what_happens() {
    let bed = Bed::new();
    run(async {
        let store = bed.store();
        let rows = store.begin_turn(turn("question", Keep::NewChat)).await.unwrap();
        assert_eq!(titles(&store, "questi").await, ["question"], "asked, not yet answered");
        store.append(rows.answer, ChunkKind::Text, "halfway".into());
        assert!(titles(&store, "halfway").await.is_empty());
        store.finish_turn(finished(rows, MessageState::Stopped)).await.unwrap();
        assert_eq!(titles(&store, "halfway").await, ["question"]);
        store.rename_chat(rows.chat, "another title".into()).await.unwrap();
        assert_eq!(titles(&store, "another").await, ["another title"]);
        store.rename_chat(rows.chat, "third".into()).await.unwrap();
        assert!(titles(&store, "another").await.is_empty());
    });
}

#[test]
fn the_newest_matches_come_first_and_are_enough() {
    run(async {
        let store = Store::open_in_memory(NOON).unwrap().store;
        for number in 0..30 {
            said(&store, &format!("chat {number}"), "the same words").await;
        }
        let ask = ChatsAsk { search: Some("same".into()), limit: 3, deleted: false };
        let titles: Vec<_> =
            store.chats(ask).await.unwrap().into_iter().map(|line| line.chat.title).collect();
        assert_eq!(titles, ["chat 29", "chat 28", "chat 27"]);
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_can_be_typed_is_an_error(
        typed in "\\PC{0,30}|[\"*:^(){}+\\-A-Z a-z字\u{0}\u{e01}\u{200b}]{0,40}"
    ) {
        thread_local! {
            static STORE: Store = run(library());
        }
        STORE.with(|store| run(found(store, &typed)));
    }

    #[test]
    fn what_is_in_a_message_is_found_by_a_piece_of_it(
        words in prop::collection::vec("[a-zà-ü]{3,8}|[一-龥]{2,5}|[ぁ-ん]{2,4}", 3..8), at in 0usize..8
    ) {
        run(async {
            let store = Store::open_in_memory(NOON).unwrap().store;
            said(&store, "q", &words.join(" ")).await;
            let word = &words[at % words.len()];
            let half: String = word.chars().take(word.chars().count().div_ceil(2)).collect();
            assert_eq!(found(&store, &half).await.len(), 1, "{half} in {words:?}");
        });
    }
}
