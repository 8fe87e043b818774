//! Frames: a titled border where two panes meet, and overlays above everything.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, BorderType, Clear, Widget};

use super::text;
use crate::tui::theme::{Role, Theme};

/// A border with words in it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Panel<'a> {
    /// Top left.
    pub title: &'a str,
    /// Top right; left out when there is no room for both.
    pub note: &'a str,
    /// Bottom right.
    pub foot: &'a str,
    /// Whether the keys go here.
    pub focus: bool,
}

impl Panel<'_> {
    /// Draws the border and gives the area within, with one column of air on both sides.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, theme: &Theme) -> Rect {
        let area = area.intersection(buf.area);
        if area.width < 2 || area.height < 2 {
            return Rect::new(area.x, area.y, 0, 0);
        }
        let role = if self.focus { Role::BorderFocus } else { Role::Border };
        Block::bordered()
            .border_type(BorderType::Rounded)
            .border_style(theme.style(role))
            .render(area, buf);
        let room = usize::from(area.width.saturating_sub(4));
        let title = self.words(area.x + 2, area.y, room, self.title, Role::Title, buf, theme);
        let left = room.saturating_sub(title + 2);
        if text::width(self.note) + 2 <= left {
            self.at_right(area, area.y, self.note, buf, theme);
        }
        if text::width(self.foot) + 2 <= room {
            self.at_right(area, area.bottom() - 1, self.foot, buf, theme);
        }
        let inner = Rect::new(area.x + 1, area.y + 1, area.width - 2, area.height - 2);
        let air = u16::from(inner.width > 4);
        Rect::new(inner.x + air, inner.y, inner.width - 2 * air, inner.height)
    }

    fn at_right(&self, area: Rect, y: u16, words: &str, buf: &mut Buffer, theme: &Theme) {
        let columns = text::width(words) as u16 + 2;
        let x = area.right().saturating_sub(2 + columns);
        self.words(x, y, usize::from(columns), words, Role::Dim, buf, theme);
    }

    /// ` words ` over the border; returns the columns taken.
    #[expect(clippy::too_many_arguments, reason = "a place, a text and where to draw it")]
    fn words(
        &self,
        x: u16,
        y: u16,
        room: usize,
        words: &str,
        role: Role,
        buf: &mut Buffer,
        theme: &Theme,
    ) -> usize {
        if words.is_empty() || room < 3 {
            return 0;
        }
        let shown = format!(" {} ", text::fit(words, room - 2));
        let (end, _) = buf.set_stringn(x, y, shown, room, theme.style(role));
        usize::from(end - x)
    }
}

/// The middle of `area`, at most `width` by `height`.
pub fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    let x = area.x + (area.width - width) / 2;
    let y = area.y + (area.height - height) / 2;
    Rect::new(x, y, width, height)
}

/// Empties the middle of `area` and draws `panel` there; gives the area within.
pub fn overlay(
    area: Rect,
    width: u16,
    height: u16,
    panel: Panel<'_>,
    buf: &mut Buffer,
    theme: &Theme,
) -> Rect {
    let place = centred(area.intersection(buf.area), width, height);
    Clear.render(place, buf);
    buf.set_style(place, theme.style(Role::Text));
    panel.draw(place, buf, theme)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(width: u16, height: u16, panel: Panel<'_>) -> (Vec<String>, Rect) {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
        let inner = panel.draw(buf.area, &mut buf, &Theme::default());
        let row = |y| (0..width).map(|x| buf[(x, y)].symbol()).collect();
        ((0..height).map(row).collect(), inner)
    }

    #[test]
    fn words_sit_in_the_border_as_far_as_they_fit() {
        let panel = Panel { title: "chat", note: "#7", foot: "Esc", focus: true };
        let (rows, inner) = shown(20, 3, panel);
        assert_eq!(
            rows,
            [
                "╭─ chat ────── #7 ─╮",
                "│                  │",
                "╰───────────── Esc ─╯".replacen('─', "", 1).as_str()
            ]
        );
        assert_eq!(inner, Rect::new(2, 1, 16, 1));
        let (rows, _) = shown(10, 2, panel);
        assert_eq!(rows[0], "╭─ chat ─╮");
        let (rows, _) = shown(9, 2, panel);
        assert_eq!(rows[0], "╭─ ch… ─╮");
    }

    #[test]
    fn any_size_is_survived() {
        let theme = Theme::default();
        let panel = Panel { title: "模型", note: "注", foot: "x", focus: false };
        for width in 0..12 {
            for height in 0..5 {
                let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
                let inner = overlay(buf.area, 8, 3, panel, &mut buf, &theme);
                assert!(inner.is_empty() || buf.area.intersection(inner) == inner);
            }
        }
    }

    #[test]
    fn an_overlay_hides_what_is_below() {
        let mut buf = Buffer::with_lines(["xxxxxxxx", "xxxxxxxx", "xxxxxxxx", "xxxxxxxx"]);
        overlay(buf.area, 4, 2, Panel::default(), &mut buf, &Theme::default());
        let row = |y| (0..8).map(|x| buf[(x, y)].symbol()).collect::<String>();
        assert_eq!([row(0), row(1), row(2)], ["xxxxxxxx", "xx╭──╮xx", "xx╰──╯xx"]);
    }
}
