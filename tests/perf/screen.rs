//! What a frame costs the processor, from the drawn buffer to its bytes.

use divan::{Bencher, black_box};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect, Size};
use ratatui::style::{Color, Style};
use routedeck::term::{Caps, ColorDepth, Cursor, CursorShape, Screen, Scroll};

fn main() {
    divan::main();
}

const SIZES: [(u16, u16); 2] = [(120, 40), (500, 150)];

/// A screen full of text from line `first` on, with some colour.
fn page((columns, rows): (u16, u16), first: usize) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    for y in 0..rows {
        let n = first + usize::from(y);
        let text = format!("{n:>6} the quick brown fox 敏捷的棕色狐狸 jumps {} times ", n * 7);
        let style = Style::new().fg(Color::Rgb((n % 200) as u8, 120, 90));
        let (end, _) = buffer.set_stringn(0, y, &text, usize::from(columns), style);
        buffer.set_stringn(end, y, text.repeat(8), usize::from(columns - end), Style::new());
    }
    buffer
}

/// Presents the pages in turn, with or without telling that they moved.
fn present(bencher: Bencher<'_, '_>, caps: Caps, pages: &[Buffer], hint: Option<Scroll>) {
    let area = pages[0].area;
    let mut screen = Screen::new(Size::new(area.width, area.height), caps);
    let cursor = Cursor { at: Some(Position::new(3, 3)), shape: CursorShape::Terminal };
    let mut out = Vec::new();
    let mut turn = 0;
    bencher.bench_local(|| {
        let page = &pages[turn % pages.len()];
        turn += 1;
        screen.back().content.clone_from(&page.content);
        out.clear();
        black_box(screen.present(cursor, hint, &mut out))
    });
}

#[divan::bench(args = SIZES)]
fn nothing_changed(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    present(bencher, Caps::default(), &[page(size, 0)], None);
}

#[divan::bench(args = SIZES)]
fn one_line_up_hinted(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    let pages: Vec<_> = (0..50).map(|first| page(size, first)).collect();
    let hint = Scroll { top: 0, bottom: size.1, up: 1 };
    present(bencher, Caps::default(), &pages, Some(hint));
}

#[divan::bench(args = SIZES)]
fn one_line_up_found_out(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    let pages: Vec<_> = (0..50).map(|first| page(size, first)).collect();
    present(bencher, Caps::default(), &pages, None);
}

#[divan::bench(args = SIZES)]
fn everything_changed(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    present(bencher, Caps::default(), &[page(size, 0), page(size, 5000)], None);
}

#[divan::bench(args = SIZES)]
fn everything_changed_in_256_colours(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    let caps = Caps { depth: ColorDepth::Indexed, ..Caps::default() };
    present(bencher, caps, &[page(size, 0), page(size, 5000)], None);
}
