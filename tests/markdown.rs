//! Markdown over a corpus of answers: any split gives the same lines.
