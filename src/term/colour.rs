//! Colours brought down to what the terminal has, once per colour.

use std::collections::HashMap;

use ratatui::style::Color;

use super::caps::ColorDepth;

/// More different colours than this on one screen are a picture, not a theme.
const MOST_REMEMBERED: usize = 4096;
/// The levels of one channel of the 6×6×6 cube.
const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
/// xterm's own idea of the sixteen; every theme moves them, the order of brightness stays.
const SIXTEEN: [(Color, (u8, u8, u8)); 16] = [
    (Color::Black, (0, 0, 0)),
    (Color::Red, (205, 0, 0)),
    (Color::Green, (0, 205, 0)),
    (Color::Yellow, (205, 205, 0)),
    (Color::Blue, (0, 0, 238)),
    (Color::Magenta, (205, 0, 205)),
    (Color::Cyan, (0, 205, 205)),
    (Color::Gray, (229, 229, 229)),
    (Color::DarkGray, (127, 127, 127)),
    (Color::LightRed, (255, 0, 0)),
    (Color::LightGreen, (0, 255, 0)),
    (Color::LightYellow, (255, 255, 0)),
    (Color::LightBlue, (92, 92, 255)),
    (Color::LightMagenta, (255, 0, 255)),
    (Color::LightCyan, (0, 255, 255)),
    (Color::White, (255, 255, 255)),
];

/// Maps colours to one depth and remembers the answers.
#[derive(Debug)]
pub(super) struct Palette {
    depth: ColorDepth,
    /// Neighbouring cells nearly always share a colour.
    last: (Color, Color),
    known: HashMap<Color, Color>,
}

impl Palette {
    pub(super) fn new(depth: ColorDepth) -> Self {
        Self { depth, last: (Color::Reset, Color::Reset), known: HashMap::new() }
    }

    /// The nearest colour that may be sent.
    pub(super) fn map(&mut self, colour: Color) -> Color {
        match self.depth {
            ColorDepth::True => return colour,
            ColorDepth::None => return Color::Reset,
            ColorDepth::Indexed | ColorDepth::Sixteen => {}
        }
        if self.last.0 == colour {
            return self.last.1;
        }
        let mapped = self.look_up(colour);
        self.last = (colour, mapped);
        mapped
    }

    fn look_up(&mut self, colour: Color) -> Color {
        let wanted = match colour {
            Color::Rgb(r, g, b) => (r, g, b),
            Color::Indexed(i) if i >= 16 && self.depth == ColorDepth::Sixteen => of_index(i),
            _ => return colour,
        };
        if let Some(known) = self.known.get(&colour) {
            return *known;
        }
        let mapped = if self.depth == ColorDepth::Sixteen {
            nearest_of_sixteen(wanted)
        } else {
            Color::Indexed(nearest_index(wanted))
        };
        if self.known.len() >= MOST_REMEMBERED {
            self.known.clear();
        }
        self.known.insert(colour, mapped);
        mapped
    }
}

/// Squared distance, weighted roughly as eyes do.
fn distance(a: (u8, u8, u8), b: (u8, u8, u8)) -> u32 {
    let square = |x: u8, y: u8| u32::from(x.abs_diff(y)).pow(2);
    2 * square(a.0, b.0) + 4 * square(a.1, b.1) + 3 * square(a.2, b.2)
}

fn nearest_of_sixteen(wanted: (u8, u8, u8)) -> Color {
    let nearest = SIXTEEN.iter().min_by_key(|(_, rgb)| distance(wanted, *rgb));
    nearest.map_or(Color::Reset, |(colour, _)| *colour)
}

/// The nearest entry of the cube or the greys; the first sixteen are the user's and not counted on.
fn nearest_index((r, g, b): (u8, u8, u8)) -> u8 {
    let cube = [r, g, b].map(nearest_level);
    let in_cube = (LEVELS[cube[0]], LEVELS[cube[1]], LEVELS[cube[2]]);
    let mean = (u32::from(r) + u32::from(g) + u32::from(b)) / 3;
    let step = (mean.saturating_sub(3) / 10).min(23) as u8;
    let grey = 8 + 10 * step;
    if distance((r, g, b), (grey, grey, grey)) < distance((r, g, b), in_cube) {
        232 + step
    } else {
        (16 + 36 * cube[0] + 6 * cube[1] + cube[2]) as u8
    }
}

fn nearest_level(value: u8) -> usize {
    let nearest = LEVELS.iter().enumerate().min_by_key(|(_, level)| level.abs_diff(value));
    nearest.map_or(0, |(i, _)| i)
}

fn of_index(index: u8) -> (u8, u8, u8) {
    match index {
        0..16 => SIXTEEN[usize::from(index)].1,
        16..232 => {
            let i = usize::from(index - 16);
            (LEVELS[i / 36], LEVELS[i / 6 % 6], LEVELS[i % 6])
        }
        232.. => {
            let grey = 8 + 10 * (index - 232);
            (grey, grey, grey)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cube_and_grey_entry_maps_to_itself() {
        for index in 16..=255 {
            let (r, g, b) = of_index(index);
            let back = nearest_index((r, g, b));
            assert_eq!(of_index(back), (r, g, b), "{index}");
        }
    }

    #[test]
    fn depths_send_only_what_they_have() {
        let rust = Color::Rgb(200, 40, 30);
        assert_eq!(Palette::new(ColorDepth::True).map(rust), rust);
        assert_eq!(Palette::new(ColorDepth::Indexed).map(rust), Color::Indexed(160));
        assert_eq!(Palette::new(ColorDepth::Sixteen).map(rust), Color::Red);
        assert_eq!(Palette::new(ColorDepth::Sixteen).map(Color::Indexed(231)), Color::White);
        assert_eq!(Palette::new(ColorDepth::None).map(Color::Red), Color::Reset);
        for depth in [ColorDepth::Indexed, ColorDepth::Sixteen] {
            let mut palette = Palette::new(depth);
            assert_eq!(palette.map(Color::LightBlue), Color::LightBlue, "named stays the user's");
            assert_eq!(palette.map(Color::Reset), Color::Reset);
        }
    }
}
