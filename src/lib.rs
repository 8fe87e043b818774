//! routedeck: a terminal workbench for OpenRouter.

pub mod domain;
