//! The ledger: one row for each attempt, and the sums over it. Money is added up here, exactly;
//! SQLite would do it in binary fractions.

use std::collections::HashMap;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use crate::domain::ask::{UsageAsk, UsageBy, UsageReport};
use crate::domain::cost::Cost;
use crate::domain::id::{MessageId, Millis};
use crate::domain::turn::Receipt;
use crate::domain::usage::{LedgerEntry, Outcome, Totals, Usage, UsageRow};

use super::error::{Done, StoreError};
use super::queue::Kind;
use super::row::LEDGER_COLUMNS;
use super::{Store, row, shelf};

/// Label of what was spent without a chat, such as by `ask`.
const NO_CHAT: &str = "no chat";
/// Label of what was spent in chats that were deleted for good.
const GONE_CHATS: &str = "deleted chats";
const UNKNOWN: &str = "unknown";

impl Store {
    /// Adds one row to the ledger, for an attempt that is kept nowhere else.
    pub fn record(&self, entry: LedgerEntry) {
        self.tell(512, move |db| insert(db, &entry));
    }

    /// Adds up a part of the ledger.
    pub async fn usage(&self, ask: UsageAsk) -> Result<UsageReport, StoreError> {
        self.read(move |db| report(db, &ask)).await
    }

    /// What an attempt cost in truth, known only now: replaces cost and counts in the ledger and
    /// in the receipt of the answer. [`Cost::Unknown`] and `None` leave what is known as it is.
    /// Gives the entry as it is now; `None` when no attempt has this generation id.
    pub async fn settle(
        &self,
        generation_id: &str,
        cost: Cost,
        usage: Option<Usage>,
    ) -> Result<Option<LedgerEntry>, StoreError> {
        let id = generation_id.to_owned();
        self.write(Kind::Keep, 512, move |db| settle(db, &id, cost, usage.as_ref())).await
    }

