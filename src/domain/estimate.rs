//! What a send will take, before it is sent. Always an estimate: no local tokenizer reproduces
//! every model, so tokens are counted as four characters each and everything is marked `≈`.

use super::id::Millis;
use super::money::Usd;
use super::pricing::Pricing;
use super::usage::Usage;

/// Answers are assumed to be this long where nothing better is known.
pub const TYPICAL_ANSWER_TOKENS: u64 = 500;

/// Tokens in a text of this many characters, rounded up.
pub fn tokens_of_chars(chars: usize) -> u64 {
    (chars as u64).div_ceil(4)
}

/// Tokens in a text. Scripts without spaces (CJK and the like) count one token a character.
pub fn tokens(text: &str) -> u64 {
    let wide = text.chars().filter(|c| ('\u{2e80}'..='\u{ffef}').contains(c)).count();
    wide as u64 + tokens_of_chars(text.chars().count() - wide)
}

/// The cost of a request with this many prompt tokens and an answer of `answer` tokens, nothing
/// cached; `None` when the price is unknown or varies.
pub fn send_cost(prompt: u64, answer: u64, pricing: &Pricing, at: Millis) -> Option<Usd> {
    let usage = Usage { prompt_tokens: prompt, completion_tokens: answer, ..Usage::default() };
    super::cost::compute(&usage, pricing, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_characters_make_a_token_and_wide_ones_one_each() {
        assert_eq!(tokens("abcdefgh"), 2);
        assert_eq!(tokens("abcdefghi"), 3);
        assert_eq!(tokens("漢字かな"), 4);
        assert_eq!(tokens(""), 0);
    }
}
