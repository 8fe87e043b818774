//! The request body. The client builds it from a turn; the sandbox reads it back.

use serde::{Deserialize, Serialize};

use crate::domain::turn::{ProviderRules, TurnRequest};

/// Which fields a server understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// OpenRouter: `provider`, `reasoning`; usage comes without asking.
    OpenRouter,
    /// OpenAI itself, whose newer models refuse `max_tokens`.
    OpenAi,
    /// Servers that speak like OpenAI: Ollama, llama.cpp, LiteLLM, vLLM and others.
    Compatible,
}

/// The body, with the fields we send or need to check. Unknown ones are passed over.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChatRequest {
    pub model: String,
    pub messages: Vec<WireMessage>,
    pub stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_options: Option<StreamOptions>,
    /// 0 to 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<ReasoningFields>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_effort: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderFields>,
}

/// One message of the conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WireMessage {
    /// `system`, `user` or `assistant`; others may be received.
    pub role: String,
    #[serde(default)]
    pub content: Content,
}

/// Text, or a list of parts; we send text only.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Content {
    Text(String),
    Parts(Vec<serde_json::Value>),
    /// An assistant message that only calls tools.
    #[default]
    Null,
}

impl Content {
    /// All its text, parts joined.
    pub fn text(&self) -> String {
        match self {
            Content::Text(text) => text.clone(),
            Content::Parts(parts) => {
                parts.iter().filter_map(|p| p.get("text")?.as_str()).collect::<Vec<_>>().join("\n")
            }
            Content::Null => String::new(),
        }
    }
}

/// Asks servers that count only on request to count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StreamOptions {
    pub include_usage: bool,
}

/// OpenRouter's `reasoning` object, as far as we send it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReasoningFields {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effort: Option<String>,
}

/// OpenRouter's `provider` object, as far as we send it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProviderFields {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_fallbacks: Option<bool>,
}

impl ChatRequest {
    /// The body for a turn, with the fields this server understands and no others.
    pub fn from_turn(turn: &TurnRequest, dialect: &Dialect) -> ChatRequest {
        let effort = turn.params.effort.map(|e| e.as_str().to_owned());
        let max_tokens = turn.params.max_tokens;
        let mut body = ChatRequest {
            model: turn.model.as_str().to_owned(),
            messages: messages(turn),
            stream: turn.stream,
            temperature: turn.params.temperature.filter(|t| t.is_finite()),
            ..ChatRequest::default()
        };
        match dialect {
            Dialect::OpenRouter => {
                body.max_tokens = max_tokens;
                body.reasoning = effort.map(|e| ReasoningFields { effort: Some(e) });
                body.provider = provider(&turn.rules);
            }
            Dialect::OpenAi => {
                body.max_completion_tokens = max_tokens;
                body.reasoning_effort = effort;
            }
            Dialect::Compatible => {
                body.max_tokens = max_tokens;
                body.reasoning_effort = effort;
            }
        }
        if turn.stream && *dialect != Dialect::OpenRouter {
            body.stream_options = Some(StreamOptions { include_usage: true });
        }
        body
    }
}

fn messages(turn: &TurnRequest) -> Vec<WireMessage> {
    let message = |role: &str, text: &str| WireMessage {
        role: role.to_owned(),
        content: Content::Text(text.to_owned()),
    };
    let system = turn.params.system.as_deref().filter(|text| !text.trim().is_empty());
    let system = system.map(|text| message("system", text));
    system
        .into_iter()
        .chain(turn.messages.iter().map(|m| message(m.role.as_str(), &m.text)))
        .collect()
}

fn provider(rules: &ProviderRules) -> Option<ProviderFields> {
    (!rules.is_empty()).then(|| ProviderFields {
        order: rules.order.clone(),
        allow_fallbacks: rules.allow_fallbacks,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::conversation::Role;
    use crate::domain::turn::{Effort, Keep, Params, PromptMessage};

    fn turn() -> TurnRequest {
        TurnRequest {
            model: "a/b:free".into(),
            messages: vec![PromptMessage { role: Role::User, text: "hi \u{1b}[0m".into() }],
            params: Params {
                system: Some("Be brief.".into()),
                temperature: Some(0.7),
                max_tokens: Some(4096),
                effort: Some(Effort::High),
            },
            rules: ProviderRules { order: vec!["x/fp8".into()], allow_fallbacks: Some(false) },
            keep: Keep::LedgerOnly,
            stream: true,
        }
    }

    fn sent(turn: &TurnRequest, dialect: Dialect) -> serde_json::Value {
        serde_json::to_value(ChatRequest::from_turn(turn, &dialect)).unwrap()
    }

    #[test]
    fn openrouter_gets_its_own_fields() {
        let want = serde_json::json!({
            "model": "a/b:free",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "hi \u{1b}[0m"}
            ],
            "stream": true, "temperature": 0.7, "max_tokens": 4096,
            "reasoning": {"effort": "high"},
            "provider": {"order": ["x/fp8"], "allow_fallbacks": false}
        });
        assert_eq!(sent(&turn(), Dialect::OpenRouter), want);
    }

    #[test]
    fn others_get_no_field_of_openrouter() {
        let body = sent(&turn(), Dialect::Compatible);
        assert_eq!(body["reasoning_effort"], "high");
        assert_eq!(body["max_tokens"], 4096);
        assert_eq!(body["stream_options"]["include_usage"], true);
        assert!(body.get("provider").is_none() && body.get("reasoning").is_none());
        let body = sent(&turn(), Dialect::OpenAi);
        assert_eq!(body["max_completion_tokens"], 4096);
        assert!(body.get("max_tokens").is_none());
    }

    #[test]
    fn what_is_not_set_is_not_sent() {
        let bare = TurnRequest {
            params: Params::default(),
            rules: ProviderRules::default(),
            stream: false,
            ..turn()
        };
        for dialect in [Dialect::OpenRouter, Dialect::Compatible, Dialect::OpenAi] {
            let body = sent(&bare, dialect);
            let keys: Vec<&String> = body.as_object().unwrap().keys().collect();
            assert_eq!(keys, ["model", "messages", "stream"], "{dialect:?}");
        }
    }

    #[test]
    fn a_body_reads_back_with_parts_and_unknown_fields() {
        let json = r#"{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url"}]},
            {"role":"assistant","content":null,"tool_calls":[]}],"model":"m","seed":7}"#;
        let body: ChatRequest = serde_json::from_str(json).unwrap();
        assert_eq!(body.messages[0].content.text(), "a");
        assert_eq!(body.messages[1].content, Content::Null);
        assert!(!body.stream);
    }
}
