//! Draws the board: the key and the totals above, the chart, the table.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rust_decimal::prelude::ToPrimitive;

use crate::domain::account::KeyInfo;
use crate::domain::money::Usd;
use crate::domain::usage::{Totals, UsageRow};
use crate::tui::action::Action;
use crate::tui::cx::Cx;
use crate::tui::footer;
use crate::tui::numbers::plural;
use crate::tui::spans::{Spans, draw_rows, rule, sentence, wrap};
use crate::tui::theme::Role;
use crate::tui::widgets::panel::Panel;
use crate::tui::widgets::spark::spark;
use crate::tui::widgets::{Signs, text};

use super::board::{Board, Figures};
use super::period::{CHART_DAYS, Period, chart_days};
use super::{account, table};

/// Key and totals stand side by side, with borders, from this size on.
const SIDE_BY_SIDE: (u16, u16) = (76, 18);
/// Columns of the names in the totals.
const NAMES: usize = 12;

impl Board {
    pub fn draw(&self, key: Option<&KeyInfo>, cx: &Cx, area: Rect, buf: &mut Buffer) {
        let mut area = area.intersection(buf.area);
        if area.is_empty() {
            return;
        }
        if area.height >= 12 {
            area.height -= 1;
            let line = Rect { y: area.bottom(), height: 1, ..area };
            footer::draw(HINTS, cx, line, buf);
        }
        let used = if area.width >= SIDE_BY_SIDE.0 && area.height >= SIDE_BY_SIDE.1 {
            self.draw_panels(key, cx, area, buf)
        } else {
            self.draw_lines(key, cx, area, buf)
        };
        area = below(area, used);
        if area.height >= 5 {
            self.chart(cx).draw(area, buf, cx.theme);
            area = below(area, 1);
        }
        self.draw_table(cx, area, buf);
    }

    fn draw_panels(&self, key: Option<&KeyInfo>, cx: &Cx, area: Rect, buf: &mut Buffer) -> u16 {
        let left = (area.width * 11 / 20).min(area.width - 34);
        let facts = account::lines(key, cx, left - 4);
        let totals = self.totals(cx);
        let rows = u16::try_from(facts.len().max(totals.len())).unwrap_or(u16::MAX);
        let height = rows.saturating_add(2).min(area.height / 2);
        let age = account::age(key, cx);
        let panel = Panel { title: "this key", note: &age, foot: "", focus: false };
        let inner = panel.draw(Rect { width: left, height, ..area }, buf, cx.theme);
        draw_rows(&facts, inner, buf, cx.theme);
        let right = Rect { x: area.x + left, width: area.width - left, height, ..area };
        let panel = Panel { title: "spent, as kept here", note: "UTC", foot: "", focus: false };
        let inner = panel.draw(right, buf, cx.theme);
        draw_rows(&totals, inner, buf, cx.theme);
        height
    }

    /// The same without borders, on a screen without room for both: totals first, of the key what
    /// fits.
    fn draw_lines(&self, key: Option<&KeyInfo>, cx: &Cx, area: Rect, buf: &mut Buffer) -> u16 {
        let mut lines = self.totals(cx);
        let room = usize::from(area.height / 2);
        lines.extend(account::lines(key, cx, area.width));
        lines.truncate(room);
        draw_rows(&lines, area, buf, cx.theme);
        u16::try_from(lines.len()).unwrap_or(0)
    }

    fn totals(&self, cx: &Cx) -> Vec<Spans> {
        let mut lines = Vec::new();
        if cx.upstream.simulated {
            lines.push(Spans::new(Role::Accent, "simulated: nothing is charged"));
        }
        let none = self.chat.is_none();
        lines.push(total(Period::Today, &self.today, false));
        lines.push(total(Period::Month, &self.month, false));
        lines.push(total(Period::Chat, &self.of_chat, none));
        lines
    }

