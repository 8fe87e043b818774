//! Every behaviour of the sandbox: the exact trace of events, and what is kept of each attempt.

use futures_util::future::join_all;
use routedeck::domain::conversation::MessageState;
use routedeck::domain::turn::{Ending, TurnEvent};

use crate::kit::{ask, ended, events, saved, stored, text, trace};
use crate::support::Bench;

/// Model, trace, and for each attempt outcome, status and how its cost is known.
type Case = (&'static str, &'static str, &'static str);

const GOOD: &str = "saved try-1 accepted text metered done(stop)";
const BILLED: &str = "served 200 billed";

const STREAMED: [Case; 24] = [
    ("guide", GOOD, BILLED),
    ("echo", GOOD, BILLED),
    ("long", GOOD, BILLED),
    ("fails-over", GOOD, BILLED),
    ("hostile", GOOD, BILLED),
    ("calls-tools", GOOD, BILLED),
    ("reasons", "saved try-1 accepted reasoning text metered done(stop)", BILLED),
    (
        "flaky",
        "saved try-1 wait(overloaded) try-2 accepted text metered done(stop)",
        "absorbed 503 billed, served 200 billed",
    ),
    ("rate-limited", "saved try-1 failed(rate_limit NotBilled)", "failed 429 billed"),
    (
        "rate-limited-bare",
        "saved try-1 wait(rate_limit) try-2 failed(rate_limit NotBilled)",
        "absorbed 429 billed, failed 429 billed",
    ),
    (
        "overloaded",
        "saved try-1 wait(overloaded) try-2 failed(overloaded NotBilled)",
        "absorbed 529 billed, failed 529 billed",
    ),
    ("unavailable", "saved try-1 failed(overloaded NotBilled)", "failed 503 billed"),
    (
        "internal-error",
        "saved try-1 wait(server_error) try-2 wait(server_error) try-3 \
         failed(server_error NotBilled)",
        "absorbed 500 billed, absorbed 500 billed, failed 500 billed",
    ),
    (
        "garbage",
        "saved try-1 wait(bad_upstream) try-2 failed(bad_upstream NotBilled)",
        "absorbed 200 billed, failed 200 billed",
    ),
    (
        "empty",
        "saved try-1 metered wait(bad_upstream) try-2 metered failed(bad_upstream NotBilled)",
        "absorbed 200 billed, failed 200 billed",
    ),
    ("cuts-off", "saved try-1 accepted text failed(cut_off MayBeBilled)", "failed 200 unknown"),
    ("resets", "saved try-1 accepted text failed(cut_off MayBeBilled)", "failed 200 unknown"),
    (
        "fails-midway",
        "saved try-1 accepted text failed(server_error MayBeBilled)",
        "failed 200 unknown",
    ),
    ("stalls", "saved try-1 accepted text failed(silent MayBeBilled)", "failed 200 unknown"),
    ("out-of-credit", "saved try-1 failed(key_billing NotBilled)", "failed 402 billed"),
    ("moderated", "saved try-1 failed(content_policy NotBilled)", "failed 403 billed"),
    ("status-401", "saved try-1 failed(key_auth NotBilled)", "failed 401 billed"),
    ("status-408", "saved try-1 failed(server_error MayBeBilled)", "failed 408 unknown"),
    ("no-such-model", "saved try-1 failed(model_gone NotBilled)", "failed 400 billed"),
];

/// Where asking for the whole answer at once makes a difference.
const WHOLE: [Case; 8] = [
    ("echo", GOOD, BILLED),
    ("long", GOOD, BILLED),
    ("reasons", "saved try-1 accepted reasoning text metered done(stop)", BILLED),
    // Nothing of the answer could be read, but it may have been made: not asked for again.
    ("cuts-off", "saved try-1 failed(cut_off MayBeBilled)", "failed 200 unknown"),
    ("resets", "saved try-1 failed(cut_off MayBeBilled)", "failed 200 unknown"),
    // The counts came with the error and say that nothing was charged.
    (
        "fails-midway",
        "saved try-1 accepted text metered failed(server_error NotBilled)",
        "failed 200 billed",
    ),
    ("stalls", "saved try-1 failed(silent MayBeBilled)", "failed 200 unknown"),
    ("rate-limited", "saved try-1 failed(rate_limit NotBilled)", "failed 429 billed"),
];

async fn check(bench: &Bench, stream: bool, (model, expected, attempts): Case) {
    let mut request = ask(&format!("sandbox/{model}"), "Tell me something about lighthouses");
    request.stream = stream;
    let all = events(bench.engine.turn(request)).await;
    assert_eq!(trace(&all), expected, "{model}");

    let (ending, receipt) = ended(&all);
    let tried: Vec<String> = receipt
        .attempts
        .iter()
        .map(|a| {
            let status = a.status.map_or("none".into(), |s| s.to_string());
            format!("{} {status} {}", a.outcome.as_str(), a.cost.source())
        })
        .collect();
    assert_eq!(tried.join(", "), attempts, "{model}");
    assert!(receipt.simulated, "{model}");

    let (chat, answer) = saved(&all);
    let kept = stored(&bench.store, chat, answer).await;
    assert_eq!(kept.text, text(&all), "{model}: what was shown is what is kept");
    let state = match ending {
        Ending::Done(_) => MessageState::Done,
        Ending::Stopped => MessageState::Stopped,
        Ending::Failed(_) => MessageState::Failed,
    };
    assert_eq!(kept.state, state, "{model}");
}

#[tokio::test]
async fn each_behaviour_gives_its_trace_streamed() {
    let bench = Bench::start().await;
    bench.engine.refresh_catalog().await.unwrap();
    join_all(STREAMED.map(|case| check(&bench, true, case))).await;
}

#[tokio::test]
async fn each_behaviour_gives_its_trace_at_once() {
    let bench = Bench::start().await;
    join_all(WHOLE.map(|case| check(&bench, false, case))).await;
}

#[tokio::test]
async fn a_good_answer_has_a_full_receipt() {
    let bench = Bench::start().await;
    bench.engine.refresh_catalog().await.unwrap();
    for stream in [true, false] {
        let mut request = ask("sandbox/reasons", "Why is the sky blue?");
        request.stream = stream;
        let all = events(bench.engine.turn(request)).await;
        let (_, receipt) = ended(&all);
        assert_eq!(receipt.upstream, "sandbox");
        assert_eq!(receipt.model_served.as_ref().unwrap().as_str(), "sandbox/reasons");
        assert!(receipt.provider.as_deref().unwrap().starts_with("Sandbox"));
        assert!(receipt.generation_id.as_deref().unwrap().starts_with("gen-"));
        assert_eq!(receipt.finish_reason.as_ref().unwrap().as_str(), "stop");
        let usage = receipt.usage.as_ref().unwrap();
        assert!(usage.prompt_tokens > 0 && usage.completion_tokens > usage.reasoning_tokens);
        assert_eq!(receipt.cost.usd(), usage.billed);
        let ttft = receipt.ttft_ms.unwrap();
        assert!(ttft <= receipt.duration_ms && receipt.reasoning_ms.is_some());
        let told = all.iter().find_map(|event| match event {
            TurnEvent::Accepted { ttft_ms, provider } => Some((*ttft_ms, provider.clone())),
            _ => None,
        });
        assert_eq!(told, Some((ttft, receipt.provider.clone())));
        let (chat, answer) = saved(&all);
        let kept = stored(&bench.store, chat, answer).await;
        assert_eq!(kept.receipt.as_ref(), Some(receipt), "the receipt is kept as it was told");
        assert!(!kept.reasoning.is_empty());
    }
}
