//! The browser at a desk: keys in, rows, questions and pictures out.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::KeyCode;

use super::Browser;
use crate::domain::catalog::{
    Catalog, Endpoint, Endpoints, Modality, Model, Percentiles, ReasoningAbility,
};
use crate::domain::id::{Millis, ModelId};
use crate::domain::money::{Price, parse_decimal};
use crate::domain::pricing::{Override, PriceKey, Rates};
use crate::domain::text::SafeText;
use crate::engine::{Query, Reply, Trouble};
use crate::tui::action::{Action, Context};
use crate::tui::effect::{Effect, Effects, Place, Ticket};
use crate::tui::tests::{NOON, World, code, key, picture, rows, screen, sizes};

const DAY: i64 = 86_400;

fn price(text: &str) -> Price {
    Price::parse(text).unwrap()
}

fn rates(input: &str, output: &str) -> Rates {
    [(PriceKey::Prompt, price(input)), (PriceKey::Completion, price(output))].into_iter().collect()
}

fn model(id: &str, name: &str, prices: Option<(&str, &str)>, context: u64, days: i64) -> Model {
    let mut model = Model::bare(id.into());
    model.name = SafeText::new(name);
    model.context_length = Some(context).filter(|n| *n > 0);
    model.created = Some(NOON.0 / 1000 - days * DAY).filter(|_| days > 0);
    if let Some((input, output)) = prices {
        model.pricing.base = rates(input, output);
    }
    model
}

fn sonnet() -> Model {
    let prices = Some(("0.000003", "0.000015"));
    let name = "Anthropic: Claude Sonnet 4.6";
    let mut sonnet = model("anthropic/claude-sonnet-4.6", name, prices, 1_000_000, 280);
    sonnet.description = SafeText::new(
        "Sonnet is a model for code, agents and everyday work.\nIt reads images and files, and \
         keeps its wits over a long context window.",
    );
    sonnet.max_completion_tokens = Some(128_000);
    sonnet.inputs = vec![Modality::Text, Modality::Image, Modality::File];
    sonnet.knowledge_cutoff = Some("2025-08-31".into());
    sonnet.is_moderated = Some(true);
    sonnet.supported_parameters = ["max_tokens", "reasoning", "tools"].map(SafeText::new).to_vec();
    sonnet.reasoning = Some(ReasoningAbility {
        mandatory: false,
        efforts: ["high", "medium", "low"].map(SafeText::new).to_vec(),
        default_effort: Some("high".into()),
    });
    let base = &mut sonnet.pricing.base;
    base.set(PriceKey::CacheRead, price("0.0000003"));
    base.set(PriceKey::CacheWrite, price("0.00000375"));
    base.set(PriceKey::WebSearch, price("0.01"));
    sonnet.pricing.overrides = vec![Override {
        min_prompt_tokens: Some(200_000),
        rates: rates("0.000006", "0.0000225"),
        ..Override::default()
    }];
    sonnet.pricing.discount = parse_decimal("0.1");
    sonnet
}

fn shelf() -> Vec<Model> {
    let mut flash = model(
        "google/gemini-3-flash-preview",
        "Google: Gemini 3 Flash Preview",
        Some(("0.0000005", "0.000003")),
        1_048_576,
        340,
    );
    flash.inputs =
        vec![Modality::Text, Modality::Image, Modality::File, Modality::Audio, Modality::Video];
    flash.expiration_date = Some("2026-12-31".into());
    vec![
        sonnet(),
        model(
            "anthropic/claude-sonnet-4.6:batch",
            "Sonnet batch",
            Some(("0.0000015", "0.0000075")),
            1_000_000,
            280,
        ),
        flash,
        model(
            "openai/gpt-4o-mini",
            "OpenAI: GPT-4o-mini",
            Some(("0.00000015", "0.0000006")),
            128_000,
            860,
        ),
        model("openrouter/auto", "Auto Router", Some(("-1", "-1")), 2_000_000, 1100),
        model("z-ai/glm-4.5-air:free", "Z.AI: GLM 4.5 Air (free)", Some(("0", "0")), 131_072, 480),
        model(
            "meta-llama/llama-3.3-70b-instruct",
            "Meta: Llama 3.3 70B Instruct",
            Some(("0.0000000131", "0.0000000392")),
            1000,
            718,
        ),
        model("local/mystery", "A model of which nothing is known", None, 0, 0),
    ]
}

