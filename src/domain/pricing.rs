//! Price lists: what a model or an endpoint charges for each kind of unit, and which entry of
//! the list applies to a given request. Field meanings: OpenRouter API, `pricing` of a model.

use rust_decimal::Decimal;

use super::id::Millis;
use super::money::Price;

/// Which unit a price is for. Tokens unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PriceKey {
    Prompt,
    Completion,
    CacheRead,
    CacheWrite,
    CacheWrite1h,
    /// One request, also with zero tokens.
    Request,
    /// In practice a token of an input image, although the specification says one image.
    Image,
    ImageToken,
    ImageOutput,
    Audio,
    AudioOutput,
    AudioCache,
    InternalReasoning,
    /// One search.
    WebSearch,
}

impl PriceKey {
    pub const ALL: [PriceKey; 14] = [
        PriceKey::Prompt,
        PriceKey::Completion,
        PriceKey::CacheRead,
        PriceKey::CacheWrite,
        PriceKey::CacheWrite1h,
        PriceKey::Request,
        PriceKey::Image,
        PriceKey::ImageToken,
        PriceKey::ImageOutput,
        PriceKey::Audio,
        PriceKey::AudioOutput,
        PriceKey::AudioCache,
        PriceKey::InternalReasoning,
        PriceKey::WebSearch,
    ];

    /// The field name in the upstream's JSON.
    pub fn field(self) -> &'static str {
        match self {
            PriceKey::Prompt => "prompt",
            PriceKey::Completion => "completion",
            PriceKey::CacheRead => "input_cache_read",
            PriceKey::CacheWrite => "input_cache_write",
            PriceKey::CacheWrite1h => "input_cache_write_1h",
            PriceKey::Request => "request",
            PriceKey::Image => "image",
            PriceKey::ImageToken => "image_token",
            PriceKey::ImageOutput => "image_output",
            PriceKey::Audio => "audio",
            PriceKey::AudioOutput => "audio_output",
            PriceKey::AudioCache => "input_audio_cache",
            PriceKey::InternalReasoning => "internal_reasoning",
            PriceKey::WebSearch => "web_search",
        }
    }

    /// What a person reads beside the price.
    pub fn title(self) -> &'static str {
        match self {
            PriceKey::Prompt => "input",
            PriceKey::Completion => "output",
            PriceKey::CacheRead => "cache read",
            PriceKey::CacheWrite => "cache write",
            PriceKey::CacheWrite1h => "cache write 1 h",
            PriceKey::Request => "per request",
            PriceKey::Image => "image input",
            PriceKey::ImageToken => "image token",
            PriceKey::ImageOutput => "image output",
            PriceKey::Audio => "audio input",
            PriceKey::AudioOutput => "audio output",
            PriceKey::AudioCache => "audio cache read",
            PriceKey::InternalReasoning => "reasoning",
            PriceKey::WebSearch => "web search",
        }
    }

    /// Whether the price is for one token, and so is shown per million.
    pub fn is_per_token(self) -> bool {
        !matches!(self, PriceKey::Request | PriceKey::WebSearch)
    }

    pub fn from_field(field: &str) -> Option<PriceKey> {
        Self::ALL.into_iter().find(|key| key.field() == field)
    }
}

/// Prices by key. A key that is absent was not given, which is not the same as free.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rates(Vec<(PriceKey, Price)>);

impl Rates {
    pub fn get(&self, key: PriceKey) -> Option<Price> {
        self.0.iter().find(|(k, _)| *k == key).map(|(_, price)| *price)
    }

