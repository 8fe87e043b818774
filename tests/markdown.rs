//! Markdown over a corpus of answers: any split gives the same lines.

use std::fmt::Write as _;

use proptest::prelude::*;
use routedeck::tui::markdown::{Doc, Line, draw};
use routedeck::tui::theme::Theme;

const CORPUS: &[(&str, &str)] = &[
    ("answer", include_str!("fixtures/markdown/answer.md")),
    ("wide", include_str!("fixtures/markdown/wide.md")),
    ("lists", include_str!("fixtures/markdown/lists.md")),
    ("broken", include_str!("fixtures/markdown/broken.md")),
    ("hostile", include_str!("fixtures/markdown/hostile.md")),
];

/// Pushes `text` in pieces of the given lengths (in characters, repeating), draws after some of
/// them, and checks that settled rows stay as they are.
fn streamed(text: &str, lengths: &[usize], frames: &[bool], width: u16) -> Doc {
    let mut doc = Doc::new();
    let mut settled: Vec<Line> = Vec::new();
    let mut chars = text.chars();
    let mut lengths = lengths.iter().copied().cycle();
    let mut frames = frames.iter().copied().cycle();
    loop {
        let delta: String = chars.by_ref().take(lengths.next().unwrap_or(1).max(1)).collect();
        if delta.is_empty() {
            break;
        }
        doc.push(&delta);
        if frames.next().unwrap_or(true) {
            check_settled(&mut doc, width, &mut settled);
        }
    }
    doc.finish();
    if !text.contains("]:") {
        check_settled(&mut doc, width, &mut settled);
    }
    doc
}

/// Rows that were settled must be there still, unchanged; those that are now are remembered.
fn check_settled(doc: &mut Doc, width: u16, settled: &mut Vec<Line>) {
    let rows = doc.settled_height(width);
    assert!(rows >= settled.len(), "settled rows went away");
    let recent = settled.len().saturating_sub(60);
    for (at, before) in settled.iter().enumerate().skip(recent) {
        assert_eq!(&doc.line(at), before, "settled row {at} changed");
    }
    settled.extend((settled.len()..rows).map(|at| doc.line(at)));
}

fn assert_same(streamed: &mut Doc, whole: &str, width: u16, what: &str) {
    let lines = streamed.lines(width);
    let expected = Doc::of(whole).lines(width);
    for (at, (line, expected)) in lines.iter().zip(&expected).enumerate() {
        assert_eq!(line, expected, "{what} at width {width}, row {at}");
    }
    assert_eq!(lines.len(), expected.len(), "{what} at width {width}");
}

fn assert_harmless(lines: &[Line], width: u16) {
    for line in lines {
        assert!(!line.text().contains(char::is_control), "{:?}", line.text());
        let bidi = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}');
        assert!(!line.text().contains(bidi), "{:?}", line.text());
        assert!(line.width() <= usize::from(width.max(3)), "{width}: {:?}", line.text());
    }
}

#[test]
fn one_character_at_a_time_gives_the_same_lines() {
    for (name, text) in CORPUS {
        let mut doc = streamed(text, &[1], &[true], 60);
        assert_same(&mut doc, text, 60, name);
    }
}

#[test]
fn every_width_is_survived_harmless_and_complete() {
    for (name, text) in CORPUS {
        let mut warm = Doc::of(text);
        for width in (0..=120).rev().chain([200]) {
            let lines = warm.lines(width);
            assert_harmless(&lines, width);
            assert_eq!(lines, Doc::of(text).lines(width), "{name}: warm is not cold at {width}");
        }
    }
}

#[test]
fn cut_anywhere_texts_give_the_same_lines() {
    for (name, text) in CORPUS {
        let ends: Vec<_> = text.char_indices().map(|(at, _)| at).step_by(7).collect();
        for end in ends {
            let part = &text[..end];
            let mut doc = streamed(part, &[end.max(2) / 2], &[true], 40);
            assert_same(&mut doc, part, 40, name);
        }
    }
}

