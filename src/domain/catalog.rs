//! The catalogue: what models there are, what they can do, what they cost, and who serves them.

use std::collections::HashMap;
use std::sync::Arc;

use super::id::{Millis, ModelId};
use super::pricing::Pricing;
use super::text::SafeText;

/// A kind of input or output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Modality {
    Text,
    Image,
    File,
    Audio,
    Video,
    Other,
}

impl Modality {
    pub fn parse(text: &str) -> Modality {
        match text {
            "text" => Modality::Text,
            "image" => Modality::Image,
            "file" => Modality::File,
            "audio" => Modality::Audio,
            "video" => Modality::Video,
            _ => Modality::Other,
        }
    }

    /// One letter for a table column.
    pub fn letter(self) -> char {
        match self {
            Modality::Text => 'T',
            Modality::Image => 'I',
            Modality::File => 'F',
            Modality::Audio => 'A',
            Modality::Video => 'V',
            Modality::Other => '?',
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Modality::Text => "text",
            Modality::Image => "image",
            Modality::File => "file",
            Modality::Audio => "audio",
            Modality::Video => "video",
            Modality::Other => "other",
        }
    }
}

/// What a model can do about reasoning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReasoningAbility {
    /// Cannot be switched off.
    pub mandatory: bool,
    /// Effort levels that may be asked for, strongest first; empty where it is not selectable.
    pub efforts: Vec<SafeText>,
    pub default_effort: Option<SafeText>,
}

/// One model of an upstream. Missing facts are `None`, never a made-up value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    pub id: ModelId,
    /// Permanent dated slug that answers may carry instead of the id.
    pub canonical_slug: Option<SafeText>,
    pub name: SafeText,
    pub description: SafeText,
    /// Unix seconds.
    pub created: Option<i64>,
    pub context_length: Option<u64>,
    pub max_completion_tokens: Option<u64>,
    pub inputs: Vec<Modality>,
    pub outputs: Vec<Modality>,
    pub tokenizer: Option<SafeText>,
    pub pricing: Pricing,
    pub is_moderated: Option<bool>,
    pub supported_parameters: Vec<SafeText>,
    pub reasoning: Option<ReasoningAbility>,
    pub knowledge_cutoff: Option<SafeText>,
    pub expiration_date: Option<SafeText>,
    /// For `~author/family-latest`: the slug it stands for.
    pub alias_target: Option<SafeText>,
}

impl Model {
    /// A model of which nothing but the id is known.
    pub fn bare(id: ModelId) -> Model {
        Model {
            name: SafeText::new(id.as_str()),
            id,
            canonical_slug: None,
            description: SafeText::default(),
            created: None,
            context_length: None,
            max_completion_tokens: None,
            inputs: vec![Modality::Text],
            outputs: vec![Modality::Text],
            tokenizer: None,
            pricing: Pricing::default(),
            is_moderated: None,
            supported_parameters: Vec::new(),
            reasoning: None,
            knowledge_cutoff: None,
            expiration_date: None,
            alias_target: None,
        }
    }

    pub fn supports(&self, parameter: &str) -> bool {
        self.supported_parameters.iter().any(|p| &**p == parameter)
    }

    /// Batch ids cost half and answer within a day: not for a conversation.
    pub fn is_batch(&self) -> bool {
        self.id.variant() == Some("batch")
    }

    /// Letters of what goes in and, behind an arrow, what comes out when it is not just text.
    pub fn modality_letters(&self) -> String {
        let letters = |list: &[Modality]| list.iter().map(|m| m.letter()).collect::<String>();
        if self.outputs == [Modality::Text] || self.outputs.is_empty() {
            letters(&self.inputs)
        } else {
            format!("{}→{}", letters(&self.inputs), letters(&self.outputs))
        }
    }
}

/// Percentiles over half an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Percentiles {
    pub p50: Option<f64>,
    pub p75: Option<f64>,
    pub p90: Option<f64>,
    pub p99: Option<f64>,
}

