//! Why an attempt failed, in our terms, and what a person can do about it.
//!
//! A fault is data: it is shown, stored and decided upon. The classes are those of the public
//! failover benches; reading a fault out of an answer is `upstream::diagnose`'s work.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::text::SafeText;

/// What kind of failure it was; decides who is to blame and what may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultClass {
    /// The request itself is wrong.
    Request,
    /// The model cannot do what was asked (tools, images, a parameter).
    Capability,
    ContextLength,
    ContentPolicy,
    /// The key is missing, wrong, disabled or not allowed.
    KeyAuth,
    /// Out of credit, or the key's own limit is reached.
    KeyBilling,
    RateLimit,
    Overloaded,
    ServerError,
    /// DNS, connect, TLS, proxy, reset: no answer.
    Network,
    /// Nothing came for too long.
    Silent,
    /// The stream ended before the answer did.
    CutOff,
    /// No such model, or no endpoint left for it.
    ModelGone,
    /// An answer that is none: HTML, garbage, an empty completion.
    BadUpstream,
    /// A limit of our own.
    LocalLimit,
}

impl FaultClass {
    pub fn as_str(self) -> &'static str {
        match self {
            FaultClass::Request => "request",
            FaultClass::Capability => "capability",
            FaultClass::ContextLength => "context_length",
            FaultClass::ContentPolicy => "content_policy",
            FaultClass::KeyAuth => "key_auth",
            FaultClass::KeyBilling => "key_billing",
            FaultClass::RateLimit => "rate_limit",
            FaultClass::Overloaded => "overloaded",
            FaultClass::ServerError => "server_error",
            FaultClass::Network => "network",
            FaultClass::Silent => "silent",
            FaultClass::CutOff => "cut_off",
            FaultClass::ModelGone => "model_gone",
            FaultClass::BadUpstream => "bad_upstream",
            FaultClass::LocalLimit => "local_limit",
        }
    }

    /// The headline of the error card.
    pub fn headline(self) -> &'static str {
        match self {
            FaultClass::Request => "the request was refused",
            FaultClass::Capability => "the model cannot do this",
            FaultClass::ContextLength => "too long for this model",
            FaultClass::ContentPolicy => "refused by a content policy",
            FaultClass::KeyAuth => "the key was not accepted",
            FaultClass::KeyBilling => "out of credit",
            FaultClass::RateLimit => "rate limited",
            FaultClass::Overloaded => "the provider is overloaded",
            FaultClass::ServerError => "the service failed",
            FaultClass::Network => "no connection",
            FaultClass::Silent => "no answer in time",
            FaultClass::CutOff => "cut off by the provider",
            FaultClass::ModelGone => "no such model here",
            FaultClass::BadUpstream => "the answer could not be read",
            FaultClass::LocalLimit => "stopped by a limit of yours",
        }
    }

    /// Whether the same request may work when it is sent again unchanged.
    pub fn may_pass(self) -> bool {
        matches!(
            self,
            FaultClass::RateLimit
                | FaultClass::Overloaded
                | FaultClass::ServerError
                | FaultClass::Network
                | FaultClass::Silent
                | FaultClass::CutOff
                | FaultClass::BadUpstream
        )
    }

    /// What to do next, as a sentence.
    pub fn advice(self) -> &'static str {
        match self {
            FaultClass::Request => "Change the request and send it again.",
            FaultClass::Capability => "Choose a model that can (Ctrl+O), or leave that part out.",
            FaultClass::ContextLength => {
                "Choose a model with a larger context (Ctrl+O), or start a new chat."
            }
            FaultClass::ContentPolicy => "Change the message, or choose another model.",
            FaultClass::KeyAuth => {
                "Set OPENROUTER_API_KEY to a valid key. `routedeck config show` says which is in use."
            }
            FaultClass::KeyBilling => {
                "Add credit or raise the key's limit at the service, lower max tokens, or choose a free model."
            }
            FaultClass::RateLimit => "Wait a moment and retry, or choose another model.",
            FaultClass::Overloaded => "Retry, or choose another model.",
            FaultClass::ServerError => "Retry; if it stays, choose another model.",
            FaultClass::Network => "Check the network, the proxy and the base URL, then retry.",
            FaultClass::Silent => "Retry, or choose another model.",
            FaultClass::CutOff => "The text so far is kept. Retry for a whole answer.",
            FaultClass::ModelGone => "Choose another model (Ctrl+O).",
            FaultClass::BadUpstream => "Retry; check the base URL if it stays.",
            FaultClass::LocalLimit => "Raise the limit, or stop here.",
        }
    }
}

/// Whether money may have gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Billing {
    /// Refused before any work was done.
    NotBilled,
    /// Work was done; what it cost is not known (yet).
    #[default]
    MayBeBilled,
}

impl Billing {
    pub fn sentence(self) -> &'static str {
        match self {
            Billing::NotBilled => "Not billed.",
            Billing::MayBeBilled => "It may have been billed.",
        }
    }
}

/// One failure with everything known about it. Holds no secret and nothing raw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub class: FaultClass,
    /// What happened, in a sentence, as far as possible in the upstream's own words.
    pub message: SafeText,
    pub billing: Billing,
    /// HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// The upstream's own code or error type.
    pub code: Option<SafeText>,
    /// Set when the fault is the provider's, not the account's.
    pub provider: Option<SafeText>,
    /// The upstream's own hint on what to do.
    pub hint: Option<SafeText>,
    /// When it may work again.
    pub retry_after_ms: Option<u64>,
    /// To quote to the upstream's support.
    pub generation_id: Option<SafeText>,
}

impl Fault {
    pub fn new(class: FaultClass, message: impl AsRef<str>) -> Fault {
        Fault {
            class,
            message: SafeText::new(message),
            billing: Billing::NotBilled,
            status: None,
            code: None,
            provider: None,
            hint: None,
            retry_after_ms: None,
            generation_id: None,
        }
    }

    /// What to do next: the upstream's hint where it gave one, else ours.
    pub fn advice(&self) -> &str {
        self.hint.as_deref().unwrap_or(self.class.advice())
    }
}

/// One paragraph: what happened, whether it was billed, what to do. For stderr and logs.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.class.headline())?;
        if let Some(provider) = &self.provider {
            write!(f, " by {provider}")?;
        }
        if let Some(status) = self.status {
            write!(f, " ({status})")?;
        }
        let stop = if self.message.ends_with(['.', '!', '?', '…']) { "" } else { "." };
        write!(f, ": {}{stop} {}", self.message, self.billing.sentence())?;
        if let Some(ms) = self.retry_after_ms {
            write!(f, " May work again in {} s.", ms.div_ceil(1000))?;
        }
        write!(f, " {}", self.advice())
    }
}
