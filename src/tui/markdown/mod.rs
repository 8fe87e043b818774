//! Markdown that grows while it is read: settled prefix, live tail.
