//! A chat request, read strictly: every documented field has the right type and range, or the
//! request is refused with the field's name. Fields nobody documented are ignored.

mod fields;
mod messages;
mod rules;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use super::refusal::Refusal;
use fields::Fields;
pub(super) use messages::{Message, Role};
pub(super) use rules::{Rules, Sort};

/// What is asked for, as far as it matters to the sandbox.
#[derive(Clone, Debug, Default)]
pub(super) struct Ask {
    /// `model` and then `models`, in the order of trial.
    pub(super) models: Vec<String>,
    pub(super) messages: Vec<Message>,
    pub(super) stream: bool,
    pub(super) max_tokens: Option<u64>,
    pub(super) stop: Vec<String>,
    pub(super) thinking: Thinking,
    pub(super) rules: Rules,
    pub(super) tools: Vec<Tool>,
    pub(super) tool_choice: ToolChoice,
    /// `Some` for JSON output: the schema, or null for any object.
    pub(super) json: Option<Value>,
    /// Names of the sent parameters that a provider must support under `require_parameters`.
    pub(super) parameters: Vec<String>,
    pub(super) tier: Option<String>,
    pub(super) echo_upstream: bool,
    /// Some part of the prompt is marked to be kept in the provider's cache.
    pub(super) marks_cache: bool,
}

/// What was said about reasoning.
#[derive(Clone, Debug, Default)]
pub(super) struct Thinking {
    pub(super) effort: Option<String>,
    pub(super) enabled: Option<bool>,
    pub(super) budget: Option<u64>,
    /// Think, but do not return it.
    pub(super) exclude: bool,
}

/// A function the model may call.
#[derive(Clone, Debug)]
pub(super) struct Tool {
    pub(super) name: String,
    pub(super) parameters: Value,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum ToolChoice {
    #[default]
    Auto,
    None,
    Required,
    Named(String),
}

const EFFORTS: [&str; 7] = ["max", "xhigh", "high", "medium", "low", "minimal", "none"];
const TIERS: [&str; 6] = ["auto", "default", "fast", "flex", "priority", "scale"];
/// What `require_parameters` looks at.
const PROVIDER_PARAMETERS: [&str; 20] = [
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "top_a",
    "frequency_penalty",
    "presence_penalty",
    "repetition_penalty",
    "seed",
    "stop",
    "logit_bias",
    "logprobs",
    "top_logprobs",
    "tools",
    "tool_choice",
    "response_format",
    "structured_outputs",
    "reasoning",
    "reasoning_effort",
    "verbosity",
];

impl Ask {
    /// Reads a request body.
    pub(super) fn read(body: &[u8]) -> Result<Ask, Refusal> {
        let Ok(Value::Object(map)) = serde_json::from_slice::<Value>(body) else {
            return Err(Refusal::new(400, "Input must have at least 1 token.")
                .with("provider_name", Value::Null));
        };
        let fields = Fields::top(&map);
        let messages = messages::read(&map)?;
        let models = models(&fields)?;
        sampling(&fields)?;
        extras(&fields)?;
        let tools = tools(&fields)?;
        let tool_choice = tool_choice(&fields)?;
        if tools.is_empty() && matches!(tool_choice, ToolChoice::Required | ToolChoice::Named(_)) {
            return Err(Refusal::field("tool_choice", "needs tools to choose from"));
        }
        let limit = fields.whole("max_completion_tokens", 1..=u64::MAX)?;
        let old_limit = fields.whole("max_tokens", 1..=u64::MAX)?;
        let debug = fields.object("debug")?;
        Ok(Ask {
            models,
            messages,
            stream: fields.flag("stream")?.unwrap_or(false),
            max_tokens: limit.or(old_limit),
            stop: stop(&fields)?,
            thinking: thinking(&fields)?,
            rules: Rules::read(&fields)?,
            tools,
            tool_choice,
            json: response_format(&fields)?,
            parameters: PROVIDER_PARAMETERS
                .iter()
                .filter(|p| map.get(**p).is_some_and(|v| !v.is_null()))
                .map(|p| (*p).to_owned())
                .collect(),
            tier: fields.one_of("service_tier", &TIERS)?.map(str::to_owned),
            echo_upstream: match &debug {
                Some(debug) => debug.flag("echo_upstream_body")?.unwrap_or(false),
                None => false,
            },
            marks_cache: map.contains_key("cache_control") || marked(map.get("messages")),
        })
    }

