//! Bytes to the terminal: over a slow line they are the time.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use routedeck::term::{Caps, ColorDepth, Multiplexer, Scroll};

use crate::emulator::{Pair, cursor};

const COLUMNS: u16 = 120;
const ROWS: u16 = 40;
/// The transcript's rows.
const TOP: u16 = 2;
const BOTTOM: u16 = 36;

/// A chat: tabs, a transcript that shows the last lines, a composer, a status line.
fn chat(lines: &[String], draft: &str, status: &str) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, COLUMNS, ROWS));
    let loud = Style::new().fg(Color::Rgb(120, 200, 255));
    buffer.set_string(0, 0, "1 Chat  2 Models  5 Usage  6 History", loud);
    let height = usize::from(BOTTOM - TOP);
    let shown = &lines[lines.len().saturating_sub(height)..];
    for (y, line) in (TOP..BOTTOM).zip(shown) {
        buffer.set_string(0, y, line, Style::new());
    }
    buffer.set_string(0, BOTTOM, "─".repeat(usize::from(COLUMNS)), loud);
    buffer.set_string(0, BOTTOM + 1, format!("> {draft}"), Style::new());
    buffer.set_string(0, ROWS - 1, status, Style::new().bg(Color::Rgb(30, 30, 40)));
    buffer
}

fn ascii(n: usize) -> String {
    format!("{n:>4} the quick brown fox jumps over the lazy dog and runs {} times around it", n * 7)
}

fn chinese(n: usize) -> String {
    format!(
        "{n:>4} 敏捷的棕色狐狸跳过了懒惰的狗然后又跑回来{}次看看它醒了没有结果它还在睡觉",
        n * 7
    )
}

fn code(n: usize) -> String {
    format!("{n:>4}     let value_{n} = table.get(&key).copied().unwrap_or_default();")
}

/// Bytes for one more line, the dearest of twenty.
fn dearest_line(line: fn(usize) -> String, caps: &Caps, hinted: bool) -> (usize, usize) {
    let mut pair = Pair::new(COLUMNS, ROWS, caps.clone());
    let mut lines: Vec<String> = (0..60).map(line).collect();
    let at = cursor(2, BOTTOM + 1);
    pair.frame(&chat(&lines, "", "ready"), at, None);
    let mut worst = (0, 0);
    for n in 60..80 {
        lines.push(line(n));
        let drawn = chat(&lines, "", "ready");
        let hint = hinted.then_some(Scroll { top: TOP, bottom: BOTTOM, up: 1 });
        let presented = pair.frame(&drawn, at, hint);
        assert_eq!(pair.difference(&drawn, ColorDepth::True), None);
        assert_eq!(presented.scrolled, i32::from(caps.regions));
        worst = worst.max((presented.bytes, line(n).len()));
    }
    worst
}

#[test]
fn one_more_line_costs_little_more_than_its_text() {
    for line in [ascii, chinese, code] {
        for hinted in [true, false] {
            let (bytes, text) = dearest_line(line, &Caps::default(), hinted);
            assert!(bytes <= 2 * text + 300, "{bytes} bytes for {text} of text");
            assert!(bytes <= text + 60, "{bytes} bytes for {text} of text");
        }
    }
}

#[test]
fn without_regions_a_line_costs_no_more_than_the_rows_that_changed() {
    let tmux = Caps { multiplexer: Multiplexer::Tmux, regions: false, ..Caps::default() };
    let (bytes, text) = dearest_line(ascii, &tmux, true);
    let rows = usize::from(BOTTOM - TOP);
    assert!(bytes < rows * text, "{bytes} bytes for {rows} rows of {text}");
}

#[test]
fn nothing_new_costs_nothing() {
    let mut pair = Pair::new(COLUMNS, ROWS, Caps::default());
    let lines: Vec<String> = (0..60).map(ascii).collect();
    let drawn = chat(&lines, "draft", "ready");
    let at = cursor(7, BOTTOM + 1);
    assert!(pair.frame(&drawn, at, None).full);
    for hint in [None, Some(Scroll { top: TOP, bottom: BOTTOM, up: 1 })] {
        assert_eq!(pair.frame(&drawn, at, hint).bytes, 0);
    }
}

#[test]
fn a_key_is_echoed_in_a_few_bytes() {
    let mut pair = Pair::new(COLUMNS, ROWS, Caps::default());
    let lines: Vec<String> = (0..60).map(ascii).collect();
    pair.frame(&chat(&lines, "", "ready"), cursor(2, BOTTOM + 1), None);
    let mut draft = String::new();
    for c in "hello, 你好".chars() {
        draft.push(c);
        let width = unicode_width::UnicodeWidthStr::width(draft.as_str()) as u16;
        let drawn = chat(&lines, &draft, "ready");
        let presented = pair.frame(&drawn, cursor(2 + width, BOTTOM + 1), None);
        assert!(presented.bytes <= 8, "{} bytes for {c}", presented.bytes);
        assert_eq!(pair.difference(&drawn, ColorDepth::True), None);
    }
    // And when something else changes at the same time.
    draft.push('!');
    let drawn = chat(&lines, &draft, "12 tok/s");
    let presented = pair.frame(&drawn, cursor(14, BOTTOM + 1), None);
    assert!(presented.bytes < 60, "{} bytes", presented.bytes);
}

/// An answer of 20 KB at 33 tokens of 4 bytes a frame, its tail on the screen.
#[test]
fn a_stream_costs_less_than_twice_its_text() {
    let text: String = (0..400).map(|n| format!("word{n:03} and {} more. ", n % 17)).collect();
    let width = usize::from(COLUMNS);
    let mut pair = Pair::new(COLUMNS, ROWS, Caps::default());
    let mut lines: Vec<String> = (0..40).map(ascii).collect();
    pair.frame(&chat(&lines, "", "ready"), cursor(2, BOTTOM + 1), None);
    lines.push(String::new());
    let mut spent = 0;
    for piece in text.as_bytes().chunks(33 * 4) {
        let mut moved = 0;
        for c in piece {
            if lines.last().unwrap().len() == width {
                lines.push(String::new());
                moved += 1;
            }
            lines.last_mut().unwrap().push(char::from(*c));
        }
        let hint = (moved > 0).then_some(Scroll { top: TOP, bottom: BOTTOM, up: moved });
        spent += pair.frame(&chat(&lines, "", "ready"), cursor(2, BOTTOM + 1), hint).bytes;
    }
    assert!(spent <= text.len() * 3 / 2, "{spent} bytes for {} of text", text.len());
}

#[test]
fn a_full_repaint_does_not_pay_for_blanks() {
    let mut pair = Pair::new(COLUMNS, ROWS, Caps::default());
    let presented = pair.frame(&chat(&[], "", ""), cursor(2, BOTTOM + 1), None);
    assert!(presented.bytes < 900, "{} bytes for an empty chat", presented.bytes);
}