fn desk() -> (World, Browser) {
    let mut world = World::new();
    let fetched = Some(Millis(NOON.0 - 6 * 60_000));
    world.catalog = Arc::new(Catalog::new("openrouter", fetched, shelf()));
    world.shelf.star(&"google/gemini-3-flash-preview".into());
    world.model = Some("openai/gpt-4o-mini".into());
    let mut browser = Browser::default();
    browser.refresh(&world.cx());
    (world, browser)
}

fn typed(browser: &mut Browser, world: &World, text: &str) -> Effects {
    text.chars().flat_map(|c| browser.text(key(c), &world.cx())).collect()
}

fn listed(browser: &Browser) -> Vec<&str> {
    (0..browser.rows.len()).map(|line| browser.row(line).unwrap().id.as_str()).collect()
}

fn selected(browser: &Browser) -> String {
    browser.selected().unwrap().to_string()
}

fn asked(effects: &[Effect]) -> Vec<(Ticket, ModelId)> {
    effects
        .iter()
        .map(|effect| match effect {
            Effect::Ask(ticket, Query::Endpoints { model, fresh: false }) => {
                (*ticket, model.clone())
            }
            other => panic!("{other:?}"),
        })
        .collect()
}

fn endpoints(model: &ModelId) -> Reply {
    let median = |value| Some(Percentiles { p50: Some(value), ..Percentiles::default() });
    let endpoint = |provider: &str, tag: &str, input: &str, output: &str| Endpoint {
        provider: SafeText::new(provider),
        tag: SafeText::new(tag),
        quantization: None,
        context_length: Some(1_000_000),
        max_completion_tokens: Some(64_000),
        pricing: crate::domain::pricing::Pricing {
            base: rates(input, output),
            ..Default::default()
        },
        supported_parameters: Vec::new(),
        status: Some(0),
        uptime_5m: None,
        uptime_30m: None,
        uptime_1d: Some(99.97),
        latency_ms: median(812.0),
        throughput: median(64.4),
        implicit_caching: None,
    };
    let mut lame = endpoint("Lame", "lame/fp8", "0.0000022", "0.000009");
    lame.quantization = Some("fp8".into());
    lame.status = Some(-2);
    (lame.uptime_1d, lame.uptime_30m) = (None, Some(91.24));
    (lame.latency_ms, lame.throughput) = (None, None);
    lame.pricing.discount = parse_decimal("0.25");
    let list = vec![endpoint("Anthropic", "anthropic", "0.000003", "0.000015"), lame];
    let fetched = Millis(NOON.0 - 130_000);
    Reply::Endpoints(Arc::new(Endpoints { model: model.clone(), list, fetched }))
}

fn drawn(browser: &Browser, world: &World, width: u16, height: u16) -> Vec<String> {
    let (area, mut buf) = screen(width, height);
    browser.draw(&world.cx(), area, &mut buf);
    rows(&buf)
}

#[test]
fn typing_narrows_the_list_and_escape_widens_it_again() {
    let (world, mut browser) = desk();
    assert_eq!(browser.context(), Context::Models);
    browser.act(Action::FilterModels, &world.cx());
    assert_eq!(browser.context(), Context::Query);
    typed(&mut browser, &world, "sonnet");
    assert_eq!(listed(&browser), ["anthropic/claude-sonnet-4.6"]);
    let shown = drawn(&browser, &world, 120, 30);
    assert!(
        shown[0].contains("1 of 8 · 1 batch id hidden (b) · sorted by relevance"),
        "{shown:#?}"
    );
    browser.act(Action::QueryDone, &world.cx());
    assert_eq!(browser.context(), Context::Models);
    assert_eq!(selected(&browser), "anthropic/claude-sonnet-4.6");
    browser.act(Action::FilterModels, &world.cx());
    browser.act(Action::Back, &world.cx());
    assert_eq!((browser.context(), browser.rows.len()), (Context::Query, 7));
    browser.act(Action::Back, &world.cx());
    assert_eq!(browser.context(), Context::Models);
}