    /// The text of the last user message.
    pub(super) fn question(&self) -> &str {
        self.messages.iter().rev().find(|m| m.role == Role::User).map_or("", |m| &m.text)
    }

    /// Tokens of the prompt: four characters each, 256 an attachment, tools as their JSON.
    pub(super) fn prompt_tokens(&self) -> u64 {
        let chars: usize = self.messages.iter().map(|m| m.text.chars().count()).sum();
        let media: usize = self.messages.iter().map(|m| m.media).sum();
        let tools: usize =
            self.tools.iter().map(|t| t.name.len() + t.parameters.to_string().len()).sum();
        ((chars + tools).div_ceil(4) + media * 256).max(1) as u64
    }
}

fn marked(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Array(items)) => items.iter().any(|v| marked(Some(v))),
        Some(Value::Object(map)) => map.contains_key("cache_control") || marked(map.get("content")),
        _ => false,
    }
}

fn models(fields: &Fields<'_>) -> Result<Vec<String>, Refusal> {
    let mut models = Vec::new();
    if let Some(model) = fields.text("model")? {
        models.push(model.to_owned());
    }
    let more = fields.texts("models")?.unwrap_or_default();
    if more.len() > 3 {
        return Err(Refusal::new(400, "'models' array must have 3 items or fewer."));
    }
    for model in more {
        if !models.contains(&model) {
            models.push(model);
        }
    }
    fields.one_of("route", &["fallback", "sort"])?;
    if models.is_empty() {
        // The account's default model.
        models.push("sandbox/guide".to_owned());
    }
    Ok(models)
}

fn sampling(fields: &Fields<'_>) -> Result<(), Refusal> {
    for (name, low, high) in [
        ("temperature", 0.0, 2.0),
        ("top_p", 0.0, 1.0),
        ("min_p", 0.0, 1.0),
        ("top_a", 0.0, 1.0),
        ("frequency_penalty", -2.0, 2.0),
        ("presence_penalty", -2.0, 2.0),
        ("repetition_penalty", 0.0, 2.0),
    ] {
        fields.number(name, low..=high)?;
    }
    fields.whole("top_k", 0..=u64::MAX)?;
    fields.integer("seed")?;
    let logprobs = fields.flag("logprobs")?.unwrap_or(false);
    if fields.whole("top_logprobs", 0..=20)?.is_some() && !logprobs {
        return Err(Refusal::field("top_logprobs", "needs logprobs: true"));
    }
    if let Some(bias) = fields.object("logit_bias")? {
        for name in bias.names() {
            bias.number(name, -100.0..=100.0)?;
        }
    }
    Ok(())
}

/// Fields that are checked and otherwise have no effect here.
fn extras(fields: &Fields<'_>) -> Result<(), Refusal> {
    for name in ["parallel_tool_calls", "structured_outputs", "include_reasoning"] {
        fields.flag(name)?;
    }
    for name in ["usage", "stream_options", "image_config", "audio", "prediction", "trace"] {
        fields.object(name)?;
    }
    for name in ["prompt", "user", "prompt_cache_key", "preset"] {
        fields.text(name)?;
    }
    fields.one_of("verbosity", &["low", "medium", "high", "xhigh", "max"])?;
    fields.whole("max_tool_calls", 0..=30)?;
    if fields.text("session_id")?.is_some_and(|id| id.chars().count() > 256) {
        return Err(Refusal::field("session_id", "must have at most 256 characters"));
    }
    for kind in fields.texts("modalities")?.unwrap_or_default() {
        if !["text", "image", "audio"].contains(&kind.as_str()) {
            return Err(Refusal::field("modalities", "must be some of text, image, audio"));
        }
    }
    if let Some(metadata) = fields.object("metadata")? {
        let fits = metadata.names().count() <= 16
            && metadata.names().all(|name| name.chars().count() <= 64)
            && metadata.names().all(|name| {
                metadata.text(name).is_ok_and(|v| v.is_none_or(|v| v.chars().count() <= 512))
            });
        if !fits {
            return Err(Refusal::field(
                "metadata",
                "must be at most 16 pairs of texts, keys up to 64 and values up to 512 characters",
            ));
        }
    }
    for plugin in fields.objects("plugins")?.unwrap_or_default() {
        plugin.needs_text("id")?;
    }
    Ok(())
}

fn stop(fields: &Fields<'_>) -> Result<Vec<String>, Refusal> {
    let stop = match fields.get("stop") {
        Some(Value::String(one)) => vec![one.clone()],
        _ => fields.texts("stop")?.unwrap_or_default(),
    };
    if stop.len() > 4 {
        return Err(Refusal::field("stop", "must have at most 4 entries"));
    }
    Ok(stop.into_iter().filter(|s| !s.is_empty()).collect())
}

