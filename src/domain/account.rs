//! What the upstream says about the key in use: limits, credit, the free tier.

use super::id::Millis;
use super::money::Usd;
use super::text::SafeText;

/// State of the key, as of `fetched`. Absent figures were not given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyInfo {
    /// Masked by the upstream: `sk-or-v1-abc...123`.
    pub label: SafeText,
    pub limit: Option<Usd>,
    pub limit_remaining: Option<Usd>,
    /// `daily`, `weekly` or `monthly`.
    pub limit_reset: Option<SafeText>,
    pub usage: Option<Usd>,
    pub usage_daily: Option<Usd>,
    pub usage_weekly: Option<Usd>,
    pub usage_monthly: Option<Usd>,
    pub is_free_tier: Option<bool>,
    pub free_requests: Option<FreeRequests>,
    /// Balance of the account, when this key may ask for it.
    pub credit_left: Option<Usd>,
    pub fetched: Millis,
}

/// Requests to free models today.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FreeRequests {
    pub used: u64,
    pub limit: u64,
    pub remaining: u64,
}