#[test]
fn the_best_match_is_selected_and_edits_keep_up() {
    let (world, mut browser) = desk();
    browser.act(Action::ModelBottom, &world.cx());
    browser.act(Action::FilterModels, &world.cx());
    typed(&mut browser, &world, "mini");
    assert_eq!(selected(&browser), "openai/gpt-4o-mini");
    browser.text(code(KeyCode::Backspace), &world.cx());
    browser.paste(" glm\n", &world.cx());
    assert_eq!(browser.rows.len(), 0);
    assert_eq!(browser.selected(), None);
    assert!(drawn(&browser, &world, 80, 20).join("\n").contains("Nothing matches. Esc empties"));
}

#[test]
fn batch_ids_are_counted_and_shown_on_demand() {
    let (world, mut browser) = desk();
    assert!(!listed(&browser).contains(&"anthropic/claude-sonnet-4.6:batch"));
    browser.act(Action::ModelDown, &world.cx());
    let before = selected(&browser);
    browser.act(Action::ShowBatch, &world.cx());
    assert_eq!(browser.rows.len(), 8);
    assert_eq!(selected(&browser), before);
    assert!(!drawn(&browser, &world, 120, 30)[0].contains("hidden"));
    browser.act(Action::FilterModels, &world.cx());
    browser.act(Action::ShowBatch, &world.cx());
    typed(&mut browser, &world, "batch");
    assert!(drawn(&browser, &world, 80, 20).join("\n").contains("Only batch ids match: b shows"));
}

#[test]
fn by_price_the_free_one_is_first_and_the_unknown_one_last_both_ways() {
    let (world, mut browser) = desk();
    browser.act(Action::SortModels, &world.cx());
    let cheap = listed(&browser).join(" ");
    assert_eq!(
        cheap,
        "z-ai/glm-4.5-air:free meta-llama/llama-3.3-70b-instruct openai/gpt-4o-mini \
         google/gemini-3-flash-preview anthropic/claude-sonnet-4.6 openrouter/auto local/mystery"
    );
    assert_eq!(selected(&browser), "z-ai/glm-4.5-air:free", "who has not moved stays at the top");
    browser.act(Action::ModelDown, &world.cx());
    browser.act(Action::ReverseModels, &world.cx());
    let dear = listed(&browser);
    assert_eq!(dear[0], "anthropic/claude-sonnet-4.6");
    assert_eq!(dear[5..], ["openrouter/auto", "local/mystery"]);
    assert_eq!(selected(&browser), "meta-llama/llama-3.3-70b-instruct");
    assert!(drawn(&browser, &world, 120, 30)[0].contains("sorted by price, reversed"));
}

#[test]
fn the_order_holds_while_one_types() {
    let (world, mut browser) = desk();
    browser.act(Action::SortModels, &world.cx());
    browser.act(Action::FilterModels, &world.cx());
    typed(&mut browser, &world, "a");
    let listed = listed(&browser).join(" ");
    assert_eq!(
        listed,
        "z-ai/glm-4.5-air:free openai/gpt-4o-mini anthropic/claude-sonnet-4.6 openrouter/auto \
         local/mystery"
    );
}

#[test]
fn the_selection_survives_a_refresh_by_its_id() {
    let (mut world, mut browser) = desk();
    browser.act(Action::ModelDown, &world.cx());
    browser.act(Action::ModelDown, &world.cx());
    assert_eq!(selected(&browser), "openai/gpt-4o-mini");
    let mut models = shelf();
    models.insert(0, model("a/new", "New", None, 1, 1));
    world.catalog = Arc::new(Catalog::new("openrouter", Some(NOON), models));
    browser.refresh(&world.cx());
    assert_eq!(selected(&browser), "openai/gpt-4o-mini");
    let only = vec![model("b/only", "Only", None, 1, 1)];
    world.catalog = Arc::new(Catalog::new("openrouter", Some(NOON), only));
    browser.refresh(&world.cx());
    assert_eq!(selected(&browser), "b/only");
    world.catalog = Arc::default();
    browser.refresh(&world.cx());
    assert_eq!(browser.selected(), None);
    let shown = drawn(&browser, &world, 80, 20).join("\n");
    assert!(shown.contains("0 of 0 · as listed · catalogue never fetched"), "{shown}");
    assert!(shown.contains("No models are known of openrouter: Ctrl+R asks for them."), "{shown}");
}