fn thinking(fields: &Fields<'_>) -> Result<Thinking, Refusal> {
    let short = fields.one_of("reasoning_effort", &EFFORTS)?.map(str::to_owned);
    let shown = fields.flag("include_reasoning")?;
    let Some(reasoning) = fields.object("reasoning")? else {
        return Ok(Thinking {
            effort: short,
            exclude: shown == Some(false),
            ..Thinking::default()
        });
    };
    let effort = reasoning.one_of("effort", &EFFORTS)?.map(str::to_owned);
    let budget = reasoning.whole("max_tokens", 0..=u64::MAX)?;
    reasoning.one_of("summary", &["auto", "concise", "detailed"])?;
    if effort.is_some() && budget.is_some() {
        return Err(Refusal::field("reasoning", "send effort or max_tokens, not both"));
    }
    if let (Some(a), Some(b)) = (&effort, &short)
        && a != b
    {
        return Err(Refusal::field("reasoning_effort", "differs from reasoning.effort"));
    }
    Ok(Thinking {
        effort: effort.or(short),
        enabled: reasoning.flag("enabled")?,
        budget,
        exclude: reasoning.flag("exclude")?.unwrap_or(shown == Some(false)),
    })
}

fn tools(fields: &Fields<'_>) -> Result<Vec<Tool>, Refusal> {
    let mut tools = Vec::new();
    for tool in fields.objects("tools")?.unwrap_or_default() {
        let kind = tool.needs_text("type")?;
        if kind.starts_with("openrouter:") {
            return Err(Refusal::field(
                &tool.path("type"),
                &format!("the sandbox does not run server tools such as {kind}"),
            ));
        }
        if kind != "function" {
            return Err(Refusal::field(&tool.path("type"), "must be function"));
        }
        let Some(function) = tool.object("function")? else {
            return Err(Refusal::field(&tool.path("function"), "is required"));
        };
        let name = function.needs_text("name")?;
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || name.len() > 64 || !name.chars().all(fits) {
            return Err(Refusal::field(
                &function.path("name"),
                "must be 1 to 64 letters, digits, _ or -",
            ));
        }
        function.text("description")?;
        function.flag("strict")?;
        function.object("parameters")?;
        let parameters = function.get("parameters").cloned().unwrap_or(json!({}));
        tools.push(Tool { name: name.to_owned(), parameters });
    }
    Ok(tools)
}

fn tool_choice(fields: &Fields<'_>) -> Result<ToolChoice, Refusal> {
    let wrong =
        || Refusal::field("tool_choice", "must be none, auto, required or a function by name");
    match fields.get("tool_choice") {
        None => Ok(ToolChoice::Auto),
        Some(Value::String(word)) => match word.as_str() {
            "auto" => Ok(ToolChoice::Auto),
            "none" => Ok(ToolChoice::None),
            "required" => Ok(ToolChoice::Required),
            _ => Err(wrong()),
        },
        Some(Value::Object(choice)) => choice
            .get("function")
            .and_then(|f| f["name"].as_str())
            .map(|name| ToolChoice::Named(name.to_owned()))
            .ok_or_else(wrong),
        Some(_) => Err(wrong()),
    }
}

fn response_format(fields: &Fields<'_>) -> Result<Option<Value>, Refusal> {
    let Some(format) = fields.object("response_format")? else { return Ok(None) };
    const KINDS: [&str; 5] = ["text", "json_object", "json_schema", "grammar", "python"];
    let Some(kind) = format.one_of("type", &KINDS)? else {
        return Err(Refusal::field("response_format.type", "is required"));
    };
    match kind {
        "json_object" => Ok(Some(Value::Null)),
        "json_schema" => {
            let Some(schema) = format.object("json_schema")? else {
                return Err(Refusal::field("response_format.json_schema", "is required"));
            };
            if schema.needs_text("name")?.chars().count() > 64 {
                return Err(Refusal::field(
                    "response_format.json_schema.name",
                    "must have at most 64 characters",
                ));
            }
            schema.flag("strict")?;
            schema.object("schema")?;
            Ok(Some(schema.get("schema").cloned().unwrap_or(Value::Null)))
        }
        _ => Ok(None),
    }
}

/// An object's members, for the readers in this module's children.
type Members = Map<String, Value>;
