//! `GET /models` in the shapes of OpenRouter, OpenAI, Ollama, llama.cpp, LiteLLM, vLLM and
//! others. One bad model never hides the rest.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::catalog::{Modality, Model, ReasoningAbility};
use crate::domain::id::ModelId;
use crate::domain::pricing::{PriceKey, Pricing};
use crate::domain::text::SafeText;
use crate::wire::errors::ErrorBody;
use crate::wire::loose::{
    Raw, as_text, count, decimal, integer, is_web_page, line, lines, list, object, text, truth,
    web_page_title, word,
};
use crate::wire::models::pricing::{decode_pricing, exact};

/// More problems than this are only counted.
const MOST_PROBLEMS: usize = 20;

/// The models of an upstream, in its order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    pub models: Vec<Model>,
    /// What could not be read, in clean sentences: `model 12 has no id`.
    pub problems: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Root<'a> {
    #[serde(borrow)]
    data: Raw<'a>,
    #[serde(borrow)]
    models: Raw<'a>,
    #[serde(borrow)]
    object: Raw<'a>,
    #[serde(borrow)]
    links: Raw<'a>,
    #[serde(borrow)]
    error: Raw<'a>,
}

/// Reads a list of models. `Err` is a clean sentence on why it is none.
pub fn decode_models(body: &[u8]) -> Result<Listing, String> {
    if is_web_page(body) {
        let title = web_page_title(body).map_or(String::new(), |t| format!(" (`{t}`)"));
        return Err(format!("the answer is a web page{title}, not a list of models"));
    }
    let json = as_text(body);
    let json = json.trim();
    let entries = entries(json)?;
    let mut listing = Listing::default();
    let mut problems = Vec::new();
    let mut seen: HashSet<ModelId> = HashSet::with_capacity(entries.list.len());
    for (at, raw) in entries.list.into_iter().enumerate() {
        match model(raw, at + 1, &mut problems) {
            Err(problem) => problems.push(problem),
            Ok(model) if !seen.insert(model.id.clone()) => {
                problems.push(format!("`{}` is listed twice, the first one counts", model.id));
            }
            Ok(model) => listing.models.push(model),
        }
    }
    if entries.is_paged {
        problems.push("the list has more pages, only the first was read".into());
    }
    if problems.len() > MOST_PROBLEMS {
        let more = problems.len() - MOST_PROBLEMS;
        problems.truncate(MOST_PROBLEMS);
        problems.push(format!("and {more} more"));
    }
    listing.problems = problems;
    Ok(listing)
}

struct Entries<'a> {
    list: Vec<&'a RawValue>,
    is_paged: bool,
}

fn entries(json: &str) -> Result<Entries<'_>, String> {
    if json.is_empty() {
        return Err("the answer is empty".into());
    }
    if json.starts_with('[') {
        let list = serde_json::from_str(json).map_err(|why| broken(&why))?;
        return Ok(Entries { list, is_paged: false });
    }
    if !json.starts_with('{') {
        return Err("there is no list of models in the answer".into());
    }
    let root: Root<'_> = serde_json::from_str(json).map_err(|why| broken(&why))?;
    let array = |raw: Raw<'_>| raw.is_some_and(|r| r.get().starts_with('['));
    if let Some(raw) = [root.data, root.models].into_iter().find(|raw| array(*raw)) {
        return Ok(Entries { list: list(raw), is_paged: has_next(root.links) });
    }
    if let Some(error) = ErrorBody::from_field(root.error) {
        let message = error.message.unwrap_or_else(|| SafeText::new("an error without a message"));
        return Err(format!("the answer is an error: {message}"));
    }
    // Ollama without models: `{"object":"list","data":null}`.
    if text(root.object).as_deref() == Some("list") {
        return Ok(Entries { list: Vec::new(), is_paged: false });
    }
    Err("there is no list of models in the answer".into())
}

fn broken(why: &serde_json::Error) -> String {
    if why.is_eof() {
        "the list of models stops half-way".into()
    } else {
        format!("the list of models is damaged (line {}, column {})", why.line(), why.column())
    }
}

