//! Values to columns and back. A value that cannot be read back (a damaged row, a word of a newer
//! program) becomes its emptiest form: one bad row hides no others.

use rusqlite::Row;
use rusqlite::types::Value;

use crate::domain::ask::ChunkKind;
use crate::domain::cost::Cost;
use crate::domain::id::{ChatId, MessageId, Millis, ModelId};
use crate::domain::money::Usd;
use crate::domain::usage::{LedgerEntry, Outcome, Usage};

/// Columns of the ledger in the order of [`entry`] and [`entry_values`].
pub(super) const LEDGER_COLUMNS: &str = "at, simulated, upstream, key_fingerprint, model_asked, \
    model_served, provider, outcome, status, chat, message, cost, cost_source, computed, \
    prompt_tokens, completion_tokens, total_tokens, cached_tokens, cache_write_tokens, \
    reasoning_tokens, audio_tokens, image_output_tokens, web_searches, billed, is_byok, \
    upstream_cost, ttft_ms, duration_ms, generation_id";

/// A count as SQLite keeps it.
pub(super) fn int(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A count as it was kept.
pub(super) fn count(kept: i64) -> u64 {
    u64::try_from(kept).unwrap_or(0)
}

pub(super) fn kind_number(kind: ChunkKind) -> i64 {
    match kind {
        ChunkKind::Text => 0,
        ChunkKind::Reasoning => 1,
    }
}

pub(super) fn kind_of(number: i64) -> ChunkKind {
    if number == 1 { ChunkKind::Reasoning } else { ChunkKind::Text }
}

pub(super) fn usd(text: Option<&str>) -> Option<Usd> {
    text.and_then(Usd::parse)
}

pub(super) fn cost(source: &str, amount: Option<Usd>) -> Cost {
    match (source, amount) {
        ("billed", Some(usd)) => Cost::Billed(usd),
        ("computed", Some(usd)) => Cost::Computed(usd),
        _ => Cost::Unknown,
    }
}

/// The values of [`LEDGER_COLUMNS`].
pub(super) fn entry_values(e: &LedgerEntry) -> Vec<Value> {
    let usage = e.usage.as_ref();
    let tokens = |count: fn(&Usage) -> u64| Value::from(usage.map(|u| int(count(u))));
    let exact = |usd: Option<Usd>| Value::from(usd.map(Usd::exact));
    let model = |id: &ModelId| id.as_str().to_owned();
    vec![
        e.at.0.into(),
        e.simulated.into(),
        e.upstream.clone().into(),
        e.key_fingerprint.clone().into(),
        model(&e.model_asked).into(),
        e.model_served.as_ref().map(model).into(),
        e.provider.clone().into(),
        e.outcome.as_str().to_owned().into(),
        e.status.map(i64::from).into(),
        e.chat.map(|c| c.0).into(),
        e.message.map(|m| m.0).into(),
        exact(e.cost.usd()),
        e.cost.source().to_owned().into(),
        exact(e.computed),
        tokens(|u| u.prompt_tokens),
        tokens(|u| u.completion_tokens),
        tokens(|u| u.total_tokens),
        tokens(|u| u.cached_tokens),
        tokens(|u| u.cache_write_tokens),
        tokens(|u| u.reasoning_tokens),
        tokens(|u| u.audio_tokens),
        tokens(|u| u.image_output_tokens),
        tokens(|u| u.web_searches),
        exact(usage.and_then(|u| u.billed)),
        usage.map(|u| i64::from(u.is_byok)).into(),
        exact(usage.and_then(|u| u.upstream_cost)),
        e.ttft_ms.map(int).into(),
        int(e.duration_ms).into(),
        e.generation_id.clone().into(),
    ]
}

fn money(row: &Row, at: usize) -> rusqlite::Result<Option<Usd>> {
    Ok(usd(row.get_ref(at)?.as_str_or_null().unwrap_or(None)))
}

fn counted(row: &Row, at: usize) -> rusqlite::Result<Option<u64>> {
    Ok(row.get::<_, Option<i64>>(at)?.map(count))
}

/// Reads [`LEDGER_COLUMNS`].
pub(super) fn entry(row: &Row) -> rusqlite::Result<LedgerEntry> {
    let source = row.get_ref(12)?.as_str().unwrap_or("").to_owned();
    Ok(LedgerEntry {
        at: Millis(row.get(0)?),
        simulated: row.get(1)?,
        upstream: row.get(2)?,
        key_fingerprint: row.get(3)?,
        model_asked: ModelId::from(row.get::<_, String>(4)?),
        model_served: row.get::<_, Option<String>>(5)?.map(ModelId::from),
        provider: row.get(6)?,
        outcome: Outcome::parse(row.get_ref(7)?.as_str().unwrap_or("")).unwrap_or(Outcome::Failed),
        status: row.get(8)?,
        chat: row.get::<_, Option<i64>>(9)?.map(ChatId),
        message: row.get::<_, Option<i64>>(10)?.map(MessageId),
        cost: cost(&source, money(row, 11)?),
        computed: money(row, 13)?,
        usage: usage(row)?,
        ttft_ms: counted(row, 26)?,
        duration_ms: count(row.get(27)?),
        generation_id: row.get(28)?,
    })
}

fn usage(row: &Row) -> rusqlite::Result<Option<Usage>> {
    let Some(prompt_tokens) = counted(row, 14)? else { return Ok(None) };
    let tokens = |at| counted(row, at).map(Option::unwrap_or_default);
    Ok(Some(Usage {
        prompt_tokens,
        completion_tokens: tokens(15)?,
        total_tokens: tokens(16)?,
        cached_tokens: tokens(17)?,
        cache_write_tokens: tokens(18)?,
        reasoning_tokens: tokens(19)?,
        audio_tokens: tokens(20)?,
        image_output_tokens: tokens(21)?,
        web_searches: tokens(22)?,
        billed: money(row, 23)?,
        is_byok: row.get::<_, Option<bool>>(24)?.unwrap_or(false),
        upstream_cost: money(row, 25)?,
    }))
}