    /// The ledger, oldest first, from one moment up to (without) another.
    pub async fn entries(
        &self,
        since: Option<Millis>,
        until: Option<Millis>,
    ) -> Result<Vec<LedgerEntry>, StoreError> {
        self.read(move |db| {
            let mut select = db.prepare_cached(&format!(
                "SELECT {LEDGER_COLUMNS} FROM ledger
                 WHERE at >= coalesce(?1, at) AND at < coalesce(?2, at + 1) ORDER BY id"
            ))?;
            let rows = select.query_map([since.map(|m| m.0), until.map(|m| m.0)], row::entry)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }
}

pub(super) fn insert(db: &Connection, e: &LedgerEntry) -> Done<()> {
    let places = (1..=29).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
    db.prepare_cached(&format!("INSERT INTO ledger ({LEDGER_COLUMNS}) VALUES ({places})"))?
        .execute(params_from_iter(row::entry_values(e)))?;
    shelf::touch(db, &e.upstream, &e.model_asked, e.at)
}

fn settle(
    db: &Connection,
    generation: &str,
    cost: Cost,
    usage: Option<&Usage>,
) -> Done<Option<LedgerEntry>> {
    let found: Option<(i64, LedgerEntry)> = db
        .prepare_cached(&format!(
            "SELECT {LEDGER_COLUMNS}, id FROM ledger WHERE generation_id = ?1
             ORDER BY id DESC LIMIT 1"
        ))?
        .query_row([generation], |row| Ok((row.get("id")?, row::entry(row)?)))
        .optional()?;
    let Some((id, mut known)) = found else { return Ok(None) };
    if cost != Cost::Unknown {
        known.cost = cost;
    }
    if let Some(usage) = usage {
        known.usage = Some(usage.clone());
    }
    let places = (1..=29).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
    let mut values = row::entry_values(&known);
    values.push(id.into());
    db.prepare_cached(&format!(
        "UPDATE ledger SET ({LEDGER_COLUMNS}) = ({places}) WHERE id = ?30"
    ))?
    .execute(params_from_iter(values))?;
    if let Some(message) = known.message {
        settle_receipt(db, message, generation, cost, usage)?;
    }
    Ok(Some(known))
}

fn settle_receipt(
    db: &Connection,
    message: MessageId,
    generation: &str,
    cost: Cost,
    usage: Option<&Usage>,
) -> Done<()> {
    let kept: Option<Option<String>> = db
        .prepare_cached("SELECT receipt FROM message WHERE id = ?1")?
        .query_row([message.0], |row| row.get(0))
        .optional()?;
    let Some(mut receipt) =
        kept.flatten().and_then(|json| serde_json::from_str::<Receipt>(&json).ok())
    else {
        return Ok(());
    };
    if receipt.generation_id.as_deref() != Some(generation) {
        return Ok(());
    }
    if cost != Cost::Unknown {
        receipt.cost = cost;
        if let Some(last) = receipt.attempts.last_mut() {
            last.cost = cost;
        }
    }
    if let Some(usage) = usage {
        receipt.usage = Some(usage.clone());
    }
    db.prepare_cached("UPDATE message SET receipt = ?2 WHERE id = ?1")?
        .execute(params![message.0, serde_json::to_string(&receipt)?])?;
    Ok(())
}

/// Adds one row to sums, from [`SUM_COLUMNS`] starting at `at`.
pub(super) fn add(totals: &mut Totals, row: &Row, at: usize) -> rusqlite::Result<()> {
    let tokens = |at| row.get::<_, Option<i64>>(at).map(|n| row::count(n.unwrap_or(0)));
    totals.sends += 1;
    let outcome = Outcome::parse(row.get_ref(at)?.as_str().unwrap_or(""));
    totals.failed += u64::from(matches!(outcome, Some(Outcome::Failed | Outcome::Absorbed)));
    totals.prompt_tokens += tokens(at + 1)?;
    totals.cached_tokens += tokens(at + 2)?;
    totals.completion_tokens += tokens(at + 3)?;
    let amount = row::usd(row.get_ref(at + 5)?.as_str_or_null().unwrap_or(None));
    match row::cost(row.get_ref(at + 4)?.as_str().unwrap_or(""), amount) {
        Cost::Billed(usd) => totals.cost += usd,
        Cost::Computed(usd) => {
            totals.cost += usd;
            totals.computed += 1;
        }
        Cost::Unknown => totals.unknown += 1,
    }
    Ok(())
}

/// What [`add`] reads.
pub(super) const SUM_COLUMNS: &str = "ledger.outcome, ledger.prompt_tokens, \
    ledger.cached_tokens, ledger.completion_tokens, ledger.cost_source, ledger.cost";

pub(super) fn report_sql(ask: &UsageAsk) -> String {
    let group = match ask.by {
        None => "NULL",
        Some(UsageBy::Model) => "model_asked",
        Some(UsageBy::Provider) => "provider",
        Some(UsageBy::Day) => "at / 86400000",
        Some(UsageBy::Chat) => "chat",
    };
    let filter = if ask.chat.is_some() { "chat = ?3" } else { "?3 IS NULL" };
    format!(
        "SELECT {group}, {SUM_COLUMNS} FROM ledger
         WHERE at >= ?1 AND at < ?2 AND {filter} AND simulated <= ?4"
    )
}

fn report(db: &Connection, ask: &UsageAsk) -> Done<UsageReport> {
    let mut select = db.prepare_cached(&report_sql(ask))?;
    let since = ask.since.map_or(i64::MIN, |m| m.0);
    let until = ask.until.map_or(i64::MAX, |m| m.0);
    let mut rows =
        select.query(params![since, until, ask.chat.map(|c| c.0), ask.include_simulated])?;
    let mut groups: HashMap<Group, Totals> = HashMap::new();
    while let Some(row) = rows.next()? {
        let group = match row.get_ref(0)? {
            ValueRef::Integer(number) => Group::Number(number),
            ValueRef::Text(text) => Group::Name(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => Group::None,
        };
        add(groups.entry(group).or_default(), row, 1)?;
    }
    let mut report = UsageReport::default();
    for totals in groups.values() {
        merge(&mut report.total, totals);
    }
    let Some(by) = ask.by else { return Ok(report) };
    report.rows = match by {
        UsageBy::Chat => label_chats(db, groups)?,
        UsageBy::Model | UsageBy::Provider | UsageBy::Day => {
            groups.into_iter().map(|(g, totals)| UsageRow { label: g.label(), totals }).collect()
        }
    };
    report.rows.sort_by(|a, b| {
        let dearest = b.totals.cost.cmp(&a.totals.cost).then(b.totals.sends.cmp(&a.totals.sends));
        match by {
            UsageBy::Day => b.label.cmp(&a.label),
            UsageBy::Model | UsageBy::Provider | UsageBy::Chat => {
                dearest.then_with(|| a.label.cmp(&b.label))
            }
        }
    });
    Ok(report)
}

/// What rows are grouped by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Group {
    None,
    /// A day since 1970, or a chat.
    Number(i64),
    Name(String),
}

impl Group {
    fn label(self) -> String {
        match self {
            Group::None => UNKNOWN.to_owned(),
            Group::Number(day) => day_label(day),
            Group::Name(name) => name,
        }
    }
}

/// `2026-11-25` for a number of days since 1970.
fn day_label(day: i64) -> String {
    jiff::Timestamp::from_second(day.saturating_mul(86_400))
        .map_or_else(|_| UNKNOWN.to_owned(), |time| time.strftime("%Y-%m-%d").to_string())
}

/// Titles instead of ids; what belongs to no chat, or to none any more, is one row each.
fn label_chats(db: &Connection, groups: HashMap<Group, Totals>) -> Done<Vec<UsageRow>> {
    let mut select = db.prepare_cached("SELECT title FROM chat WHERE id = ?1")?;
    let mut rows = Vec::new();
    let mut gone = Totals::default();
    for (group, totals) in groups {
        let Group::Number(chat) = group else {
            rows.push(UsageRow { label: NO_CHAT.to_owned(), totals });
            continue;
        };
        match select.query_row([chat], |row| row.get(0)).optional()? {
            Some(label) => rows.push(UsageRow { label, totals }),
            None => merge(&mut gone, &totals),
        }
    }
    if gone.sends > 0 {
        rows.push(UsageRow { label: GONE_CHATS.to_owned(), totals: gone });
    }
    Ok(rows)
}

fn merge(into: &mut Totals, part: &Totals) {
    into.sends += part.sends;
    into.failed += part.failed;
    into.prompt_tokens += part.prompt_tokens;
    into.cached_tokens += part.cached_tokens;
    into.completion_tokens += part.completion_tokens;
    into.cost += part.cost;
    into.unknown += part.unknown;
    into.computed += part.computed;
}