fn has_next(links: Raw<'_>) -> bool {
    #[derive(Deserialize)]
    struct Links<'a> {
        #[serde(borrow, default)]
        next: Raw<'a>,
    }
    object::<Links<'_>>(links).is_some_and(|l| line(l.next).is_some())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry<'a> {
    #[serde(borrow)]
    id: Raw<'a>,
    #[serde(borrow)]
    model: Raw<'a>,
    #[serde(borrow)]
    model_name: Raw<'a>,
    #[serde(borrow)]
    name: Raw<'a>,
    #[serde(borrow)]
    display_name: Raw<'a>,
    #[serde(borrow)]
    canonical_slug: Raw<'a>,
    #[serde(borrow)]
    description: Raw<'a>,
    #[serde(borrow)]
    created: Raw<'a>,
    #[serde(borrow)]
    context_length: Raw<'a>,
    // vLLM
    #[serde(borrow)]
    max_model_len: Raw<'a>,
    // Groq
    #[serde(borrow)]
    context_window: Raw<'a>,
    // Mistral, LM Studio
    #[serde(borrow)]
    max_context_length: Raw<'a>,
    #[serde(borrow)]
    max_completion_tokens: Raw<'a>,
    // llama.cpp
    #[serde(borrow)]
    meta: Raw<'a>,
    // LiteLLM
    #[serde(borrow)]
    model_info: Raw<'a>,
    #[serde(borrow)]
    architecture: Raw<'a>,
    #[serde(borrow)]
    pricing: Raw<'a>,
    #[serde(borrow)]
    top_provider: Raw<'a>,
    #[serde(borrow)]
    supported_parameters: Raw<'a>,
    #[serde(borrow)]
    reasoning: Raw<'a>,
    #[serde(borrow)]
    knowledge_cutoff: Raw<'a>,
    #[serde(borrow)]
    expiration_date: Raw<'a>,
    #[serde(borrow)]
    alias_target: Raw<'a>,
}

/// The nested objects of an entry; their fields have different names, so one type reads all.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Inner<'a> {
    #[serde(borrow)]
    modality: Raw<'a>,
    #[serde(borrow)]
    input_modalities: Raw<'a>,
    #[serde(borrow)]
    output_modalities: Raw<'a>,
    #[serde(borrow)]
    tokenizer: Raw<'a>,
    #[serde(borrow)]
    context_length: Raw<'a>,
    #[serde(borrow)]
    max_completion_tokens: Raw<'a>,
    #[serde(borrow)]
    is_moderated: Raw<'a>,
    #[serde(borrow)]
    slug: Raw<'a>,
    #[serde(borrow)]
    n_ctx: Raw<'a>,
    #[serde(borrow)]
    n_ctx_train: Raw<'a>,
    #[serde(borrow)]
    max_input_tokens: Raw<'a>,
    #[serde(borrow)]
    max_output_tokens: Raw<'a>,
    #[serde(borrow)]
    input_cost_per_token: Raw<'a>,
    #[serde(borrow)]
    output_cost_per_token: Raw<'a>,
    #[serde(borrow)]
    cache_read_input_token_cost: Raw<'a>,
    #[serde(borrow)]
    cache_creation_input_token_cost: Raw<'a>,
    #[serde(borrow)]
    supports_vision: Raw<'a>,
}

