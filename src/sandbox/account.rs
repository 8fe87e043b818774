//! The one account of the sandbox: what it spent, what it may, and every generation it served.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::id::Millis;
use crate::domain::money::Usd;

use super::generation::Generation;
use super::money::Dollars;
use super::refusal::Refusal;
use super::{FreeTier, KEY, Settings};

/// Most generations remembered; older ones are forgotten first.
const MOST_GENERATIONS: usize = 10_000;
/// Most turns and prompts remembered for behaviours that depend on the past.
const MOST_MEMORIES: usize = 2_048;
const DAY: i64 = 86_400_000;

/// Everything that changes while the sandbox runs.
#[derive(Debug, Default)]
pub(super) struct Account {
    spent: Usd,
    by_day: BTreeMap<i64, Usd>,
    free_day: (i64, u64),
    free_minute: VecDeque<Millis>,
    generations: HashMap<String, Arc<Generation>>,
    order: VecDeque<String>,
    memories: HashSet<u64>,
    memory_order: VecDeque<u64>,
    /// Requests so far: makes ids unique.
    pub(super) counter: u64,
}

impl Account {
    pub(super) fn spent(&self) -> Usd {
        self.spent
    }

    pub(super) fn charge(&mut self, at: Millis, amount: Usd) {
        self.spent += amount;
        *self.by_day.entry(day(at)).or_default() += amount;
        while self.by_day.len() > 62 {
            self.by_day.pop_first();
        }
    }

    fn since(&self, first: i64) -> Usd {
        self.by_day.range(first..).map(|(_, usd)| *usd).sum()
    }

    /// Whether this was remembered before; remembers it.
    pub(super) fn remember(&mut self, what: u64) -> bool {
        if !self.memories.insert(what) {
            return true;
        }
        self.memory_order.push_back(what);
        if self.memory_order.len() > MOST_MEMORIES
            && let Some(oldest) = self.memory_order.pop_front()
        {
            self.memories.remove(&oldest);
        }
        false
    }

    pub(super) fn file(&mut self, generation: Generation) {
        self.order.push_back(generation.id.clone());
        self.generations.insert(generation.id.clone(), Arc::new(generation));
        if self.order.len() > MOST_GENERATIONS
            && let Some(oldest) = self.order.pop_front()
        {
            self.generations.remove(&oldest);
        }
    }

    pub(super) fn generation(&self, id: &str) -> Option<Arc<Generation>> {
        self.generations.get(id).cloned()
    }

