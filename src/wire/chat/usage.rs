//! Token counts and the billed cost, from the many shapes servers give them.

use serde::Deserialize;

use super::super::loose::{Raw, count, dollars, object, truth};
use crate::domain::money::Usd;
use crate::domain::usage::Usage;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields<'a> {
    #[serde(borrow)]
    prompt_tokens: Raw<'a>,
    #[serde(borrow)]
    input_tokens: Raw<'a>,
    #[serde(borrow)]
    completion_tokens: Raw<'a>,
    #[serde(borrow)]
    output_tokens: Raw<'a>,
    #[serde(borrow)]
    total_tokens: Raw<'a>,
    #[serde(borrow)]
    cost: Raw<'a>,
    #[serde(borrow)]
    is_byok: Raw<'a>,
    #[serde(borrow)]
    cost_details: Raw<'a>,
    #[serde(borrow)]
    prompt_tokens_details: Raw<'a>,
    #[serde(borrow)]
    completion_tokens_details: Raw<'a>,
    #[serde(borrow)]
    server_tool_use_details: Raw<'a>,
    #[serde(borrow)]
    server_tool_use: Raw<'a>,
    // DeepSeek
    #[serde(borrow)]
    prompt_cache_hit_tokens: Raw<'a>,
    // LiteLLM, Anthropic
    #[serde(borrow)]
    cache_read_input_tokens: Raw<'a>,
    #[serde(borrow)]
    cache_creation_input_tokens: Raw<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Details<'a> {
    #[serde(borrow)]
    cached_tokens: Raw<'a>,
    #[serde(borrow)]
    cache_write_tokens: Raw<'a>,
    #[serde(borrow)]
    audio_tokens: Raw<'a>,
    #[serde(borrow)]
    reasoning_tokens: Raw<'a>,
    #[serde(borrow)]
    image_tokens: Raw<'a>,
    #[serde(borrow)]
    upstream_inference_cost: Raw<'a>,
    #[serde(borrow)]
    web_search_requests: Raw<'a>,
}

/// Reads a `usage` object. A figure that is negative, absurd, null or no number counts as not
/// given; `None` when no figure is left.
pub(in crate::wire) fn decode_usage(raw: Raw<'_>) -> Option<Usage> {
    let fields: Fields<'_> = object(raw)?;
    let prompt: Details<'_> = object(fields.prompt_tokens_details).unwrap_or_default();
    let output: Details<'_> = object(fields.completion_tokens_details).unwrap_or_default();
    let money: Details<'_> = object(fields.cost_details).unwrap_or_default();
    let tools: Details<'_> =
        object(fields.server_tool_use_details.or(fields.server_tool_use)).unwrap_or_default();
    let prompt_tokens = count(fields.prompt_tokens).or_else(|| count(fields.input_tokens));
    let completion = count(fields.completion_tokens).or_else(|| count(fields.output_tokens));
    let total = count(fields.total_tokens);
    let billed = usd(fields.cost);
    if prompt_tokens.is_none() && completion.is_none() && total.is_none() && billed.is_none() {
        return None;
    }
    let prompt_tokens = prompt_tokens.unwrap_or(0);
    let reasoning_tokens = count(output.reasoning_tokens).unwrap_or(0);
    let mut completion_tokens = completion.unwrap_or(0);
    if reasoning_tokens > 0 && total == Some(prompt_tokens + completion_tokens + reasoning_tokens) {
        // Some servers leave the reasoning out of the completion, only the total has it.
        completion_tokens += reasoning_tokens;
    }
    Some(Usage {
        prompt_tokens,
        completion_tokens,
        total_tokens: total.unwrap_or(prompt_tokens + completion_tokens),
        cached_tokens: first(&[
            prompt.cached_tokens,
            fields.prompt_cache_hit_tokens,
            fields.cache_read_input_tokens,
        ]),
        cache_write_tokens: first(&[prompt.cache_write_tokens, fields.cache_creation_input_tokens]),
        reasoning_tokens,
        audio_tokens: first(&[prompt.audio_tokens]),
        image_output_tokens: first(&[output.image_tokens]),
        web_searches: first(&[tools.web_search_requests]),
        billed,
        is_byok: truth(fields.is_byok).unwrap_or(false),
        upstream_cost: usd(money.upstream_inference_cost),
    })
}

fn first(figures: &[Raw<'_>]) -> u64 {
    figures.iter().find_map(|raw| count(*raw)).unwrap_or(0)
}

/// A negative cost is no cost.
fn usd(raw: Raw<'_>) -> Option<Usd> {
    dollars(raw).filter(|d| !d.is_sign_negative() || d.is_zero()).map(|d| Usd(d.abs().normalize()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::value::RawValue;

    fn usage(json: &str) -> Option<Usage> {
        let raw = RawValue::from_string(json.to_owned()).unwrap();
        decode_usage(Some(&raw))
    }

    #[test]
    fn the_cost_is_exact_in_any_notation() {
        for (cost, want) in [
            ("3.4e-7", "0.00000034"),
            ("0.1", "0.1"),
            ("\"0.25\"", "0.25"),
            ("0", "0"),
            ("0.0076509169000000005", "0.0076509169000000005"),
            ("1E-7", "0.0000001"),
        ] {
            let read = usage(&format!(r#"{{"prompt_tokens":1,"cost":{cost}}}"#)).unwrap();
            assert_eq!(read.billed.unwrap().exact(), want);
        }
    }

    #[test]
    fn odd_figures_are_passed_over() {
        let read = usage(
            r#"{"prompt_tokens":-3,"completion_tokens":7.0,"total_tokens":null,"cost":-1,"is_byok":"no",
            "prompt_tokens_details":{"cached_tokens":1e300,"audio_tokens":"2"},"cost_details":[],"completion_tokens_details":null}"#,
        )
        .unwrap();
        let want =
            Usage { completion_tokens: 7, total_tokens: 7, audio_tokens: 2, ..Usage::default() };
        assert_eq!(read, want);
    }

    #[test]
    fn nothing_counted_is_no_usage() {
        for none in ["{}", "null", "[]", "7", r#"{"cost":null,"prompt_tokens":"x"}"#] {
            assert_eq!(usage(none), None, "{none}");
        }
    }

    #[test]
    fn other_servers_names_are_known() {
        let read = usage(
            r#"{"input_tokens":10,"output_tokens":4,"cache_read_input_tokens":6,"cache_creation_input_tokens":2,
            "server_tool_use":{"web_search_requests":3}}"#,
        )
        .unwrap();
        let want = Usage {
            prompt_tokens: 10,
            completion_tokens: 4,
            total_tokens: 14,
            cached_tokens: 6,
            cache_write_tokens: 2,
            web_searches: 3,
            ..Usage::default()
        };
        assert_eq!(read, want);
        let deepseek = usage(r#"{"prompt_tokens":10,"prompt_cache_hit_tokens":8}"#).unwrap();
        assert_eq!(deepseek.cached_tokens, 8);
    }

    #[test]
    fn reasoning_that_only_the_total_has_is_counted_as_output() {
        let read = usage(
            r#"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":115,"completion_tokens_details":{"reasoning_tokens":100}}"#,
        )
        .unwrap();
        assert_eq!(read.completion_tokens, 105);
        let inside = usage(
            r#"{"prompt_tokens":10,"completion_tokens":105,"total_tokens":115,"completion_tokens_details":{"reasoning_tokens":100}}"#,
        )
        .unwrap();
        assert_eq!(inside.completion_tokens, 105);
    }
}