    /// Adds or replaces one price, keeping the order of [`PriceKey::ALL`].
    pub fn set(&mut self, key: PriceKey, price: Price) {
        match self.0.binary_search_by_key(&key, |(k, _)| *k) {
            Ok(at) => self.0[at].1 = price,
            Err(at) => self.0.insert(at, (key, price)),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (PriceKey, Price)> + '_ {
        self.0.iter().copied()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(PriceKey, Price)> for Rates {
    fn from_iter<I: IntoIterator<Item = (PriceKey, Price)>>(prices: I) -> Rates {
        let mut rates = Rates::default();
        for (key, price) in prices {
            rates.set(key, price);
        }
        rates
    }
}

/// Other prices under a condition. All conditions given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Override {
    /// Applies when the prompt has strictly more tokens than this.
    pub min_prompt_tokens: Option<u64>,
    /// Inclusive start of a daily window, UTC, as `HHMM`.
    pub utc_start: Option<u16>,
    /// Exclusive end; a window may wrap midnight.
    pub utc_end: Option<u16>,
    pub rates: Rates,
}

impl Override {
    fn applies(&self, prompt_tokens: u64, hhmm: u16) -> bool {
        let long_enough = self.min_prompt_tokens.is_none_or(|min| prompt_tokens > min);
        let in_window = match (self.utc_start, self.utc_end) {
            (None, None) => true,
            (start, end) => {
                let (start, end) = (start.unwrap_or(0), end.unwrap_or(2400));
                if start <= end {
                    (start..end).contains(&hhmm)
                } else {
                    hhmm >= start || hhmm < end
                }
            }
        };
        long_enough && in_window
    }

    /// The condition in words: `above 200000 prompt tokens, 16:30–00:30 UTC`.
    pub fn condition(&self) -> String {
        let mut words = Vec::new();
        if let Some(min) = self.min_prompt_tokens {
            words.push(format!("above {min} prompt tokens"));
        }
        if self.utc_start.is_some() || self.utc_end.is_some() {
            let clock = |t: u16| format!("{:02}:{:02}", t / 100, t % 100);
            words.push(format!(
                "{}–{} UTC",
                clock(self.utc_start.unwrap_or(0)),
                clock(self.utc_end.unwrap_or(2400))
            ));
        }
        words.join(", ")
    }
}

/// The whole price list of a model or an endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pricing {
    pub base: Rates,
    pub overrides: Vec<Override>,
    /// Fraction taken off every price; `0.1` is ten per cent.
    pub discount: Option<Decimal>,
}

impl Pricing {
    /// The rates for a request of this many prompt tokens at this moment: later overrides win
    /// key by key, what they do not name is inherited.
    pub fn rates(&self, prompt_tokens: u64, at: Millis) -> Rates {
        let mut rates = self.base.clone();
        for entry in self.overrides.iter().filter(|o| o.applies(prompt_tokens, at.utc_hhmm())) {
            for (key, price) in entry.rates.iter() {
                rates.set(key, price);
            }
        }
        rates
    }

    /// One minus the discount.
    pub fn factor(&self) -> Decimal {
        Decimal::ONE - self.discount.unwrap_or_default()
    }

    /// Both input and output cost nothing, and are known to.
    pub fn is_free(&self) -> bool {
        [PriceKey::Prompt, PriceKey::Completion]
            .iter()
            .all(|k| self.base.get(*k).and_then(Price::exact).is_some_and(|p| p.is_zero()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(text: &str) -> Price {
        Price::parse(text).unwrap()
    }

    fn tiered() -> Pricing {
        Pricing {
            base: [
                (PriceKey::Prompt, price("0.0000025")),
                (PriceKey::Completion, price("0.00001")),
            ]
            .into_iter()
            .collect(),
            overrides: vec![
                Override {
                    min_prompt_tokens: Some(200_000),
                    rates: [(PriceKey::Prompt, price("0.000005"))].into_iter().collect(),
                    ..Override::default()
                },
                Override {
                    utc_start: Some(1630),
                    utc_end: Some(30),
                    rates: [(PriceKey::Prompt, price("0.000001"))].into_iter().collect(),
                    ..Override::default()
                },
            ],
            discount: None,
        }
    }

    #[test]
    fn the_threshold_is_strict_and_missing_keys_inherit() {
        let noon = Millis(12 * 3_600_000);
        let at = |tokens| tiered().rates(tokens, noon);
        assert_eq!(at(200_000).get(PriceKey::Prompt), Some(price("0.0000025")));
        assert_eq!(at(200_001).get(PriceKey::Prompt), Some(price("0.000005")));
        assert_eq!(at(200_001).get(PriceKey::Completion), Some(price("0.00001")));
    }

    #[test]
    fn a_window_may_wrap_midnight_and_later_entries_win() {
        let at = |minutes: i64| tiered().rates(300_000, Millis(minutes * 60_000));
        assert_eq!(at(16 * 60 + 29).get(PriceKey::Prompt), Some(price("0.000005")));
        assert_eq!(at(16 * 60 + 30).get(PriceKey::Prompt), Some(price("0.000001")));
        assert_eq!(at(29).get(PriceKey::Prompt), Some(price("0.000001")));
        assert_eq!(at(30).get(PriceKey::Prompt), Some(price("0.000005")));
    }
}