    /// Counts a request to a free model; refuses it when the limits are on and reached.
    pub(super) fn admit_free(
        &mut self,
        limits: Option<FreeTier>,
        now: Millis,
    ) -> Result<(), Refusal> {
        let today = day(now);
        if self.free_day.0 != today {
            self.free_day = (today, 0);
        }
        while self.free_minute.front().is_some_and(|at| now.0 - at.0 >= 60_000) {
            self.free_minute.pop_front();
        }
        if let Some(limits) = limits {
            let reset = |at: i64, limit: u64, message: &str, source: &str| {
                let reset = at.to_string();
                Refusal::new(429, format!("Rate limit exceeded: {message}"))
                    .with(
                        "headers",
                        json!({ "X-RateLimit-Limit": limit.to_string(),
                            "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset }),
                    )
                    .with("limit_source", json!(source))
                    .with("provider_name", Value::Null)
                    .header("x-ratelimit-limit", limit)
                    .header("x-ratelimit-remaining", 0)
                    .header("x-ratelimit-reset", reset)
            };
            if self.free_day.1 >= limits.per_day {
                let message = if limits.per_day >= 1000 {
                    "free-models-per-day-high-balance"
                } else {
                    "free-models-per-day. Add 10 credits to unlock 1000 free model requests per day"
                };
                let midnight = (today + 1) * DAY;
                let source = "openrouter_free_tier_daily";
                return Err(reset(midnight, limits.per_day, message, source));
            }
            if self.free_minute.len() as u64 >= limits.per_minute {
                let first = self.free_minute.front().map_or(now.0, |at| at.0);
                let source = "openrouter_free_tier_per_minute";
                return Err(reset(
                    first + 60_000,
                    limits.per_minute,
                    "free-models-per-min. ",
                    source,
                ));
            }
        }
        self.free_day.1 += 1;
        if self.free_minute.len() < 10_000 {
            self.free_minute.push_back(now);
        }
        Ok(())
    }

    /// The body of `/key`.
    pub(super) fn key(&self, settings: &Settings, now: Millis) -> String {
        let today = day(now);
        let limit = settings.key_limit;
        let per_day = settings.free_tier.map_or(1000, |tier| tier.per_day);
        let used = if self.free_day.0 == today { self.free_day.1 } else { 0 };
        let body = KeyBody {
            data: KeyData {
                label: mask(KEY),
                is_management_key: false,
                is_provisioning_key: false,
                limit: limit.map(Dollars),
                limit_reset: None,
                limit_remaining: limit.map(|l| Dollars((l - self.spent).max(Usd::ZERO))),
                include_byok_in_limit: false,
                usage: Dollars(self.spent),
                usage_daily: Dollars(self.since(today)),
                usage_weekly: Dollars(self.since(monday(today))),
                usage_monthly: Dollars(self.since(month_start(today))),
                byok_usage: 0,
                byok_usage_daily: 0,
                byok_usage_weekly: 0,
                byok_usage_monthly: 0,
                is_free_tier: settings.free_tier.is_some_and(|tier| tier.per_day < 1000),
                expires_at: None,
                creator_user_id: super::refusal::USER,
                organization_id: None,
                workspace_id: NOWHERE,
                allowed_data_regions: ["global"],
                free_model_daily_requests: json!({
                "used": used, "limit": per_day, "remaining": per_day.saturating_sub(used) }),
                rate_limit: json!({ "requests": -1, "interval": "10s",
                "note": "This field is deprecated and safe to ignore." }),
            },
        };
        serde_json::to_string(&body).unwrap_or_default()
    }

    /// The body of `/credits`.
    pub(super) fn credits(&self, settings: &Settings) -> String {
        #[derive(Serialize)]
        struct Credits {
            total_credits: Dollars,
            total_usage: Dollars,
        }
        let credits =
            Credits { total_credits: Dollars(settings.credits), total_usage: Dollars(self.spent) };
        let data = serde_json::to_string(&credits).unwrap_or_default();
        format!("{{\"data\":{data}}}")
    }
}

/// An id of something that does not exist here.
pub(super) const NOWHERE: &str = "00000000-0000-0000-0000-000000000000";

#[derive(Serialize)]
struct KeyBody {
    data: KeyData,
}

#[derive(Serialize)]
struct KeyData {
    label: String,
    is_management_key: bool,
    is_provisioning_key: bool,
    limit: Option<Dollars>,
    limit_reset: Option<String>,
    limit_remaining: Option<Dollars>,
    include_byok_in_limit: bool,
    usage: Dollars,
    usage_daily: Dollars,
    usage_weekly: Dollars,
    usage_monthly: Dollars,
    byok_usage: u8,
    byok_usage_daily: u8,
    byok_usage_weekly: u8,
    byok_usage_monthly: u8,
    is_free_tier: bool,
    expires_at: Option<String>,
    creator_user_id: &'static str,
    organization_id: Option<String>,
    workspace_id: &'static str,
    allowed_data_regions: [&'static str; 1],
    free_model_daily_requests: Value,
    rate_limit: Value,
}

fn mask(key: &str) -> String {
    let tail = key.len().saturating_sub(3);
    format!("{}...{}", &key[..12.min(key.len())], &key[tail..])
}

fn day(at: Millis) -> i64 {
    at.0.div_euclid(DAY)
}

/// The Monday of a day's week, both as days since the epoch, which was a Thursday.
fn monday(day: i64) -> i64 {
    day - (day + 3).rem_euclid(7)
}

/// The first day of a day's month.
fn month_start(day: i64) -> i64 {
    let date = jiff::Timestamp::from_millisecond(day.saturating_mul(DAY))
        .map(|at| at.to_zoned(jiff::tz::TimeZone::UTC).day());
    day - i64::from(date.unwrap_or(1)) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_monday_and_months_on_the_first() {
        // 2026-11-25 is a Wednesday.
        let at = |text: &str| {
            let at: jiff::Timestamp = format!("{text}T12:00:00Z").parse().unwrap();
            day(Millis(at.as_millisecond()))
        };
        assert_eq!(monday(at("2026-11-25")), at("2026-11-23"));
        assert_eq!(monday(at("2026-11-23")), at("2026-11-23"));
        assert_eq!(month_start(at("2026-11-25")), at("2026-11-01"));
    }

    #[test]
    fn the_key_is_shown_masked() {
        assert!(!mask(KEY).contains(&KEY[12..KEY.len() - 3]));
    }
}