fn fragment() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "para one\nline two\n",
        "\n",
        "\n\n",
        "# Head\n",
        "Title\n===\n",
        "- item\n",
        "- [ ] task\n",
        "  continued\n",
        "  - nested\n",
        "1. one\n",
        "7. seven\n",
        "   ```\n",
        "```rust\n",
        "```\n",
        "fn main() {}\n",
        "\tx\n",
        "| a | b |\n",
        "|---|--:|\n",
        "| 1 | 2 |\n",
        "> quote\n",
        ">\n",
        "---\n",
        "***\n",
        "***",
        "**bold**",
        "*",
        "_it_",
        "`code`",
        "`",
        "~~s~~",
        "[t](http://u)",
        "[r]",
        "[r]: /url\n",
        "[r]: /other\n",
        "![i](x)",
        "<b>",
        "</b>\n",
        "<div>\n",
        "<!--",
        "-->",
        "漢字、",
        "👩‍🔬",
        "e\u{301}",
        "\u{1b}[31m",
        "\u{1b}]0;",
        "\u{7}",
        "\r\n",
        "&#27;",
        "&amp;",
        "\\",
        "    indented\n",
        " ",
        "=",
        "-",
        "+ plus\n",
        "1) par\n",
        "~~~\n",
        "|",
        "word ",
    ]);
    prop_oneof![9 => known.prop_map(str::to_owned), 1 => "\\PC{0,12}"]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(fragment(), 0..40).prop_map(|parts| parts.concat())
}

/// A short run by default; `PROPTEST_CASES=20000` for a long one.
fn budget() -> ProptestConfig {
    let mut budget = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        budget.cases = 96;
    }
    budget
}

proptest! {
    #![proptest_config(budget())]

    #[test]
    fn any_split_of_any_text_gives_the_same_lines(
        text in text(),
        lengths in prop::collection::vec(1usize..30, 1..6),
        frames in prop::collection::vec(any::<bool>(), 1..6),
        width in 1u16..100,
    ) {
        let mut doc = streamed(&text, &lengths, &frames, width);
        assert_same(&mut doc, &text, width, "text");
        assert_harmless(&doc.lines(width), width);
    }

    #[test]
    fn any_split_of_the_corpus_gives_the_same_lines(
        index in 0..CORPUS.len(),
        lengths in prop::collection::vec(1usize..90, 1..8),
        frames in prop::collection::vec(any::<bool>(), 1..6),
        width in prop::sample::select(vec![20u16, 40, 80, 120]),
    ) {
        let (name, text) = CORPUS[index];
        let mut doc = streamed(text, &lengths, &frames, width);
        assert_same(&mut doc, text, width, name);
    }

    #[test]
    fn arbitrary_text_never_panics(text in "(\\PC|\n|\t|\u{1b}|[-*#>|`~_ ]){0,200}", width in 0u16..200) {
        let mut doc = streamed(&text, &[3], &[true, false], width);
        assert_same(&mut doc, &text, width, "text");
        assert_harmless(&doc.lines(width), width);
    }

    #[test]
    fn anchors_find_their_row_again(index in 0..CORPUS.len(), from in 1u16..120, to in 1u16..120) {
        let mut doc = Doc::of(CORPUS[index].1);
        let rows = doc.height(from);
        let anchors: Vec<_> = (0..rows).map(|row| (row, doc.anchor(row))).collect();
        for (row, anchor) in &anchors {
            prop_assert!(doc.row(*anchor) <= *row);
            prop_assert_eq!(doc.anchor(doc.row(*anchor)), *anchor);
        }
        let height = doc.height(to);
        let places: Vec<_> = anchors.iter().map(|(_, anchor)| doc.row(*anchor)).collect();
        prop_assert!(places.is_sorted());
        prop_assert!(places.iter().all(|row| *row < height));
    }
}

