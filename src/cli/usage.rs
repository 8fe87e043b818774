//! `routedeck usage`: sums over the ledger.

use serde_json::{Value, json};

use super::args::{Usage, UsageBy};
use super::chats::document::totals_json;
use super::desk::Desk;
use super::moment;
use super::output::{Out, say};
use super::table::{Align, Table};
use crate::domain::ask::{self, UsageAsk, UsageReport};
use crate::domain::text::clean_line;
use crate::domain::usage::{Totals, UsageRow};
use crate::engine::{Query, Reply};

pub(super) async fn run(args: &Usage, desk: &Desk, out: &Out) -> anyhow::Result<()> {
    let since = args.since.as_deref().map(|text| moment::since(text, moment::now())).transpose()?;
    let by = match args.by {
        UsageBy::Model => ask::UsageBy::Model,
        UsageBy::Provider => ask::UsageBy::Provider,
        UsageBy::Day => ask::UsageBy::Day,
        UsageBy::Chat => ask::UsageBy::Chat,
    };
    let include_simulated = desk.engine.upstream().simulated;
    let ask = UsageAsk { by: Some(by), since, include_simulated, ..UsageAsk::default() };
    let Reply::Usage(report) = desk.ask(Query::Usage(ask)).await? else {
        anyhow::bail!("the ledger gave no sums. Please report this.");
    };
    if args.json {
        return out.json(&object(by, include_simulated, &report));
    }
    if args.csv {
        return out.write(&csv(by, &report)?);
    }
    if include_simulated {
        say("The sandbox is in use: what it simulated is counted here, although it cost nothing.");
    }
    if report.rows.is_empty() {
        say("Nothing was used in this time.");
        return Ok(());
    }
    out.write(&table(by, &report).render(|title| out.strong(title)))
}

fn object(by: ask::UsageBy, include_simulated: bool, report: &UsageReport) -> Value {
    let rows: Vec<Value> = report
        .rows
        .iter()
        .map(|row| {
            let mut object = totals_json(&row.totals);
            object[by.as_str()] = json!(row.label);
            object
        })
        .collect();
    json!({
        "by": by.as_str(),
        "includes_simulated": include_simulated,
        "rows": rows,
        "total": totals_json(&report.total),
    })
}

fn table(by: ask::UsageBy, report: &UsageReport) -> Table {
    let mut table = Table::new(&[
        (by.as_str(), Align::Left),
        ("sends", Align::Right),
        ("failed", Align::Right),
        ("tokens in", Align::Right),
        ("cached", Align::Right),
        ("tokens out", Align::Right),
        ("cost", Align::Right),
    ]);
    let mut add = |label: &str, totals: &Totals| {
        table.row([
            if label.is_empty() { "(unknown)".to_owned() } else { clean_line(label) },
            totals.sends.to_string(),
            totals.failed.to_string(),
            totals.prompt_tokens.to_string(),
            totals.cached_tokens.to_string(),
            totals.completion_tokens.to_string(),
            totals.cost_label(),
        ]);
    };
    for UsageRow { label, totals } in &report.rows {
        add(label, totals);
    }
    add("total", &report.total);
    table
}

/// One record a row and no total, so that a program can add up itself. Costs are exact.
fn csv(by: ask::UsageBy, report: &UsageReport) -> anyhow::Result<String> {
    let mut text = format!(
        "{},sends,failed,prompt_tokens,cached_tokens,completion_tokens,cost_usd,cost_computed_sends,cost_unknown_sends\n",
        by.as_str()
    );
    for UsageRow { label, totals } in &report.rows {
        let cells = [
            cell(label),
            totals.sends.to_string(),
            totals.failed.to_string(),
            totals.prompt_tokens.to_string(),
            totals.cached_tokens.to_string(),
            totals.completion_tokens.to_string(),
            totals.cost.exact(),
            totals.computed.to_string(),
            totals.unknown.to_string(),
        ];
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    Ok(text)
}

/// RFC 4180 quoting, and an apostrophe before what a spreadsheet would run as a formula.
fn cell(text: &str) -> String {
    let text = clean_line(text);
    let text = if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text };
    if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_cells_are_quoted_and_no_formulas() {
        assert_eq!(cell("a/b"), "a/b");
        assert_eq!(cell("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(cell("=1+1"), "'=1+1");
    }
}
