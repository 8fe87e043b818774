//! The footer: which keys do what here.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text;
use crate::tui::theme::{Role, Theme};

const BETWEEN: &str = " · ";

/// Draws `key title · key title` into the first row of `area`. Pairs that do not fit whole are left
/// out from the end, so put the important ones first. Returns the columns taken.
pub fn hints(area: Rect, buf: &mut Buffer, theme: &Theme, pairs: &[(&str, &str)]) -> u16 {
    let area = area.intersection(buf.area);
    if area.is_empty() {
        return 0;
    }
    let right = area.right();
    let mut x = area.x;
    for (shown, (key, title)) in pairs.iter().enumerate() {
        let gap = if shown == 0 { "" } else { BETWEEN };
        let space = if title.is_empty() { "" } else { " " };
        let needed = text::width(gap) + text::width(key) + space.len() + text::width(title);
        if needed > usize::from(right - x) {
            break;
        }
        let parts =
            [(gap, Role::Dim), (key, Role::Key), (space, Role::Status), (title, Role::Status)];
        for (part, role) in parts {
            let room = usize::from(right - x);
            (x, _) = buf.set_stringn(x, area.y, part, room, theme.style(role));
        }
    }
    x - area.x
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(width: u16) -> String {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, 1));
        let pairs = [("Enter", "send"), ("F1", "keys"), ("Ctrl+O", "模型")];
        let taken = hints(buf.area, &mut buf, &Theme::default(), &pairs);
        let text: String = buf.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        assert!(taken <= width);
        text.trim_end().to_owned()
    }

    #[test]
    fn hints_drop_whole_from_the_end() {
        assert_eq!(shown(40), "Enter send · F1 keys · Ctrl+O 模 型");
        assert_eq!(shown(33), "Enter send · F1 keys");
        assert_eq!(shown(20), "Enter send · F1 keys");
        assert_eq!(shown(19), "Enter send");
        assert_eq!(shown(9), "");
        assert_eq!(shown(0), "");
    }
}
