//! The status line as data: its fields from left to right, and which go first when it is narrow.

use crate::domain::money::Usd;
use crate::engine::RefreshState;
use crate::tui::action::Action;
use crate::tui::chat::Phase;
use crate::tui::chat::strip::cost_so_far;
use crate::tui::msg::Now;
use crate::tui::numbers::percent;
use crate::tui::theme::Role;
use crate::tui::widgets::text;

use super::App;

/// One field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusField {
    pub text: String,
    pub role: Role,
    /// The greatest goes first when there is no room; 0 stays.
    drop: u8,
}

/// The line: fields from the left and a short one at the right end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    pub fields: Vec<StatusField>,
    pub right: Option<StatusField>,
}

const BETWEEN: usize = 3;

/// The status of the app on a line of this many columns.
pub fn status(app: &App, columns: u16, now: Now) -> Status {
    let mut fields = Vec::new();
    let mut add =
        |text: String, role: Role, drop: u8| fields.push(StatusField { text, role, drop });
    if let Some(banner) = &app.toasts.banner {
        add(format!("! {banner}"), Role::Lamp, 0);
    }
    if app.forgets {
        add("! nothing is kept this time".into(), Role::Lamp, 0);
    }
    if app.upstream.simulated {
        add("SANDBOX simulated replies, no charge".into(), Role::Lamp, 0);
    }
    let model = app.chats.open.model.as_ref();
    add(model.map_or("no model: Ctrl+O".into(), ToString::to_string), Role::Status, 0);
    if let Some(lamp) = lamp(app) {
        add(lamp, Role::Lamp, 0);
    }
    if let Some(context) = context(app) {
        add(context, Role::Status, 2);
    }
    add(meter("chat", &chat_cost(app, now)), Role::Money, 1);
    if !app.upstream.simulated {
        add(meter("day", &app.today.cost_label()), Role::Money, 5);
        if let Some(left) = key_left(app) {
            add(left, Role::Money, 4);
        }
    }
    let right = right(app).map(|(text, role)| StatusField { text, role, drop: 6 });
    fit(Status { fields, right }, usize::from(columns))
}

/// Leaves out fields until the line fits.
fn fit(mut status: Status, columns: usize) -> Status {
    loop {
        let right = status.right.as_ref().map_or(0, |f| text::width(&f.text) + BETWEEN);
        let left: usize = status.fields.iter().map(|f| text::width(&f.text) + BETWEEN).sum();
        if left + right <= columns + BETWEEN {
            return status;
        }
        let right_drop = status.right.as_ref().map_or(0, |f| f.drop);
        let widest = status.fields.iter().map(|f| f.drop).max().unwrap_or(0).max(right_drop);
        if widest == 0 {
            return status;
        }
        if right_drop == widest {
            status.right = None;
        } else {
            status.fields.retain(|f| f.drop != widest);
        }
    }
}

fn meter(name: &str, cost: &str) -> String {
    match cost {
        "unknown" => format!("{name} cost unknown"),
        cost => format!("{name} {cost}"),
    }
}

fn lamp(app: &App) -> Option<String> {
    let model = app.catalog.get(app.chats.open.model.as_ref()?.as_str())?;
    let expires = model.expiration_date.as_ref().filter(|date| !date.starts_with("2098"))?;
    Some(format!("! this model ends on {expires}"))
}

/// The share of the model's context that the next send takes.
fn context(app: &App) -> Option<String> {
    let model = app.catalog.get(app.chats.open.model.as_ref()?.as_str())?;
    let window = model.context_length?;
    let next = app.next_send();
    Some(format!("ctx ≈ {}", percent(next.prompt_tokens, window)))
}

/// What the chat cost, the answer that is coming included (then an estimate).
fn chat_cost(app: &App, now: Now) -> String {
    let open = &app.chats.open;
    let so_far = open
        .live
        .as_ref()
        .and_then(|live| cost_so_far(open.items.get(live.item)?, live, &app.cx(now)));
    match so_far {
        Some(usd) if usd != Usd::ZERO => {
            let mut totals = open.totals.clone();
            totals.cost += usd;
            totals.computed += 1;
            totals.cost_label()
        }
        _ => open.totals.cost_label(),
    }
}

fn key_left(app: &App) -> Option<String> {
    let key = app.key.as_ref()?;
    let left = key.limit_remaining.or(key.credit_left)?;
    Some(format!("key {left} left"))
}

fn right(app: &App) -> Option<(String, Role)> {
    let live = app.chats.open.live.as_ref();
    if let Some(Phase::Waiting { why, .. }) = live.map(|live| &live.phase) {
        return Some((why.to_string(), Role::Warn));
    }
    let behind = app.chats.live_turns().len() - usize::from(live.is_some());
    if behind > 0 {
        return Some((format!("{behind} more answering"), Role::Accent));
    }
    if app.refresh == Some(RefreshState::Began) {
        return Some(("fetching models".into(), Role::Dim));
    }
    if app.offline {
        return Some(("offline".into(), Role::Warn));
    }
    let key = app.keymap.key_of(Action::Help)?;
    Some((format!("{key} help"), Role::Dim))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(text: &str, drop: u8) -> StatusField {
        StatusField { text: text.into(), role: Role::Status, drop }
    }

    #[test]
    fn the_least_important_field_goes_first_and_the_model_never() {
        let whole = Status {
            fields: vec![field("model", 0), field("ctx", 2), field("day", 5)],
            right: Some(field("help", 6)),
        };
        let shown = |columns| {
            let status = fit(whole.clone(), columns);
            let mut texts: Vec<String> = status.fields.iter().map(|f| f.text.clone()).collect();
            texts.extend(status.right.map(|f| f.text));
            texts.join(" ")
        };
        assert_eq!(shown(40), "model ctx day help");
        assert_eq!(shown(22), "model ctx day");
        assert_eq!(shown(12), "model ctx");
        assert_eq!(shown(3), "model");
    }
}
