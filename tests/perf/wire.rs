//! How fast the wire is read: the complete catalogue (about 900 KB) and a long stream.
//!
//! `cargo bench --bench wire`. The catalogue is made of the real models in the fixtures,
//! repeated until it is as large as the real one.

#![expect(clippy::unwrap_used, reason = "a bench may fail loudly")]

use std::hint::black_box;
use std::path::Path;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use routedeck::wire::chat::decode_chunk;
use routedeck::wire::models::decode_models;
use routedeck::wire::sse::{SseItem, SseParser};
use serde_json::Value;

fn main() {
    divan::main();
}

/// 421 models, indented, as large as the real list.
fn catalogue() -> Vec<u8> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/openrouter/models-trimmed.json");
    let real: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let real = real["data"].as_array().unwrap();
    let models: Vec<Value> = (0..421)
        .map(|n| {
            let mut model = real[n % real.len()].clone();
            model["id"] = Value::String(format!("author/model-{n}"));
            model
        })
        .collect();
    serde_json::to_vec_pretty(&serde_json::json!({ "data": models })).unwrap()
}

/// A stream as OpenRouter sends it: 4,000 deltas of three words, a keep-alive now and then.
fn stream() -> Vec<u8> {
    let mut out = String::new();
    for n in 0..4000 {
        if n % 100 == 0 {
            out.push_str(": OPENROUTER PROCESSING\n\n");
        }
        out.push_str(&format!(
            "data: {{\"id\":\"gen-1790000000-Ab3dEf6hIj9kLm2nOp5q\",\"object\":\"chat.completion.chunk\",\"created\":1790000000,\"model\":\"anthropic/claude-4.5-haiku-20251001\",\"provider\":\"Amazon Bedrock\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\" some more words {n}\",\"role\":\"assistant\"}},\"finish_reason\":null,\"native_finish_reason\":null}}]}}\n\n"
        ));
    }
    out.into_bytes()
}

#[divan::bench]
fn models(bencher: Bencher<'_, '_>) {
    let body = catalogue();
    bencher.counter(BytesCount::of_slice(&body)).bench_local(|| {
        let listing = decode_models(black_box(&body)).unwrap();
        assert_eq!(listing.models.len(), 421);
        listing
    });
}

/// In pieces of the size that a socket gives.
#[divan::bench(args = [64, 1400, 16_384])]
fn frames(bencher: Bencher<'_, '_>, piece: usize) {
    let body = stream();
    bencher.counter(BytesCount::of_slice(&body)).bench_local(|| {
        let mut parser = SseParser::default();
        let mut items = Vec::new();
        for bytes in body.chunks(piece) {
            parser.push(black_box(bytes), &mut items).unwrap();
        }
        assert_eq!(items.len(), 4040);
        items
    });
}

#[divan::bench]
fn deltas(bencher: Bencher<'_, '_>) {
    let mut parser = SseParser::default();
    let mut items = Vec::new();
    parser.push(&stream(), &mut items).unwrap();
    let data: Vec<String> = items
        .into_iter()
        .filter_map(|item| match item {
            SseItem::Data(data) => Some(data),
            SseItem::Comment | SseItem::Done => None,
        })
        .collect();
    bencher.counter(ItemsCount::new(data.len())).bench_local(|| {
        data.iter()
            .filter_map(|json| decode_chunk(black_box(json)).unwrap().text)
            .map(|t| t.len())
            .sum::<usize>()
    });
}
