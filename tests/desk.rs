//! The whole workbench in-process against the sandbox.
