//! The board at a desk: questions with the right bounds, replies at their places, pictures.

use super::Board;
use crate::domain::account::{FreeRequests, KeyInfo};
use crate::domain::ask::{UsageAsk, UsageBy, UsageReport};
use crate::domain::id::{ChatId, Millis};
use crate::domain::money::Usd;
use crate::domain::usage::{Totals, UsageRow};
use crate::engine::{Query, Reply, Trouble};
use crate::tui::action::Action;
use crate::tui::effect::{Effect, Effects, Place, Ticket};
use crate::tui::tests::{NOON, World, picture, rows, screen, sizes};

const MIDNIGHT: Millis = Millis(NOON.0 - 12 * 3_600_000);
const DAY: i64 = 86_400_000;

fn usd(text: &str) -> Usd {
    Usd::parse(text).unwrap()
}

fn totals(sends: u64, cost: &str) -> Totals {
    Totals {
        sends,
        prompt_tokens: sends * 5000,
        cached_tokens: sends * 1900,
        completion_tokens: sends * 800,
        cost: usd(cost),
        ..Totals::default()
    }
}

fn report(rows: &[(&str, u64, &str)]) -> UsageReport {
    let rows: Vec<UsageRow> = rows
        .iter()
        .map(|(label, sends, cost)| UsageRow {
            label: (*label).into(),
            totals: totals(*sends, cost),
        })
        .collect();
    let mut total = Totals::default();
    for row in &rows {
        total.sends += row.totals.sends;
        total.prompt_tokens += row.totals.prompt_tokens;
        total.cached_tokens += row.totals.cached_tokens;
        total.completion_tokens += row.totals.completion_tokens;
        total.cost += row.totals.cost;
    }
    UsageReport { total, rows }
}

fn key_info() -> KeyInfo {
    KeyInfo {
        label: "sk-or-v1-abc...123".into(),
        limit: Some(usd("20")),
        limit_remaining: Some(usd("7.14")),
        limit_reset: Some("monthly".into()),
        usage: Some(usd("41.2")),
        usage_daily: Some(usd("1.82")),
        usage_weekly: Some(usd("6.31")),
        usage_monthly: Some(usd("12.86")),
        is_free_tier: Some(false),
        free_requests: Some(FreeRequests { used: 14, limit: 50, remaining: 36 }),
        credit_left: Some(usd("33.07")),
        fetched: Millis(NOON.0 - 40_000),
    }
}

fn asked(effects: &[Effect]) -> Vec<(Ticket, UsageAsk)> {
    effects
        .iter()
        .map(|effect| match effect {
            Effect::Ask(ticket, Query::Usage(ask)) => (*ticket, ask.clone()),
            other => panic!("{other:?}"),
        })
        .collect()
}

/// Answers every question with something that fits it.
fn answer(board: &mut Board, effects: &[Effect], world: &World) {
    for (ticket, ask) in asked(effects) {
        let reply = match (ask.by, ask.chat) {
            (None, Some(_)) => report(&[("", 24, "0.19")]),
            (None, None) => report(&[("", 393, "1.82")]),
            (Some(UsageBy::Day), _) => report(&[
                ("2026-11-25", 393, "1.82"),
                ("2026-11-24", 100, "0.4"),
                ("2026-11-20", 900, "3.5"),
                ("2026-10-01", 5, "99"),
            ]),
            (Some(UsageBy::Model | UsageBy::Provider | UsageBy::Chat), _) => {
                let mut report = report(&[
                    ("anthropic/claude-sonnet-4.6", 61, "1.41"),
                    ("qwen/qwen3-coder-480b-a35b-instruct", 120, "0.24"),
                    ("google/gemini-3-flash-preview", 212, "0.17"),
                    ("local/\u{1b}[31mmystery", 2, "0"),
                ]);
                let mystery = &mut report.rows[3].totals;
                (mystery.unknown, mystery.failed) = (2, 1);
                report.rows[1].totals.computed = 3;
                (report.total.unknown, report.total.failed, report.total.computed) = (2, 1, 3);
                report
            }
        };
        board.hear(ticket, Ok(Reply::Usage(reply)), &world.cx());
    }
}

fn desk() -> (World, Board) {
    let world = World::new();
    let mut board = Board::default();
    let effects = board.refresh(Some(ChatId(7)), &world.cx());
    answer(&mut board, &effects, &world);
    (world, board)
}

fn drawn(board: &Board, key: Option<&KeyInfo>, world: &World, size: (u16, u16)) -> Vec<String> {
    let (area, mut buf) = screen(size.0, size.1);
    board.draw(key, &world.cx(), area, &mut buf);
    rows(&buf)
}

