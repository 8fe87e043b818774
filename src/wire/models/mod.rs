//! The catalogue on the wire: `GET /models` of OpenRouter and of servers that list models in
//! their own way, price lists, and the endpoints of one model.

mod endpoints;
mod listing;
mod pricing;

pub use endpoints::decode_endpoints;
pub use listing::{Listing, decode_models};
