//! Markdown that grows while it is read: settled prefix, live tail.
//!
//! A [`Doc`] is one message. Text is pushed as it arrives; what is closed is parsed, rendered and
//! wrapped once and never again, and only the open end is looked at anew. Rows are kept as
//! positions, and made into [`Line`]s when they are drawn. Lines name roles, not colours, so a
//! change of theme costs nothing here.
//!
//! ```text
//! source   ├───── settled blocks ─────┤├─ open block ─┤├ partial line ┤
//!           parsed once, rows counted   parsed again     shown, but decides
//!           in a Fenwick tree           for each frame   nothing yet
//! ```
//!
//! Not here: where a message stands in the transcript, scrolling, selection.

mod block;
mod builder;
mod code;
mod doc;
mod heights;
mod highlight;
mod inline;
mod line;
mod mend;
mod settle;
mod table;
mod walk;
mod wrap;

pub use doc::{Anchor, CodeBlock, Doc, Stats};
pub use line::{Line, Look, draw};
