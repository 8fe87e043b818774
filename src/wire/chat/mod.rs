//! `POST /chat/completions`: the request body and what comes back, streamed or whole.

mod answer;
mod request;
mod usage;

pub use answer::{Chunk, decode_chunk};
pub use request::{
    ChatRequest, Content, Dialect, ProviderFields, ReasoningFields, StreamOptions, WireMessage,
};