fn model(raw: &RawValue, number: usize, problems: &mut Vec<String>) -> Result<Model, String> {
    if !raw.get().starts_with('{') {
        return Err(format!("model {number} is no object"));
    }
    let entry: Entry<'_> =
        serde_json::from_str(raw.get()).map_err(|_| format!("model {number} cannot be read"))?;
    let id = [entry.id, entry.model, entry.model_name, entry.name].into_iter().find_map(word);
    let id = id.map(|id| ModelId::new(&*id)).filter(|id| !id.as_str().is_empty());
    let id = id.ok_or_else(|| format!("model {number} has no id"))?;
    let top: Inner<'_> = object(entry.top_provider).unwrap_or_default();
    let meta: Inner<'_> = object(entry.meta).unwrap_or_default();
    let info: Inner<'_> = object(entry.model_info).unwrap_or_default();
    let architecture: Inner<'_> = object(entry.architecture).unwrap_or_default();
    let mut odd = Vec::new();
    let mut pricing = decode_pricing(entry.pricing, &mut odd);
    per_token_costs(&info, &mut pricing);
    problems.extend(odd.into_iter().map(|what| format!("`{id}`: {what}")));
    let (inputs, outputs) = modalities(&architecture, truth(info.supports_vision));
    let name = line(entry.name).or_else(|| line(entry.display_name));
    Ok(Model {
        name: name.unwrap_or_else(|| SafeText::new(id.as_str())),
        canonical_slug: line(entry.canonical_slug),
        description: line(entry.description).unwrap_or_default(),
        created: integer(entry.created).filter(|seconds| *seconds > 0),
        context_length: first_count(&[
            entry.context_length,
            top.context_length,
            entry.max_model_len,
            entry.context_window,
            entry.max_context_length,
            meta.n_ctx,
            meta.n_ctx_train,
            info.max_input_tokens,
        ]),
        max_completion_tokens: first_count(&[
            top.max_completion_tokens,
            entry.max_completion_tokens,
            info.max_output_tokens,
        ]),
        inputs,
        outputs,
        tokenizer: line(architecture.tokenizer),
        pricing,
        is_moderated: truth(top.is_moderated),
        supported_parameters: lines(entry.supported_parameters),
        reasoning: reasoning(entry.reasoning),
        knowledge_cutoff: line(entry.knowledge_cutoff),
        // A far date that stands for "not planned".
        expiration_date: line(entry.expiration_date).filter(|date| &**date != "2098-12-31"),
        alias_target: object::<Inner<'_>>(entry.alias_target).and_then(|target| line(target.slug)),
        id,
    })
}

/// Zero is not a length.
fn first_count(figures: &[Raw<'_>]) -> Option<u64> {
    figures.iter().find_map(|raw| count(*raw).filter(|n| *n > 0))
}

/// LiteLLM's names for prices.
fn per_token_costs(info: &Inner<'_>, pricing: &mut Pricing) {
    for (key, raw) in [
        (PriceKey::Prompt, info.input_cost_per_token),
        (PriceKey::Completion, info.output_cost_per_token),
        (PriceKey::CacheRead, info.cache_read_input_token_cost),
        (PriceKey::CacheWrite, info.cache_creation_input_token_cost),
    ] {
        if let Some(price) = decimal(raw) {
            pricing.base.set(key, exact(price));
        }
    }
}

fn modalities(of: &Inner<'_>, sees: Option<bool>) -> (Vec<Modality>, Vec<Modality>) {
    let words = |raw| -> Vec<Modality> { lines(raw).iter().map(|w| Modality::parse(w)).collect() };
    let (mut inputs, mut outputs) = (words(of.input_modalities), words(of.output_modalities));
    // `text+image->text`, the older field.
    let older = text(of.modality).unwrap_or_default();
    if let Some((from, to)) = older.split_once("->") {
        let split = |side: &str| side.split('+').map(|w| Modality::parse(w.trim())).collect();
        if inputs.is_empty() {
            inputs = split(from);
        }
        if outputs.is_empty() {
            outputs = split(to);
        }
    }
    if inputs.is_empty() {
        inputs.push(Modality::Text);
        if sees == Some(true) {
            inputs.push(Modality::Image);
        }
    }
    if outputs.is_empty() {
        outputs.push(Modality::Text);
    }
    (inputs, outputs)
}

fn reasoning(raw: Raw<'_>) -> Option<ReasoningAbility> {
    #[derive(Deserialize)]
    struct Ability<'a> {
        #[serde(borrow, default)]
        mandatory: Raw<'a>,
        #[serde(borrow, default)]
        supported_efforts: Raw<'a>,
        #[serde(borrow, default)]
        default_effort: Raw<'a>,
    }
    let ability: Ability<'_> = object(raw)?;
    Some(ReasoningAbility {
        mandatory: truth(ability.mandatory).unwrap_or(false),
        efforts: lines(ability.supported_efforts),
        default_effort: line(ability.default_effort),
    })
}

#[cfg(test)]
mod tests;
