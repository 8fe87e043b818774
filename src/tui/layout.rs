//! Where things go: pure arithmetic from the size of the screen to the areas of its parts.

use ratatui::layout::Rect;

/// Text is never wider than this; longer lines are hard to read.
pub const WIDEST_TEXT: u16 = 100;

/// How much there is room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Width {
    /// Under 60 columns: one column, no borders.
    Linear,
    /// 60 to 99: one pane.
    Narrow,
    /// 100 to 139: one pane and an inspector on demand.
    Medium,
    /// 140 and more: lists beside details.
    Wide,
}

impl Width {
    pub fn of(columns: u16) -> Width {
        match columns {
            0..60 => Width::Linear,
            60..100 => Width::Narrow,
            100..140 => Width::Medium,
            140.. => Width::Wide,
        }
    }
}

/// The areas of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Regions {
    pub width: Width,
    /// One row; empty when the screen is too low for it.
    pub tabs: Rect,
    pub body: Rect,
    /// One row.
    pub status: Rect,
}

/// The smallest screen that shows more than one line of apology.
pub const SMALLEST: (u16, u16) = (20, 5);

/// Divides the screen; `None` when it is too small for anything.
pub fn arrange(area: Rect) -> Option<Regions> {
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        return None;
    }
    let tabs = u16::from(area.height >= 12);
    let row = |y: u16, height: u16| Rect { y: area.y + y, height, ..area };
    Some(Regions {
        width: Width::of(area.width),
        tabs: row(0, tabs),
        body: row(tabs, area.height - tabs - 1),
        status: row(area.height - 1, 1),
    })
}

/// The areas of the chat: the transcript above, the draft with its rule below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChatRegions {
    pub transcript: Rect,
    /// The line above the draft that carries the estimate.
    pub rule: Rect,
    pub draft: Rect,
    /// The line of hints below; empty on a low screen.
    pub hints: Rect,
}

/// Divides the chat's body for a draft of this many rows.
pub fn arrange_chat(body: Rect, draft_rows: u16) -> ChatRegions {
    let hints = u16::from(body.height >= 12);
    let most = if body.height < 16 { 2 } else { (body.height / 3).max(3) };
    let draft = draft_rows.clamp(1, most).min(body.height.saturating_sub(2).max(1));
    let rule = u16::from(body.height > draft + hints);
    let rows = body.height.saturating_sub(draft + rule + hints);
    let at = |y: u16, height: u16| Rect { y: body.y + y, height, ..body };
    ChatRegions {
        transcript: at(0, rows),
        rule: at(rows, rule),
        draft: at(rows + rule, draft.min(body.height - rows - rule)),
        hints: at(rows + rule + draft, hints),
    }
}

/// Columns of the draft's text on a screen this wide: behind the prompt sign.
pub fn draft_width(columns: u16) -> u16 {
    columns.saturating_sub(4).max(1)
}

/// The column of text inside the transcript: indented by two, not wider than is good to read.
pub fn text_width(columns: u16) -> u16 {
    match Width::of(columns) {
        Width::Linear => columns,
        Width::Narrow | Width::Medium | Width::Wide => columns.saturating_sub(5).min(WIDEST_TEXT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_belongs_to_exactly_one_part_at_any_size() {
        for width in 1..=220 {
            for height in 1..=70 {
                let area = Rect::new(0, 0, width, height);
                let Some(regions) = arrange(area) else {
                    assert!(width < SMALLEST.0 || height < SMALLEST.1);
                    continue;
                };
                let rows = regions.tabs.height + regions.body.height + regions.status.height;
                assert_eq!(rows, height);
                for draft in [1, 3, 40] {
                    let chat = arrange_chat(regions.body, draft);
                    let rows = chat.transcript.height
                        + chat.rule.height
                        + chat.draft.height
                        + chat.hints.height;
                    assert_eq!(rows, regions.body.height, "{width}x{height} draft {draft}");
                    assert!(chat.draft.height >= 1);
                }
            }
        }
    }
}