#[test]
fn endpoints_are_asked_once_where_the_selection_rests() {
    let (mut world, mut browser) = desk();
    // The first model was asked about when the pane came into view.
    let first = browser.act(Action::ModelTop, &world.cx());
    assert_eq!(first, []);
    // Passing by asks nothing; resting does.
    world.wait(Duration::from_millis(50));
    assert_eq!(browser.act(Action::ModelDown, &world.cx()), []);
    world.wait(Duration::from_millis(50));
    assert_eq!(browser.act(Action::ModelDown, &world.cx()), []);
    assert_eq!(browser.tick(&world.cx()), []);
    assert_eq!(browser.wakes_at(), Some(world.now.instant + Duration::from_millis(200)));
    world.wait(Duration::from_millis(200));
    let rested = asked(&browser.tick(&world.cx()));
    assert_eq!(rested[0].1.as_str(), "openai/gpt-4o-mini");
    assert_eq!(browser.wakes_at(), None);
    assert_eq!(browser.tick(&world.cx()), []);
    // A single step after a rest asks at once, and going back does not ask again.
    world.wait(Duration::from_secs(1));
    let step = asked(&browser.act(Action::ModelDown, &world.cx()));
    assert_eq!(step[0].1.as_str(), "openrouter/auto");
    world.wait(Duration::from_secs(1));
    assert_eq!(browser.act(Action::ModelUp, &world.cx()), []);
    assert_eq!(browser.wakes_at(), None);
    // Whoever closed the details wants to know nothing.
    browser.act(Action::ModelDetails, &world.cx());
    world.wait(Duration::from_secs(1));
    assert_eq!(browser.act(Action::ModelBottom, &world.cx()), []);
    assert_eq!(
        asked(&browser.act(Action::ModelDetails, &world.cx()))[0].1.as_str(),
        "local/mystery"
    );
}

#[test]
fn typing_asks_only_after_a_rest() {
    let (mut world, mut browser) = desk();
    browser.act(Action::FilterModels, &world.cx());
    world.wait(Duration::from_secs(1));
    assert_eq!(typed(&mut browser, &world, "mini"), []);
    world.wait(Duration::from_millis(200));
    assert_eq!(asked(&browser.tick(&world.cx()))[0].1.as_str(), "openai/gpt-4o-mini");
}

#[test]
fn replies_find_their_model_and_stale_ones_are_ignored() {
    let mut world = desk().0;
    let mut browser = Browser::default();
    let effects = browser.refresh(&world.cx());
    let (ticket, id) = asked(&effects)[0].clone();
    assert_eq!(ticket.place, Place::Models);
    assert!(drawn(&browser, &world, 160, 40).join("\n").contains("asking …"));
    let stranger = Ticket { number: 99, ..ticket };
    browser.hear(stranger, Ok(endpoints(&id)), &world.cx());
    assert!(drawn(&browser, &world, 160, 40).join("\n").contains("asking …"));
    let trouble = Trouble {
        what: "the endpoints were not read".into(),
        why: "openrouter.ai did not answer".into(),
        hint: "try again".into(),
    };
    browser.hear(ticket, Err(trouble), &world.cx());
    let shown = drawn(&browser, &world, 160, 40).join("\n");
    assert!(shown.contains("the endpoints were not read: openrouter.ai did not"), "{shown}");
    // The same ticket twice: nobody waits for it any more.
    browser.hear(ticket, Ok(endpoints(&id)), &world.cx());
    assert!(!drawn(&browser, &world, 160, 40).join("\n").contains("lame/fp8"));
    // Coming back to it asks again.
    world.wait(Duration::from_secs(1));
    browser.act(Action::ModelDown, &world.cx());
    world.wait(Duration::from_secs(1));
    let again = asked(&browser.act(Action::ModelUp, &world.cx()));
    browser.hear(again[0].0, Ok(endpoints(&id)), &world.cx());
    let shown = drawn(&browser, &world, 160, 40).join("\n");
    assert!(shown.contains("2 endpoints, asked 2 min ago"), "{shown}");
    assert!(shown.contains("Lame"), "{shown}");
}

