//! Any sequence of frames, hints and sizes leaves the emulator showing the last frame.

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui::style::{Color, Modifier, Style};
use routedeck::term::{Caps, ColorDepth, Cursor, CursorShape, EmojiMode, Scroll};

use crate::emulator::{Pair, cursor, rubbish};

/// One thing done to the buffer between two frames.
#[derive(Clone, Debug)]
enum Step {
    Text {
        x: u16,
        y: u16,
        text: String,
        style: Style,
    },
    /// One symbol put into one cell, over halves of wide characters too.
    Cell {
        x: u16,
        y: u16,
        symbol: String,
        style: Style,
    },
    Paint {
        area: (u16, u16, u16, u16),
        style: Style,
    },
    Clear {
        area: (u16, u16, u16, u16),
    },
    /// Rows really move, as a transcript does.
    Move {
        top: u16,
        bottom: u16,
        up: i32,
        told: bool,
    },
    /// A hint that is not true.
    Lie {
        top: u16,
        bottom: u16,
        up: i32,
    },
    Frame {
        x: u16,
        y: u16,
        hidden: bool,
    },
    Resize {
        columns: u16,
        rows: u16,
    },
    Invalidate,
}

fn style() -> impl Strategy<Value = Style> {
    let colour = prop_oneof![
        4 => Just(Color::Reset),
        1 => any::<(u8, u8, u8)>().prop_map(|(r, g, b)| Color::Rgb(r, g, b)),
        1 => any::<u8>().prop_map(Color::Indexed),
        1 => prop::sample::select(vec![Color::Red, Color::DarkGray, Color::White, Color::Cyan]),
    ];
    let modifier = prop::sample::select(vec![
        Modifier::empty(),
        Modifier::empty(),
        Modifier::BOLD,
        Modifier::DIM,
        Modifier::ITALIC | Modifier::BOLD,
        Modifier::UNDERLINED,
        Modifier::REVERSED,
    ]);
    (colour.clone(), colour, modifier)
        .prop_map(|(fg, bg, modifier)| Style::new().fg(fg).bg(bg).add_modifier(modifier))
}

/// Clusters about whose width emulator and ratatui agree; the others have tests of their own.
fn symbol() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[ -~]",
        3 => " {1,3}",
        2 => "[一-龥ぁ-んア-ン가-힣]",
        1 => "[─│┌┐└┘├┤█▒]",
        1 => "[a-zа-яα-ω][\u{301}\u{308}\u{323}]",
        1 => "[“”…—°✓⚠🙂🚀]",
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let (x, y) = (0u16..30, 0u16..12);
    let text = prop::collection::vec(symbol(), 1..40).prop_map(|symbols| symbols.concat());
    let area = (x.clone(), y.clone(), 1u16..30, 1u16..8);
    let region = (y.clone(), 1u16..13, -6i32..=6, any::<bool>());
    prop_oneof![
        6 => (x.clone(), y.clone(), text, style())
            .prop_map(|(x, y, text, style)| Step::Text { x, y, text, style }),
        3 => (x.clone(), y.clone(), symbol(), style())
            .prop_map(|(x, y, symbol, style)| Step::Cell { x, y, symbol, style }),
        2 => (area.clone(), style()).prop_map(|(area, style)| Step::Paint { area, style }),
        2 => area.prop_map(|area| Step::Clear { area }),
        4 => region.clone()
            .prop_map(|(top, bottom, up, told)| Step::Move { top, bottom, up, told }),
        1 => region.prop_map(|(top, bottom, up, _)| Step::Lie { top, bottom, up }),
        6 => (x, y, any::<bool>()).prop_map(|(x, y, hidden)| Step::Frame { x, y, hidden }),
        1 => (1u16..30, 1u16..12).prop_map(|(columns, rows)| Step::Resize { columns, rows }),
        1 => Just(Step::Invalidate),
    ]
}

fn any_caps() -> impl Strategy<Value = Caps> {
    let depth = prop::sample::select(vec![
        ColorDepth::True,
        ColorDepth::True,
        ColorDepth::Indexed,
        ColorDepth::Sixteen,
        ColorDepth::None,
    ]);
    let emoji = prop::sample::select(vec![EmojiMode::Full, EmojiMode::Simple]);
    (depth, emoji, any::<bool>(), any::<bool>()).prop_map(|(depth, emoji, regions, sync)| Caps {
        depth,
        emoji,
        regions,
        sync,
        ..Caps::default()
    })
}

/// Runs of blanks are several cells; here only one is meant.
fn one(symbol: &str) -> &str {
    if symbol.starts_with(' ') { " " } else { symbol }
}

/// The buffer as the application would keep drawing it.
struct Desk {
    drawn: Buffer,
    hint: Option<Scroll>,
}

impl Desk {
    fn new(columns: u16, rows: u16) -> Self {
        Self { drawn: Buffer::empty(Rect::new(0, 0, columns, rows)), hint: None }
    }

    fn area(&self, (x, y, width, height): (u16, u16, u16, u16)) -> Rect {
        Rect::new(x, y, width, height).intersection(self.drawn.area)
    }