/// Texts that grow without end in one block.
fn giants() -> Vec<(&'static str, String)> {
    let words = "some words of a paragraph that never ends, 漢字 and **bold** ones, ".repeat(900);
    let line_feeds = words.replace("ends, ", "ends,\n");
    let item = format!("- {}\n- short\n", line_feeds.replace('\n', "\n  "));
    let quote = format!("> {}", line_feeds.replace('\n', "\n> "));
    let list: String = (1..1500).fold(String::new(), |mut list, n| {
        let _ = write!(list, "{n}. item number {n}\n   - nested `code`\n");
        list
    });
    let table = (0..700).fold("| name | n |\n|---|--:|\n".to_owned(), |mut table, n| {
        let _ = writeln!(table, "| row {n} {} | {n} |", "x".repeat(n % 40));
        table
    });
    let code = (0..1500).fold("```rust\n".to_owned(), |mut code, n| {
        let _ = writeln!(code, "    let x{n} = \"text {n}\"; // {n}");
        code
    });
    let indented = (0..900).fold(String::new(), |mut code, n| {
        let _ = writeln!(code, "    indented code {n}");
        code
    });
    vec![
        ("one line", words),
        ("paragraph", line_feeds),
        ("item", item),
        ("quote", quote),
        ("list", list),
        ("table", table),
        ("code", code),
        ("indented", indented),
        ("blank lines", "\n".repeat(30_000)),
        ("html", format!("<div>\n{}", "text in a division\n".repeat(2000))),
    ]
}

#[test]
fn giants_settle_in_time_and_give_the_same_lines() {
    for (name, text) in giants() {
        let mut doc = Doc::new();
        let chars: Vec<char> = text.chars().collect();
        let mut costliest = 0;
        for delta in chars.chunks(997) {
            doc.push(&delta.iter().collect::<String>());
            let before = doc.stats().bytes_parsed;
            doc.height(80);
            costliest = costliest.max(doc.stats().bytes_parsed - before);
        }
        doc.finish();
        assert_same(&mut doc, &text, 80, name);
        // Nested blocks may be open for 64 KiB; they are looked at twice in a frame.
        let most = if ["item", "quote", "one line"].contains(&name) { 210_000 } else { 60_000 };
        assert!(costliest < most, "{name}: {costliest} bytes parsed for one delta");
    }
}

#[test]
fn the_cost_of_a_delta_does_not_depend_on_what_came_before() {
    let (_, answer) = CORPUS[0];
    let mut doc = Doc::new();
    for _ in 0..700 {
        doc.push(answer);
    }
    assert!(doc.source().len() > 1_000_000);
    doc.height(100);
    let before = doc.stats();
    let deltas = 200;
    for index in 0..deltas {
        doc.push(if index % 10 == 9 { "end.\n\n" } else { "word " });
        doc.height(100);
    }
    let after = doc.stats();
    let parsed = (after.bytes_parsed - before.bytes_parsed) / deltas;
    let wrapped = (after.rows_wrapped - before.rows_wrapped) / deltas;
    assert!(parsed < 200, "{parsed} bytes parsed for each delta");
    assert!(wrapped < 10, "{wrapped} rows wrapped for each delta");
    let coloured = doc.stats().lines_coloured;
    let height = doc.height(100);
    for at in height - 40..height {
        doc.line(at);
    }
    let more = doc.stats().lines_coloured - coloured;
    assert!(more < 40, "{more} lines coloured to show 40");
}

#[test]
fn an_open_fence_costs_only_its_new_lines() {
    let mut doc = Doc::new();
    doc.push("```rust\n");
    for index in 0..500 {
        doc.push(&format!("let x{index} = {index};\n"));
        let height = doc.height(80);
        doc.line(height - 1);
    }
    let stats = doc.stats();
    assert_eq!(stats.lines_coloured, 500);
    assert_eq!(stats.rows_wrapped, 501);
    assert!(stats.bytes_parsed < 20_000, "{stats:?}");
}

#[test]
fn colour_that_is_far_away_is_owed_and_comes_later() {
    let code = format!("```rust\n{}```\n", "let x = 1;\n".repeat(3000));
    let mut doc = Doc::of(&code);
    let height = doc.height(80);
    let plain = doc.line(height - 5);
    let revision = doc.revision();
    let mut steps = 0;
    while doc.colour_more(500) {
        steps += 1;
    }
    assert!((5..=6).contains(&steps), "{steps}");
    assert!(doc.revision() > revision);
    assert_ne!(doc.line(height - 5), plain);
    assert_eq!(doc.line(height - 5).text(), plain.text());
}

