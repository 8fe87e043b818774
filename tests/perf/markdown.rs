//! What a delta and a frame cost in transcripts of 10 KB and of 1 MB; both should cost the same.
//!
//! `cargo bench --bench markdown`

use divan::{Bencher, counter::ItemsCount};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use routedeck::tui::markdown::{Doc, draw};
use routedeck::tui::theme::Theme;

const ANSWER: &str = include_str!("../fixtures/markdown/answer.md");
const SIZES: [usize; 2] = [10_000, 1_000_000];
const WIDTH: u16 = 100;
const ROWS: usize = 40;

fn main() {
    divan::main();
}

/// An answer of about `size` bytes that is still arriving, looked at once.
fn streaming(size: usize) -> Doc {
    let mut doc = Doc::new();
    while doc.source().len() < size {
        doc.push(ANSWER);
        doc.push("\n");
    }
    frame(&mut doc, &Theme::default(), &mut screen());
    doc
}

fn screen() -> Buffer {
    Buffer::empty(Rect::new(0, 0, WIDTH, ROWS as u16))
}

/// Brings the rows up to date and draws the last ones.
fn frame(doc: &mut Doc, theme: &Theme, buf: &mut Buffer) {
    let height = doc.height(WIDTH);
    let first = height.saturating_sub(ROWS);
    for (at, y) in (first..height).zip(0..) {
        draw(&doc.line(at), 0, y, WIDTH, buf, theme);
    }
}

/// The answer in pieces of about five characters, as a model sends it.
fn deltas() -> Vec<String> {
    let chars: Vec<char> = ANSWER.chars().collect();
    chars.chunks(5).map(|delta| delta.iter().collect()).collect()
}

/// One whole answer more, delta by delta, rows brought up to date after each: divide by deltas.
#[divan::bench(args = SIZES)]
fn delta(bencher: Bencher<'_, '_>, size: usize) {
    let deltas = deltas();
    let doc = streaming(size);
    bencher.counter(ItemsCount::new(deltas.len())).with_inputs(|| doc.clone()).bench_local_refs(
        |doc| {
            for delta in &deltas {
                doc.push(delta);
                divan::black_box(doc.height(WIDTH));
            }
        },
    );
}

/// 66 deltas and one frame of 40 rows: 2,000 deltas a second at 30 frames.
#[divan::bench(args = SIZES)]
fn frame_of_66_deltas(bencher: Bencher<'_, '_>, size: usize) {
    let deltas = deltas();
    let theme = Theme::default();
    let doc = streaming(size);
    let frames = deltas.len().div_ceil(66);
    bencher
        .counter(ItemsCount::new(frames))
        .with_inputs(|| (doc.clone(), screen()))
        .bench_local_refs(|(doc, buf)| {
            for frame_deltas in deltas.chunks(66) {
                frame_deltas.iter().for_each(|delta| doc.push(delta));
                frame(doc, &theme, buf);
            }
        });
}

/// Draws 40 rows of a message that did not change.
#[divan::bench(args = SIZES)]
fn unchanged_frame(bencher: Bencher<'_, '_>, size: usize) {
    let theme = Theme::default();
    let mut doc = streaming(size);
    let mut buf = screen();
    bencher.bench_local(|| frame(&mut doc, &theme, &mut buf));
}

/// Opens a stored message: parse, wrap, count; colours come with drawing.
#[divan::bench(args = SIZES)]
fn open(bencher: Bencher<'_, '_>, size: usize) {
    let whole = streaming(size).source().to_owned();
    bencher.bench_local(|| Doc::of(&whole).height(WIDTH));
}

/// Another width for everything.
#[divan::bench(args = SIZES)]
fn resize(bencher: Bencher<'_, '_>, size: usize) {
    let mut doc = streaming(size);
    let mut wide = false;
    bencher.bench_local(|| {
        wide = !wide;
        doc.height(if wide { 120 } else { 80 })
    });
}
