//! Where the window is in something longer.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::theme::{Role, Theme};

/// Draws a position bar into the first column of `area`: `total` rows, the window begins at
/// `offset`. Draws nothing when everything fits.
pub fn bar(area: Rect, buf: &mut Buffer, theme: &Theme, total: usize, offset: usize) {
    let area = area.intersection(buf.area);
    let page = usize::from(area.height);
    if area.is_empty() || total <= page {
        return;
    }
    let (start, length) = thumb(page, total, offset);
    for row in 0..page {
        let within = (start..start + length).contains(&row);
        let (sign, role) = if within { ("┃", Role::Accent) } else { ("│", Role::Border) };
        // `page` came from a u16.
        let y = area.y + row as u16;
        buf[(area.x, y)].set_symbol(sign).set_style(theme.style(role));
    }
}

/// First row and length of the thumb. It touches an end only when the window does.
fn thumb(page: usize, total: usize, offset: usize) -> (usize, usize) {
    let length = (page * page / total).clamp(1, page);
    let room = page - length;
    let most = total - page;
    let offset = offset.min(most);
    let start = match (offset, room) {
        (0, _) | (_, 0) => 0,
        _ if offset == most => room,
        (_, 1) => 0,
        _ => (room * offset / most).clamp(1, room - 1),
    };
    (start, length)
}

/// The first row of a window of `page` rows that keeps `selected` in view and moves as little as
/// it can from `offset`.
pub fn window(offset: usize, selected: usize, total: usize, page: usize) -> usize {
    if page == 0 {
        return 0;
    }
    let offset = offset.min(total.saturating_sub(page));
    if selected < offset {
        selected
    } else if selected >= offset + page {
        selected + 1 - page
    } else {
        offset
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumb_touches_the_ends_only_there() {
        assert_eq!(thumb(10, 100, 0), (0, 1));
        assert_eq!(thumb(10, 100, 1), (1, 1));
        assert_eq!(thumb(10, 100, 89), (8, 1));
        assert_eq!(thumb(10, 100, 90), (9, 1));
        assert_eq!(thumb(10, 100, 9999), (9, 1));
        assert_eq!(thumb(1, 5, 2), (0, 1));
        assert_eq!(thumb(2, 3, 1), (1, 1));
    }

    #[test]
    fn nothing_is_drawn_when_everything_fits() {
        let theme = Theme::default();
        let mut buf = Buffer::empty(Rect::new(0, 0, 1, 4));
        bar(buf.area, &mut buf, &theme, 4, 0);
        assert_eq!(buf, Buffer::empty(buf.area));
        bar(buf.area, &mut buf, &theme, 8, 0);
        assert_eq!(buf[(0, 0)].symbol(), "┃");
        assert_eq!(buf[(0, 3)].symbol(), "│");
        bar(Rect::new(5, 5, 1, 9), &mut buf, &theme, 80, 3);
    }

    #[test]
    fn the_window_follows_the_selection() {
        assert_eq!(window(0, 3, 100, 10), 0);
        assert_eq!(window(0, 10, 100, 10), 1);
        assert_eq!(window(50, 3, 100, 10), 3);
        assert_eq!(window(95, 99, 100, 10), 90);
        assert_eq!(window(5, 0, 0, 10), 0);
        assert_eq!(window(5, 3, 9, 0), 0);
    }
}
