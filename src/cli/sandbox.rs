//! `routedeck sandbox`: the sandbox alone, for other programs.

use super::args::Sandbox;
use super::desk::start_sandbox;
use super::interrupts::Interrupts;
use super::output::{Out, say};
use crate::sandbox::KEY;

/// Runs until a signal ends it.
pub(super) async fn run(args: &Sandbox, out: &Out) -> anyhow::Result<()> {
    let mut interrupts = Interrupts::listen()?;
    let sandbox = start_sandbox(args.listen).await?;
    if !args.listen.ip().is_loopback() {
        say("routedeck: this address can be reached from other machines.");
    }
    let base_url = sandbox.base_url();
    out.write(&format!("OPENROUTER_BASE_URL={base_url}\nOPENROUTER_API_KEY={KEY}\n"))?;
    say(&format!(
        "Simulated replies, no charge. Ctrl+C ends it. Try:\n\n  curl {base_url}/chat/completions \\\n    -H 'Authorization: Bearer {KEY}' -H 'Content-Type: application/json' \\\n    -d '{{\"model\":\"sandbox/echo\",\"messages\":[{{\"role\":\"user\",\"content\":\"hello\"}}]}}'\n"
    ));
    interrupts.wait().await;
    sandbox.stop().await;
    Ok(())
}
