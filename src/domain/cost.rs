//! What an answer cost: billed beats computed, and unknown stays unknown.
//! Arithmetic: OpenRouter API reference 7.3.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::id::Millis;
use super::money::{Price, Usd};
use super::pricing::{PriceKey, Pricing, Rates};
use super::usage::Usage;

/// An amount together with how it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "source", content = "usd", rename_all = "snake_case")]
pub enum Cost {
    /// The upstream said so.
    Billed(Usd),
    /// From the upstream's token counts and our price list.
    Computed(Usd),
    #[default]
    Unknown,
}

impl Cost {
    pub fn usd(self) -> Option<Usd> {
        match self {
            Cost::Billed(usd) | Cost::Computed(usd) => Some(usd),
            Cost::Unknown => None,
        }
    }

    /// `billed`, `computed` or `unknown`: the value of `cost_source` in JSON output.
    pub fn source(self) -> &'static str {
        match self {
            Cost::Billed(_) => "billed",
            Cost::Computed(_) => "computed",
            Cost::Unknown => "unknown",
        }
    }

    /// For people: `$0.0301`, `≈ $0.0301` when computed, `cost unknown`.
    pub fn label(self) -> String {
        match self {
            Cost::Billed(usd) => usd.display(),
            Cost::Computed(usd) => format!("≈ {}", usd.display()),
            Cost::Unknown => "cost unknown".into(),
        }
    }
}

/// The cost of an attempt: the billed figure if there is one, else computed from the prices.
pub fn settle(usage: Option<&Usage>, pricing: Option<&Pricing>, at: Millis) -> Cost {
    let Some(usage) = usage else { return Cost::Unknown };
    if let Some(billed) = usage.billed {
        return Cost::Billed(billed);
    }
    match pricing.and_then(|p| compute(usage, p, at)) {
        Some(usd) => Cost::Computed(usd),
        None => Cost::Unknown,
    }
}

/// Own arithmetic from token counts and a price list; `None` when a price that is needed is
/// missing or varies, or when the figures overflow.
pub fn compute(usage: &Usage, pricing: &Pricing, at: Millis) -> Option<Usd> {
    let rates = pricing.rates(usage.prompt_tokens, at);
    let mut sum = Sum::default();
    let prompt = rates.get(PriceKey::Prompt);
    let read = usage.cached_tokens;
    let write = usage.cache_write_tokens;
    let audio = usage.audio_tokens.min(usage.prompt_tokens.saturating_sub(read + write));
    let plain = usage.prompt_tokens.saturating_sub(read).saturating_sub(write + audio);
    sum.add(plain, prompt)?;
    sum.add(audio, rates.get(PriceKey::Audio).or(prompt))?;
    sum.add(read, rates.get(PriceKey::CacheRead).or(prompt))?;
    add_cache_writes(&mut sum, write, &rates)?;
    add_output(&mut sum, usage, &rates)?;
    sum.add(1, rates.get(PriceKey::Request).or(Some(Price::Exact(Decimal::ZERO))))?;
    sum.add(usage.web_searches, rates.get(PriceKey::WebSearch))?;
    sum.0.checked_mul(pricing.factor()).map(|d| Usd(d.normalize()))
}

/// A write price below the prompt price is only the storage part (Gemini), so it comes on top.
fn add_cache_writes(sum: &mut Sum, tokens: u64, rates: &Rates) -> Option<()> {
    let prompt = rates.get(PriceKey::Prompt);
    let write = rates.get(PriceKey::CacheWrite);
    match (prompt.and_then(Price::exact), write.and_then(Price::exact)) {
        (Some(p), Some(w)) if w < p => {
            sum.add(tokens, prompt)?;
            sum.add(tokens, write)
        }
        _ => sum.add(tokens, write.or(prompt)),
    }
}

