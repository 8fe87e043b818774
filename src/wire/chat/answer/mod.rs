//! One chunk of a stream, or a whole answer: both have the same fields, so both are read alike.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::id::ModelId;
use crate::domain::text::SafeText;
use crate::domain::turn::FinishReason;
use crate::domain::usage::Usage;
use crate::wire::chat::usage::decode_usage;
use crate::wire::errors::ErrorBody;
use crate::wire::loose::{Raw, line, list, object, text};

/// What a chunk or an answer said. Texts are raw and never empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chunk {
    pub id: Option<SafeText>,
    /// Often the dated slug of what was asked for.
    pub model: Option<ModelId>,
    /// The provider's display name.
    pub provider: Option<SafeText>,
    pub reasoning: Option<String>,
    pub text: Option<String>,
    /// Comes twice in a stream of OpenRouter.
    pub finish: Option<FinishReason>,
    pub usage: Option<Usage>,
    /// An error inside a 200, wherever it stood.
    pub error: Option<ErrorBody>,
    /// A tool was called: content, although nothing to read.
    pub calls_tool: bool,
    /// There was a choice at all; a whole answer without one and without an error is none.
    pub has_choice: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields<'a> {
    #[serde(borrow)]
    id: Raw<'a>,
    #[serde(borrow)]
    model: Raw<'a>,
    #[serde(borrow)]
    provider: Raw<'a>,
    #[serde(borrow)]
    choices: Raw<'a>,
    #[serde(borrow)]
    usage: Raw<'a>,
    #[serde(borrow)]
    x_groq: Raw<'a>,
    #[serde(borrow)]
    error: Raw<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Choice<'a> {
    #[serde(borrow)]
    delta: Raw<'a>,
    #[serde(borrow)]
    message: Raw<'a>,
    #[serde(borrow)]
    text: Raw<'a>,
    #[serde(borrow)]
    finish_reason: Raw<'a>,
    #[serde(borrow)]
    usage: Raw<'a>,
    #[serde(borrow)]
    error: Raw<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Said<'a> {
    #[serde(borrow)]
    content: Raw<'a>,
    #[serde(borrow)]
    refusal: Raw<'a>,
    #[serde(borrow)]
    reasoning: Raw<'a>,
    /// DeepSeek, vLLM, llama.cpp.
    #[serde(borrow)]
    reasoning_content: Raw<'a>,
    /// Ollama.
    #[serde(borrow)]
    thinking: Raw<'a>,
    #[serde(borrow)]
    reasoning_details: Raw<'a>,
    #[serde(borrow)]
    tool_calls: Raw<'a>,
    #[serde(borrow)]
    function_call: Raw<'a>,
    #[serde(borrow)]
    audio: Raw<'a>,
}

/// Reads one chunk or one whole answer. `Err` says, in a sentence, that it is no such thing.
pub fn decode_chunk(json: &str) -> Result<Chunk, String> {
    let json = json.trim();
    if !json.starts_with('{') {
        return Err("this is no answer".into());
    }
    let fields: Fields<'_> =
        serde_json::from_str(json).map_err(|why| format!("this is no answer: {why}"))?;
    let choices = list(fields.choices);
    let first = choices.first().map(|raw| object::<Choice<'_>>(Some(raw)).unwrap_or_default());
    let mut chunk = Chunk {
        id: line(fields.id),
        model: line(fields.model).map(|m| ModelId::new(&*m)),
        provider: line(fields.provider),
        usage: decode_usage(fields.usage).or_else(|| groq_usage(fields.x_groq)),
        error: ErrorBody::from_field(fields.error),
        has_choice: first.is_some(),
        ..Chunk::default()
    };
    if let Some(choice) = first {
        take_choice(&choice, &mut chunk);
    }
    Ok(chunk)
}

fn take_choice(choice: &Choice<'_>, chunk: &mut Chunk) {
    let is_whole = choice.delta.is_none();
    let said: Said<'_> = object(choice.delta.or(choice.message)).unwrap_or_default();
    let (words, thoughts) = content(said.content);
    chunk.text = words
        .or_else(|| said_text(said.refusal))
        .or_else(|| said_text(choice.text))
        .or_else(|| transcript(said.audio));
    chunk.reasoning = [said.reasoning, said.reasoning_content, said.thinking]
        .into_iter()
        .find_map(said_text)
        .or(thoughts)
        .or_else(|| details(said.reasoning_details, if is_whole { "\n\n" } else { "" }));
    chunk.finish = said_text(choice.finish_reason).map(|word| FinishReason::parse(&word));
    chunk.calls_tool = !list(said.tool_calls).is_empty() || said.function_call.is_some();
    if chunk.usage.is_none() {
        chunk.usage = decode_usage(choice.usage);
    }
    if chunk.error.is_none() {
        chunk.error = ErrorBody::from_field(choice.error);
    }
}

fn said_text(raw: Raw<'_>) -> Option<String> {
    text(raw).filter(|t| !t.is_empty())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Part<'a> {
    #[serde(borrow)]
    text: Raw<'a>,
    #[serde(borrow)]
    thinking: Raw<'a>,
    #[serde(borrow)]
    summary: Raw<'a>,
    #[serde(borrow)]
    usage: Raw<'a>,
    #[serde(borrow)]
    transcript: Raw<'a>,
}

/// Content is a string, null, or parts; a part may be text or (Mistral) thinking.
fn content(raw: Raw<'_>) -> (Option<String>, Option<String>) {
    if let Some(text) = text(raw) {
        return (Some(text).filter(|t| !t.is_empty()), None);
    }
    let (mut words, mut thoughts) = (String::new(), String::new());
    for item in list(raw) {
        if let Some(plain) = text(Some(item)) {
            words.push_str(&plain);
            continue;
        }
        let part: Part<'_> = object(Some(item)).unwrap_or_default();
        words.push_str(&text(part.text).unwrap_or_default());
        thoughts.push_str(&thinking(part.thinking));
    }
    (Some(words).filter(|t| !t.is_empty()), Some(thoughts).filter(|t| !t.is_empty()))
}

fn thinking(raw: Raw<'_>) -> String {
    if let Some(plain) = text(raw) {
        return plain;
    }
    let parts = list(raw).into_iter().filter_map(|item| object::<Part<'_>>(Some(item)));
    parts.filter_map(|part| text(part.text)).collect()
}

/// The readable items of `reasoning_details`; used only where `reasoning` says nothing.
fn details(raw: Raw<'_>, between: &str) -> Option<String> {
    let readable = |item: &RawValue| {
        let part: Part<'_> = object(Some(item))?;
        said_text(part.text).or_else(|| said_text(part.summary))
    };
    let all: Vec<String> = list(raw).into_iter().filter_map(readable).collect();
    Some(all.join(between)).filter(|t| !t.is_empty())
}

/// What a spoken answer says.
fn transcript(audio: Raw<'_>) -> Option<String> {
    object::<Part<'_>>(audio).and_then(|part| said_text(part.transcript))
}

fn groq_usage(raw: Raw<'_>) -> Option<Usage> {
    object::<Part<'_>>(raw).and_then(|part| decode_usage(part.usage))
}

#[cfg(test)]
mod tests;