#[test]
fn code_blocks_are_found_with_their_rows_and_their_source() {
    let mut doc =
        Doc::of("Text\n\n```rust\nfn a() {\n\tb\n}\n```\n\n- item\n  ```\n  plain\n  ```\n");
    doc.height(80);
    let found: Vec<_> = doc
        .code_blocks()
        .into_iter()
        .map(|code| (code.rows, code.language.to_owned(), code.text.to_owned()))
        .collect();
    assert_eq!(
        found,
        [
            (2..7, "rust".to_owned(), "fn a() {\n\tb\n}\n".to_owned()),
            (9..12, String::new(), "plain\n".to_owned()),
        ]
    );
    assert_eq!(doc.line(2).text(), "╭─ rust");
    assert_eq!(doc.line(11).text(), "  ╰─");
}

#[test]
fn half_lines_do_not_flicker() {
    let mut doc = Doc::new();
    doc.push("A paragraph\n");
    let before = doc.lines(40);
    for sign in ["-", "=", "- ", "1", "```", "| ", "#"] {
        let mut doc = doc.clone();
        doc.push(sign);
        assert_eq!(doc.lines(40), before, "{sign:?}");
    }
    doc.push("- item");
    assert_eq!(doc.lines(40).len(), 2);
}

/// The text and, below each row, what it means: one letter for each role that is not plain text.
fn picture(text: &str, width: u16) -> String {
    let mut out = String::new();
    for line in Doc::of(text).lines(width) {
        let _ = writeln!(out, "{}", line.text());
        let styles: Vec<_> = line
            .spans()
            .filter(|(text, look)| {
                !text.trim().is_empty() && (look.role.name() != "text" || !look.stress.is_empty())
            })
            .map(|(text, look)| {
                let stress = format!("{:?}", look.stress).to_lowercase();
                let stress =
                    if look.stress.is_empty() { String::new() } else { format!(" {stress}") };
                format!("{}={}{stress}", text.trim(), look.role.name())
            })
            .collect();
        if !styles.is_empty() {
            let _ = writeln!(out, "    ~ {}", styles.join(" · "));
        }
    }
    out
}

#[test]
fn the_answer_looks_right() {
    for width in [40, 80, 120] {
        insta::assert_snapshot!(format!("answer_{width}"), picture(CORPUS[0].1, width));
    }
    insta::assert_snapshot!("wide_50", picture(CORPUS[1].1, 50));
    insta::assert_snapshot!("lists_50", picture(CORPUS[2].1, 50));
    insta::assert_snapshot!("broken_50", picture(CORPUS[3].1, 50));
    insta::assert_snapshot!("hostile_50", picture(CORPUS[4].1, 50));
}

#[test]
fn a_theme_recolours_without_rendering_again() {
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    let mut doc = Doc::of("# Head\n\n`code`");
    doc.height(20);
    let before = doc.stats();
    let mut pictures = Vec::new();
    for name in ["dark", "light"] {
        let (theme, _) = Theme::load(name, None);
        let mut buf = Buffer::empty(Rect::new(0, 0, 20, 3));
        for at in 0..3 {
            draw(&doc.line(at), 0, at as u16, 20, &mut buf, &theme);
        }
        pictures.push(buf);
    }
    assert_eq!(doc.stats(), before);
    assert_ne!(pictures[0][(0, 0)].fg, pictures[1][(0, 0)].fg);
    assert_ne!(pictures[0][(0, 2)].fg, pictures[1][(0, 2)].fg);
}

#[test]
fn half_words_look_as_they_will() {
    let mut doc = Doc::new();
    doc.push("Some **bold te");
    assert_eq!(doc.lines(40)[0].text(), "Some bold te");
    doc.push("xt** and `co");
    assert_eq!(doc.lines(40)[0].text(), "Some bold text and co");
    doc.push("de` and [docs](https://a.ex");
    assert_eq!(doc.lines(60)[0].text(), "Some bold text and code and docs (https://a.ex)");
    doc.finish();
    assert_eq!(doc.lines(60)[0].text(), "Some bold text and code and [docs](https://a.ex");
}