#[test]
fn it_asks_for_today_month_chart_chat_and_table() {
    let world = World::new();
    let mut board = Board::default();
    let effects = board.refresh(Some(ChatId(7)), &world.cx());
    let asks = asked(&effects);
    assert!(asks.iter().all(|(ticket, _)| ticket.place == Place::Usage));
    let plain = UsageAsk::default();
    let since = |days: i64| Some(Millis(MIDNIGHT.0 - days * DAY));
    let expected = [
        UsageAsk { chat: Some(ChatId(7)), ..plain.clone() },
        UsageAsk { since: since(0), ..plain.clone() },
        UsageAsk { since: since(24), ..plain.clone() },
        UsageAsk { since: since(13), by: Some(UsageBy::Day), ..plain.clone() },
        UsageAsk { since: since(0), by: Some(UsageBy::Model), ..plain },
    ];
    assert_eq!(asks.into_iter().map(|(_, ask)| ask).collect::<Vec<_>>(), expected);
    // A chat that was never sent has nothing to ask for.
    assert_eq!(asked(&board.refresh(None, &world.cx())).len(), 4);
}

#[test]
fn the_sandbox_counts_what_it_simulated_and_says_so() {
    let mut world = World::new();
    world.upstream.simulated = true;
    let mut board = Board::default();
    let effects = board.refresh(None, &world.cx());
    assert!(asked(&effects).iter().all(|(_, ask)| ask.include_simulated));
    let effects = board.act(Action::UsageByDay, &world.cx());
    assert!(asked(&effects).iter().all(|(_, ask)| ask.include_simulated));
    for size in [(120, 40), (60, 20)] {
        let shown = drawn(&board, None, &world, size).join("\n");
        assert!(shown.contains("simulated: nothing is charged"), "{shown}");
    }
}

#[test]
fn window_and_grouping_ask_anew_and_the_heading_is_that_of_what_is_shown() {
    let (world, mut board) = desk();
    let heading = |board: &Board| {
        let shown = drawn(board, None, &world, (100, 30));
        shown.into_iter().find(|row| row.contains(" by ")).unwrap()
    };
    assert!(heading(&board).contains("today by model"));
    let effects = board.act(Action::UsageByProvider, &world.cx());
    assert_eq!(asked(&effects)[0].1.by, Some(UsageBy::Provider));
    assert!(heading(&board).contains("today by model"), "the old table under its own name");
    answer(&mut board, &effects, &world);
    assert!(heading(&board).contains("today by provider"));
    let windows: Vec<Option<Millis>> = (0..4)
        .map(|_| {
            let effects: Effects = board.act(Action::UsageWindow, &world.cx());
            answer(&mut board, &effects, &world);
            asked(&effects)[0].1.since
        })
        .collect();
    let since = |days: i64| Some(Millis(MIDNIGHT.0 - days * DAY));
    assert_eq!(windows, [since(6), since(24), None, None]);
    assert!(heading(&board).contains("this chat by provider"));
    // Another chat: its figures must not stand there as the new one's.
    board.refresh(Some(ChatId(8)), &world.cx());
    let shown = drawn(&board, None, &world, (100, 30)).join("\n");
    assert!(!shown.contains("$0.19") && !shown.contains("claude"), "{shown}");
}

#[test]
fn only_the_reply_to_the_last_question_counts() {
    let (world, mut board) = desk();
    let late = asked(&board.act(Action::UsageByProvider, &world.cx()))[0].0;
    let now = asked(&board.act(Action::UsageByModel, &world.cx()))[0].0;
    board.hear(late, Ok(Reply::Usage(report(&[("late", 1, "1")]))), &world.cx());
    assert!(!drawn(&board, None, &world, (100, 30)).join("\n").contains("late"));
    board.hear(now, Ok(Reply::Usage(report(&[("now", 1, "1")]))), &world.cx());
    assert!(drawn(&board, None, &world, (100, 30)).join("\n").contains("now"));
    let again = asked(&board.act(Action::UsageByModel, &world.cx()))[0].0;
    let trouble = Trouble {
        what: "the usage was not read".into(),
        why: "the disk is gone.".into(),
        hint: "Start again.".into(),
    };
    board.hear(again, Err(trouble), &world.cx());
    let shown = drawn(&board, None, &world, (100, 30)).join("\n");
    assert!(shown.contains("the usage was not read: the disk is gone. Start again."), "{shown}");
}

