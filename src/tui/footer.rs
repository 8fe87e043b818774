//! The last line of a pane: which keys do what here.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::action::Action;
use super::cx::Cx;
use super::widgets::hints;

/// Draws the keys of these actions as far as they fit; actions without a key are left out.
pub fn draw(actions: &[Action], cx: &Cx, area: Rect, buf: &mut Buffer) {
    let shown = actions.iter().filter_map(|a| Some((cx.keymap.key_of(*a)?, a.info().title)));
    let shown: Vec<(String, &str)> = shown.collect();
    let pairs: Vec<(&str, &str)> =
        shown.iter().map(|(key, title)| (key.as_str(), *title)).collect();
    hints::hints(area, buf, cx.theme, &pairs);
}