    fn chart(&self, cx: &Cx) -> Spans {
        let title = Spans::new(Role::Dim, text::pad_end("14 days", NAMES));
        let Some((_, report)) = &self.days.shown else { return title };
        let of = |day: &String| report.rows.iter().find(|row| row.label == *day);
        let days = chart_days(cx.now.wall);
        let rows: Vec<Option<&UsageRow>> = days.iter().map(of).collect();
        // For the height of a sign only: figures are never made of it.
        let height = |row: &Option<&UsageRow>| {
            row.map_or(0.0, |row| row.totals.cost.0.to_f64().unwrap_or(0.0))
        };
        let heights: Vec<f64> = rows.iter().map(height).collect();
        let bars = spark(&heights, CHART_DAYS, Signs::Unicode);
        let title = title.and(Role::Series1, bars);
        let most = rows.into_iter().flatten().max_by_key(|row| row.totals.cost);
        match most.filter(|row| row.totals.cost > Usd::ZERO) {
            Some(row) => title
                .and(Role::Dim, "  most ")
                .and(Role::Money, row.totals.cost_label())
                .and(Role::Dim, format!(" on {}", row.label)),
            None => title.and(Role::Dim, "  nothing spent"),
        }
    }

    fn draw_table(&self, cx: &Cx, area: Rect, buf: &mut Buffer) {
        // What is shown may still be the table before the one that was asked for.
        let subject = self.table.shown.as_ref().map_or_else(|| self.subject(), |(shown, _)| *shown);
        let by = subject.by.unwrap_or(self.by);
        let title = format!("{} by {}", subject.period.title(), by.as_str());
        rule(&title, "", Rect { height: area.height.min(1), ..area }, buf, cx.theme);
        let area = below(area, 1);
        if let Some(trouble) = &self.table.trouble {
            return draw_rows(&sentence(trouble, usize::from(area.width)), area, buf, cx.theme);
        }
        match &self.table.shown {
            Some((_, report)) if !report.rows.is_empty() => {
                table::draw(self, by, report, cx, area, buf);
            }
            Some(_) => self.draw_nothing(cx, area, buf),
            None if self.table.waiting.is_some() => {
                draw_rows(&[Spans::new(Role::Dim, "asking …")], area, buf, cx.theme);
            }
            None => self.draw_nothing(cx, area, buf),
        }
    }

    fn draw_nothing(&self, cx: &Cx, area: Rect, buf: &mut Buffer) {
        let key = |action| cx.keymap.key_of(action).unwrap_or_else(|| "the palette".into());
        let (window, chat) = (key(Action::UsageWindow), key(Action::BrowseChat));
        let words = match self.period {
            Period::Chat => format!("Nothing was sent in this chat. {window} changes the window."),
            Period::Today => format!("Nothing was sent today. {window} changes the window."),
            Period::Week | Period::Month | Period::Chart => {
                format!("Nothing was sent in this time. {window} changes the window.")
            }
            Period::All => format!("Nothing was sent yet. {chat} goes to the chat."),
        };
        let rows = wrap(&words, usize::from(area.width));
        let rows: Vec<Spans> = rows.into_iter().map(|row| Spans::new(Role::Dim, row)).collect();
        draw_rows(&rows, area, buf, cx.theme);
    }
}

const HINTS: &[Action] = &[
    Action::UsageWindow,
    Action::UsageByModel,
    Action::UsageByProvider,
    Action::UsageByDay,
    Action::UsageByChat,
    Action::UsageRefresh,
    Action::BrowseHelp,
];

fn total(period: Period, figures: &Figures, none: bool) -> Spans {
    let name = Spans::new(Role::Dim, text::pad_end(period.title(), NAMES));
    let figure = |totals: &Totals| {
        Spans::new(table::cost_role(totals), totals.cost_label())
            .and(Role::Dim, format!("  {}", plural(totals.sends, "send")))
    };
    let figure = match (&figures.shown, &figures.trouble) {
        (Some((_, report)), _) => figure(&report.total),
        (None, Some(trouble)) => Spans::new(Role::Bad, trouble.why.to_string()),
        (None, None) if none => Spans::new(Role::Dim, "nothing sent"),
        (None, None) => Spans::new(Role::Dim, "…"),
    };
    let mut line = name;
    line.0.extend(figure.0);
    line
}

fn below(area: Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    Rect { y: area.y + rows, height: area.height - rows, ..area }
}