#[test]
fn starring_and_using_are_left_to_the_app() {
    let (world, mut browser) = desk();
    for action in [Action::StarModel, Action::UseModel, Action::RefreshModels] {
        assert_eq!(browser.act(action, &world.cx()), []);
    }
    assert_eq!(selected(&browser), "anthropic/claude-sonnet-4.6");
}

#[test]
fn details_scroll_to_their_end_and_start_anew_on_another_model() {
    let (world, mut browser) = desk();
    drawn(&browser, &world, 80, 24);
    for _ in 0..100 {
        browser.act(Action::DetailsDown, &world.cx());
    }
    let shown = drawn(&browser, &world, 80, 24);
    assert!(shown.join("\n").contains("max_tokens reasoning tools"), "{shown:#?}");
    browser.act(Action::DetailsUp, &world.cx());
    let up = drawn(&browser, &world, 80, 24);
    assert_ne!(up, shown, "one step up is seen at once");
    browser.act(Action::ModelDown, &world.cx());
    assert!(drawn(&browser, &world, 80, 24).join("\n").contains("Google: Gemini 3 Flash Preview"));
}

#[test]
fn hostile_names_are_harmless() {
    let (mut world, mut browser) = desk();
    let mut evil = model("evil/\u{1b}[31mred", "x\u{1b}]0;title\u{7}y", None, 1, 1);
    evil.description = SafeText::new("a\u{202e}b\u{1b}[2Jc");
    world.catalog = Arc::new(Catalog::new("openrouter", None, vec![evil]));
    browser.refresh(&world.cx());
    let shown = drawn(&browser, &world, 160, 40).join("\n");
    assert!(!shown.chars().any(|c| c.is_control() && c != '\n' || c == '\u{202e}'), "{shown}");
}

#[test]
fn pictures() {
    let (mut world, mut browser) = desk();
    let mut fresh = Browser::default();
    let (ticket, id) = asked(&fresh.refresh(&world.cx()))[0].clone();
    fresh.hear(ticket, Ok(endpoints(&id)), &world.cx());
    for (width, height) in [(60, 20), (80, 22), (120, 38), (200, 48)] {
        let (area, mut buf) = screen(width, height);
        assert_eq!(fresh.draw(&world.cx(), area, &mut buf), None);
        insta::assert_snapshot!(format!("browser_{width}x{height}"), picture(&buf));
    }
    browser.act(Action::FilterModels, &world.cx());
    typed(&mut browser, &world, "gm");
    world.wait(Duration::from_secs(1));
    let (area, mut buf) = screen(80, 22);
    let cursor = browser.draw(&world.cx(), area, &mut buf).unwrap();
    assert_eq!((cursor.x, cursor.y), (4, 0));
    insta::assert_snapshot!("searching_80x22", picture(&buf));
}

#[test]
fn any_size_is_survived_and_drawing_remembers_nothing() {
    let (world, mut browser) = desk();
    let known = endpoints(&browser.selected().unwrap());
    browser.hear(Ticket { place: Place::Models, number: 1 }, Ok(known), &world.cx());
    for (width, height) in sizes() {
        let cold = drawn(&browser, &world, width, height);
        drawn(&browser, &world, 220, 70);
        drawn(&browser, &world, 40, 12);
        assert_eq!(drawn(&browser, &world, width, height), cold, "{width}x{height}");
    }
}

#[test]
fn five_thousand_models_are_drawn_by_their_visible_lines() {
    let (mut world, mut browser) = desk();
    let many: Vec<Model> = (0..5000)
        .map(|n| {
            model(
                &format!("author-{}/model-{n}", n % 60),
                "Name",
                Some(("0.000001", "0.000002")),
                8000,
                1 + n,
            )
        })
        .collect();
    world.catalog = Arc::new(Catalog::new("openrouter", Some(NOON), many));
    browser.refresh(&world.cx());
    browser.act(Action::SortModels, &world.cx());
    browser.act(Action::ModelBottom, &world.cx());
    assert!(drawn(&browser, &world, 100, 30).join("\n").contains("5000 of 5000"));
    browser.act(Action::FilterModels, &world.cx());
    typed(&mut browser, &world, "model-4321");
    assert_eq!(selected(&browser), "author-1/model-4321");
}