/// One provider's offer of one model.
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    pub provider: SafeText,
    /// Routing slug, such as `deepinfra/fp8`.
    pub tag: SafeText,
    pub quantization: Option<SafeText>,
    pub context_length: Option<u64>,
    pub max_completion_tokens: Option<u64>,
    pub pricing: Pricing,
    pub supported_parameters: Vec<SafeText>,
    /// 0 is fine, negative is degraded.
    pub status: Option<i64>,
    /// Per cent of requests that succeeded.
    pub uptime_5m: Option<f64>,
    pub uptime_30m: Option<f64>,
    pub uptime_1d: Option<f64>,
    /// Milliseconds to the first token. Null without a key.
    pub latency_ms: Option<Percentiles>,
    /// Tokens a second. Null without a key.
    pub throughput: Option<Percentiles>,
    pub implicit_caching: Option<bool>,
}

/// All endpoints of one model and when they were asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoints {
    pub model: ModelId,
    pub list: Vec<Endpoint>,
    pub fetched: Millis,
}

/// An immutable snapshot of all models of an upstream, swapped whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    pub upstream: String,
    /// When the upstream said so; `None` when it never did.
    pub fetched: Option<Millis>,
    models: Vec<Arc<Model>>,
    index: HashMap<Arc<str>, usize>,
}

impl Catalog {
    pub fn new(upstream: &str, fetched: Option<Millis>, models: Vec<Model>) -> Catalog {
        let models: Vec<Arc<Model>> = models.into_iter().map(Arc::new).collect();
        let mut index = HashMap::with_capacity(models.len() * 2);
        for (at, model) in models.iter().enumerate() {
            if let Some(slug) = &model.canonical_slug {
                let key = match model.id.variant() {
                    Some(variant) => format!("{}:{variant}", &**slug),
                    None => slug.to_string(),
                };
                index.entry(Arc::from(key)).or_insert(at);
            }
        }
        // Ids win over slugs of other models.
        for (at, model) in models.iter().enumerate() {
            index.insert(Arc::from(model.id.as_str()), at);
        }
        Catalog { upstream: upstream.to_owned(), fetched, models, index }
    }

    /// The same models, which the upstream listed again at this moment.
    pub fn heard_again(&self, fetched: Millis) -> Catalog {
        Catalog { fetched: Some(fetched), ..self.clone() }
    }

    pub fn models(&self) -> &[Arc<Model>] {
        &self.models
    }

    pub fn is_empty(&self) -> bool {
        self.models.is_empty()
    }

    /// Finds a model by id or permanent slug; a dynamic variant (`:nitro`) is looked through.
    pub fn get(&self, id: &str) -> Option<&Arc<Model>> {
        let listed = ModelId::new(id);
        self.index.get(id).or_else(|| self.index.get(listed.listed())).map(|at| &self.models[*at])
    }

    /// Whether the model an answer names is the one that was asked for, under its dated slug or
    /// not.
    pub fn is_same(&self, asked: &ModelId, served: &ModelId) -> bool {
        asked.listed() == served.as_str()
            || match (self.get(asked.as_str()), self.get(served.as_str())) {
                (Some(a), Some(b)) => Arc::ptr_eq(a, b),
                _ => false,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog() -> Catalog {
        let mut haiku = Model::bare("anthropic/claude-haiku-4.5".into());
        haiku.canonical_slug = Some("anthropic/claude-4.5-haiku-20251001".into());
        let mut free = Model::bare("z-ai/glm:free".into());
        free.canonical_slug = Some("z-ai/glm-2026".into());
        Catalog::new("test", None, vec![haiku, free])
    }

    #[test]
    fn an_answer_under_its_dated_slug_is_the_same_model() {
        let catalog = catalog();
        let same = |a: &str, b: &str| catalog.is_same(&a.into(), &b.into());
        assert!(same("anthropic/claude-haiku-4.5", "anthropic/claude-4.5-haiku-20251001"));
        assert!(same("anthropic/claude-haiku-4.5:nitro", "anthropic/claude-haiku-4.5"));
        assert!(same("z-ai/glm:free", "z-ai/glm-2026:free"));
        assert!(!same("z-ai/glm:free", "anthropic/claude-haiku-4.5"));
    }
}