    fn draw(&mut self, step: &Step) {
        let area = self.drawn.area;
        match step {
            Step::Text { x, y, text, style } if *x < area.width && *y < area.height => {
                self.drawn.set_string(*x, *y, text, *style);
            }
            Step::Cell { x, y, symbol, style } if *x < area.width && *y < area.height => {
                self.drawn[(*x, *y)].set_symbol(one(symbol)).set_style(*style);
            }
            Step::Paint { area, style } => {
                let area = self.area(*area);
                self.drawn.set_style(area, *style);
            }
            Step::Clear { area } => {
                for position in self.area(*area).positions() {
                    self.drawn[position].reset();
                }
            }
            Step::Move { top, bottom, up, told } => self.shift(*top, *bottom, *up, *told),
            Step::Lie { top, bottom, up } => {
                self.hint = Some(Scroll { top: *top, bottom: *bottom, up: *up });
            }
            Step::Text { .. } | Step::Cell { .. } => {}
            Step::Frame { .. } | Step::Resize { .. } | Step::Invalidate => {}
        }
    }

    fn shift(&mut self, top: u16, bottom: u16, up: i32, told: bool) {
        let bottom = bottom.min(self.drawn.area.height);
        let before = self.drawn.clone();
        for y in top..bottom {
            let from = i32::from(y) + up;
            let source = (i32::from(top)..i32::from(bottom)).contains(&from);
            for x in 0..self.drawn.area.width {
                self.drawn[(x, y)] =
                    if source { before[(x, from as u16)].clone() } else { Default::default() };
            }
        }
        if told {
            self.hint = Some(Scroll { top, bottom, up });
        }
    }
}

fn run(caps: &Caps, size: (u16, u16), steps: &[Step]) -> Result<(), TestCaseError> {
    let mut pair = Pair::new(size.0, size.1, caps.clone());
    let mut desk = Desk::new(size.0, size.1);
    let last = [Step::Frame { x: 3, y: 1, hidden: false }];
    for step in steps.iter().chain(&last) {
        desk.draw(step);
        match step {
            Step::Frame { x, y, hidden } => {
                let shape = if *hidden { CursorShape::Hidden } else { CursorShape::Bar };
                let place = Cursor { shape, ..cursor(*x, *y) };
                pair.frame(&desk.drawn, place, desk.hint.take());
                if let Some(why) = pair.difference(&desk.drawn, caps.depth) {
                    let bytes = String::from_utf8_lossy(&pair.bytes).into_owned();
                    return Err(TestCaseError::fail(format!("{why}\nframe {bytes:?}")));
                }
                let (at, visible) = pair.cursor();
                let area = desk.drawn.area;
                prop_assert_eq!(
                    (at.x, at.y),
                    ((*x).min(area.width - 1), (*y).min(area.height - 1))
                );
                prop_assert_eq!(visible, !hidden);
                // The same again costs nothing.
                let again =
                    pair.frame(&desk.drawn, place, Some(Scroll { top: 0, bottom: 5, up: 1 }));
                prop_assert_eq!(again.bytes, 0, "{:?}", String::from_utf8_lossy(&pair.bytes));
            }
            Step::Resize { columns, rows } => {
                pair.resize(*columns, *rows);
                let mut resized = Desk::new(*columns, *rows);
                for position in resized.drawn.area.intersection(desk.drawn.area).positions() {
                    resized.drawn[position] = desk.drawn[position].clone();
                }
                desk = resized;
            }
            Step::Invalidate => {
                let area = desk.drawn.area;
                pair.emulator.process(rubbish(area.width, area.height));
                pair.screen.invalidate();
            }
            _ => {}
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_emulator_shows_what_was_drawn(
        caps in any_caps(),
        size in (1u16..30, 1u16..12),
        steps in prop::collection::vec(step(), 1..40),
    ) {
        run(&caps, size, &steps)?;
    }
}

#[test]
fn sizes_without_cells_are_survived() {
    let mut pair = Pair::new(10, 4, Caps::default());
    for (columns, rows) in [(0, 0), (0, 7), (7, 0), (1, 1)] {
        pair.screen.resize(Size::new(columns, rows));
        let mut bytes = Vec::new();
        let presented = pair.screen.present(cursor(5, 5), None, &mut bytes);
        assert_eq!(presented.bytes == 0, columns == 0 || rows == 0, "{columns}x{rows}");
    }
    pair.screen.resize(Size::new(u16::MAX, u16::MAX));
    assert!(pair.screen.size().width < 5000, "a size out of reason is cut");
}

#[test]
fn changed_caps_repaint_with_the_new_colours() {
    let mut pair = Pair::new(12, 2, Caps::default());
    let mut drawn = Buffer::empty(Rect::new(0, 0, 12, 2));
    drawn.set_string(0, 0, "colour", Style::new().fg(Color::Rgb(200, 20, 20)));
    pair.frame(&drawn, cursor(0, 1), None);
    assert_eq!(pair.difference(&drawn, ColorDepth::True), None);
    pair.screen.set_caps(Caps { depth: ColorDepth::None, ..Caps::default() });
    assert!(pair.frame(&drawn, cursor(0, 1), None).full);
    assert_eq!(pair.difference(&drawn, ColorDepth::None), None);
    pair.screen.set_caps(Caps { depth: ColorDepth::None, regions: false, ..Caps::default() });
    assert_eq!(pair.frame(&drawn, cursor(0, 1), None).bytes, 0, "regions change no cell");
}