/// Reasoning tokens are part of the completion; their own price replaces the completion price
/// for that share, it is never added on top.
fn add_output(sum: &mut Sum, usage: &Usage, rates: &Rates) -> Option<()> {
    let completion = rates.get(PriceKey::Completion);
    let reasoning = usage.reasoning_tokens.min(usage.completion_tokens);
    let images = usage.image_output_tokens.min(usage.completion_tokens - reasoning);
    let reasoning_price = rates
        .get(PriceKey::InternalReasoning)
        // A zero here means "charged as output", not free.
        .filter(|p| p.exact().is_some_and(|d| !d.is_zero()))
        .or(completion);
    sum.add(usage.completion_tokens - reasoning - images, completion)?;
    sum.add(images, rates.get(PriceKey::ImageOutput).or(completion))?;
    sum.add(reasoning, reasoning_price)
}

#[derive(Default)]
struct Sum(Decimal);

impl Sum {
    /// Adds `units` at `price`. No units need no price; units without one make all unknown.
    fn add(&mut self, units: u64, price: Option<Price>) -> Option<()> {
        if units == 0 {
            return Some(());
        }
        let line = price?.exact()?.checked_mul(Decimal::from(units))?;
        self.0 = self.0.checked_add(line)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(prices: &[(PriceKey, &str)]) -> Pricing {
        Pricing {
            base: prices.iter().map(|(k, p)| (*k, Price::parse(p).unwrap())).collect(),
            ..Pricing::default()
        }
    }

    fn used(prompt: u64, completion: u64) -> Usage {
        Usage { prompt_tokens: prompt, completion_tokens: completion, ..Usage::default() }
    }

    #[test]
    fn the_documented_haiku_example_is_exact() {
        let haiku = list(&[(PriceKey::Prompt, "0.000001"), (PriceKey::Completion, "0.000005")]);
        let cost = compute(&used(15, 9), &haiku, Millis(0)).unwrap();
        assert_eq!(cost.exact(), "0.00006");
    }

    #[test]
    fn billed_beats_computed_and_unknown_is_not_zero() {
        let haiku = list(&[(PriceKey::Prompt, "0.000001"), (PriceKey::Completion, "0.000005")]);
        let billed = Usage { billed: Usd::parse("0.01"), ..used(15, 9) };
        assert_eq!(settle(Some(&billed), Some(&haiku), Millis(0)).source(), "billed");
        assert_eq!(settle(Some(&used(15, 9)), Some(&haiku), Millis(0)).source(), "computed");
        assert_eq!(settle(Some(&used(15, 9)), None, Millis(0)), Cost::Unknown);
        let varies = list(&[(PriceKey::Prompt, "-1"), (PriceKey::Completion, "-1")]);
        assert_eq!(settle(Some(&used(15, 9)), Some(&varies), Millis(0)), Cost::Unknown);
    }

    #[test]
    fn cached_written_and_reasoning_tokens_are_counted_once() {
        let list = list(&[
            (PriceKey::Prompt, "0.000003"),
            (PriceKey::Completion, "0.000015"),
            (PriceKey::CacheRead, "0.0000003"),
            (PriceKey::CacheWrite, "0.00000375"),
            (PriceKey::InternalReasoning, "0.000015"),
        ]);
        let usage = Usage {
            cached_tokens: 600,
            cache_write_tokens: 300,
            reasoning_tokens: 50,
            ..used(1000, 100)
        };
        // 100 x 3 + 600 x 0.3 + 300 x 3.75 + 100 x 15, all per million
        assert_eq!(compute(&usage, &list, Millis(0)).unwrap().exact(), "0.003105");
    }

    #[test]
    fn a_storage_price_comes_on_top_of_the_prompt_price() {
        let gemini = list(&[
            (PriceKey::Prompt, "0.00000125"),
            (PriceKey::Completion, "0.00001"),
            (PriceKey::CacheWrite, "0.000000375"),
        ]);
        let usage = Usage { cache_write_tokens: 1000, ..used(1000, 0) };
        assert_eq!(compute(&usage, &gemini, Millis(0)).unwrap().exact(), "0.001625");
    }

    #[test]
    fn a_discount_applies_to_the_whole() {
        let mut haiku = list(&[(PriceKey::Prompt, "0.000001"), (PriceKey::Completion, "0.000005")]);
        haiku.discount = Some(Decimal::new(25, 2));
        assert_eq!(compute(&used(15, 9), &haiku, Millis(0)).unwrap().exact(), "0.000045");
    }
}