#[test]
fn money_is_labelled_by_how_it_is_known() {
    let (world, board) = desk();
    let shown = drawn(&board, None, &world, (100, 34));
    let row = |name: &str| shown.iter().find(|row| row.contains(name)).unwrap().clone();
    assert!(row("claude-sonnet").contains("$1.41"), "{shown:#?}");
    assert!(row("qwen").contains("≈ $0.24"));
    assert!(row("mystery").contains("unknown"));
    assert!(!row("mystery").contains("$0"));
    assert!(row("all ").contains("≈ $1.82 + 2 unknown"));
    assert!(row("14 days").contains("▂▁▁▁▁") || row("14 days").contains('█'));
    assert!(row("14 days").contains("most $3.50 on 2026-11-20"), "{}", row("14 days"));
    assert!(!shown.join("").contains('\u{1b}'));
}

#[test]
fn what_the_upstream_does_not_say_is_said_so() {
    let (mut world, board) = desk();
    let size = (100, 34);
    let bare = KeyInfo { fetched: NOON, ..KeyInfo::default() };
    let shown = drawn(&board, Some(&bare), &world, size).join("\n");
    assert!(shown.contains("none set") && shown.contains("not told to this key"), "{shown}");
    assert!(shown.contains("free     not said"), "{shown}");
    let open = KeyInfo { label: "sk-or-v1-0123456789abcdef0123456789".into(), ..bare };
    assert!(!drawn(&board, Some(&open), &world, size).join("").contains("abcdef"));
    let shown = drawn(&board, None, &world, size).join("\n");
    assert!(shown.contains("openrouter has not said anything of this key."), "{shown}");
    world.upstream.has_key = false;
    let shown = drawn(&board, None, &world, size).join("\n");
    assert!(shown.contains("No key is set. OPENROUTER_API_KEY sets one."), "{shown}");
}

#[test]
fn nothing_sent_is_said_with_what_to_do() {
    let world = World::new();
    let mut board = Board::default();
    let effects = board.refresh(None, &world.cx());
    assert!(drawn(&board, None, &world, (100, 30)).join("\n").contains("asking …"));
    for (ticket, _) in asked(&effects) {
        board.hear(ticket, Ok(Reply::Usage(UsageReport::default())), &world.cx());
    }
    let shown = drawn(&board, None, &world, (100, 30)).join("\n");
    assert!(shown.contains("Nothing was sent today. w changes the window."), "{shown}");
    assert!(shown.contains("nothing spent"), "{shown}");
    board.act(Action::UsageWindow, &world.cx());
    board.act(Action::UsageWindow, &world.cx());
    let effects = board.act(Action::UsageWindow, &world.cx());
    let ticket = asked(&effects)[0].0;
    board.hear(ticket, Ok(Reply::Usage(UsageReport::default())), &world.cx());
    let shown = drawn(&board, None, &world, (100, 30)).join("\n");
    assert!(shown.contains("Nothing was sent yet. 1 goes to the chat."), "{shown}");
    assert_eq!(board.act(Action::UsageWindow, &world.cx()), [], "no chat, no question");
    let shown = drawn(&board, None, &world, (100, 30)).join("\n");
    assert!(shown.contains("Nothing was sent in this chat."), "{shown}");
}

#[test]
fn refreshing_asks_the_upstream_about_the_key_and_the_ledger_anew() {
    let (world, mut board) = desk();
    let effects = board.act(Action::UsageRefresh, &world.cx());
    assert_eq!(effects[0], Effect::RefreshKey);
    assert_eq!(asked(&effects[1..]).len(), 5);
}

#[test]
fn the_selection_stays_within_the_lines() {
    let (world, mut board) = desk();
    for action in [Action::Bottom, Action::UsageDown, Action::PageDown] {
        board.act(action, &world.cx());
        assert_eq!(board.cursor.selected(), 3);
    }
    let effects = board.refresh(Some(ChatId(7)), &world.cx());
    let table = asked(&effects)[4].0;
    board.hear(table, Ok(Reply::Usage(report(&[("one", 1, "1")]))), &world.cx());
    assert_eq!(board.cursor.selected(), 0);
}

#[test]
fn pictures() {
    let (world, board) = desk();
    let key = key_info();
    for (width, height) in [(60, 20), (80, 22), (120, 38), (200, 48)] {
        let (area, mut buf) = screen(width, height);
        board.draw(Some(&key), &world.cx(), area, &mut buf);
        insta::assert_snapshot!(format!("board_{width}x{height}"), picture(&buf));
    }
}

#[test]
fn any_size_is_survived_and_drawing_remembers_nothing() {
    let (world, mut board) = desk();
    board.act(Action::Bottom, &world.cx());
    let key = key_info();
    for (width, height) in sizes() {
        let cold = drawn(&board, Some(&key), &world, (width, height));
        drawn(&board, None, &world, (220, 70));
        assert_eq!(drawn(&board, Some(&key), &world, (width, height)), cold, "{width}x{height}");
    }
}
