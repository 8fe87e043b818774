//! The real binary's commands: stdout, stderr, exit codes.

#![expect(clippy::unwrap_used, reason = "what the tests share is not in a test function")]

#[path = "cli/asking.rs"]
mod asking;
#[path = "cli/failing.rs"]
mod failing;
#[path = "cli/keeping.rs"]
mod keeping;
#[path = "cli/looking.rs"]
mod looking;
#[path = "cli/settings.rs"]
mod settings;
#[path = "cli/support.rs"]
mod support;
