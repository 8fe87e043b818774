//! In which order models are listed.

use std::cmp::Ordering;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::catalog::Model;
use crate::domain::pricing::PriceKey;

/// What decides the order. Each has a natural direction: cheap, large, new and A first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sort {
    /// How well the query matches; without a query the order of the upstream.
    #[default]
    Relevance,
    Price,
    Context,
    Newest,
    Name,
}

impl Sort {
    pub(super) const ALL: [Sort; 5] =
        [Sort::Relevance, Sort::Price, Sort::Context, Sort::Newest, Sort::Name];

    /// The one after it, round the end.
    pub(super) fn next(self) -> Sort {
        let at = Self::ALL.iter().position(|sort| *sort == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }

    /// What people read behind "sorted by".
    pub(super) fn title(self) -> &'static str {
        match self {
            Sort::Relevance => "relevance",
            Sort::Price => "price",
            Sort::Context => "context",
            Sort::Newest => "newest",
            Sort::Name => "name",
        }
    }
}

/// A fact that may be missing. Only known ones are turned round; the others stay behind them in
/// both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fact<T> {
    Known(T),
    /// A price that depends on what answers: never the cheapest, never the dearest.
    Varies,
    Unknown,
}

impl<T: Ord> Fact<T> {
    fn compare(&self, other: &Fact<T>, turned: bool) -> Ordering {
        match (self, other) {
            (Fact::Known(a), Fact::Known(b)) if turned => b.cmp(a),
            (Fact::Known(a), Fact::Known(b)) => a.cmp(b),
            (a, b) => a.class().cmp(&b.class()),
        }
    }

    fn class(&self) -> u8 {
        match self {
            Fact::Known(_) => 0,
            Fact::Varies => 1,
            Fact::Unknown => 2,
        }
    }
}

impl<T> From<Option<T>> for Fact<T> {
    fn from(known: Option<T>) -> Fact<T> {
        known.map_or(Fact::Unknown, Fact::Known)
    }
}

/// The order of two models; equal only when both have the same id. Relevance is not a property of
/// a model, so there all are in the order of their ids.
pub(super) fn compare(a: &Model, b: &Model, sort: Sort, reversed: bool) -> Ordering {
    let by_fact = match sort {
        Sort::Relevance => Ordering::Equal,
        Sort::Price => price(a).compare(&price(b), reversed),
        Sort::Context => Fact::from(a.context_length).compare(&b.context_length.into(), !reversed),
        Sort::Newest => Fact::from(a.created).compare(&b.created.into(), !reversed),
        Sort::Name if reversed => b.id.cmp(&a.id),
        Sort::Name => a.id.cmp(&b.id),
    };
    by_fact.then_with(|| a.id.cmp(&b.id))
}

/// The place of every model in this order, by its index in the catalogue.
pub(super) fn ranks(models: &[Arc<Model>], sort: Sort, reversed: bool) -> Vec<u32> {
    let mut order: Vec<u32> = (0..models.len()).map(number).collect();
    let model = |at: u32| &models[at as usize];
    match sort {
        Sort::Relevance if reversed => order.reverse(),
        Sort::Relevance => {}
        Sort::Price | Sort::Context | Sort::Newest | Sort::Name => {
            order.sort_by(|a, b| compare(model(*a), model(*b), sort, reversed));
        }
    }
    let mut ranks = vec![0; models.len()];
    for (rank, at) in order.into_iter().enumerate() {
        ranks[at as usize] = number(rank);
    }
    ranks
}

/// Input price, then output price.
fn price(model: &Model) -> Fact<(Decimal, Decimal)> {
    let of = |key| model.pricing.base.get(key);
    match (of(PriceKey::Prompt), of(PriceKey::Completion)) {
        (Some(input), Some(output)) => match (input.exact(), output.exact()) {
            (Some(input), Some(output)) => Fact::Known((input, output)),
            _ => Fact::Varies,
        },
        _ => Fact::Unknown,
    }
}

/// Catalogues have thousands of models, not billions.
pub(super) fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Price;
    use proptest::prelude::*;

    fn model(id: &str, input: Option<Price>, output: Option<Price>) -> Model {
        let mut model = Model::bare(id.into());
        if let Some(price) = input {
            model.pricing.base.set(PriceKey::Prompt, price);
        }
        if let Some(price) = output {
            model.pricing.base.set(PriceKey::Completion, price);
        }
        model
    }

    fn price_of() -> impl Strategy<Value = Option<Price>> {
        prop_oneof![
            Just(None),
            Just(Some(Price::Varies)),
            (0..4u32).prop_map(|n| Some(Price::Exact(Decimal::new(i64::from(n), 6)))),
        ]
    }

    fn any_models() -> impl Strategy<Value = Vec<Arc<Model>>> {
        let facts = (price_of(), price_of(), prop::option::of(0..3u64), prop::option::of(0..3i64));
        prop::collection::vec(facts, 0..12).prop_map(|facts| {
            facts
                .into_iter()
                .enumerate()
                .map(|(n, (input, output, context, created))| {
                    // Ids in an order of their own.
                    let mut model = model(&format!("a/{}", n * 7 % 12), input, output);
                    model.context_length = context;
                    model.created = created;
                    Arc::new(model)
                })
                .collect()
        })
    }

    fn listed(models: &[Arc<Model>], sort: Sort, reversed: bool) -> Vec<Arc<Model>> {
        let ranks = ranks(models, sort, reversed);
        let mut listed: Vec<(u32, Arc<Model>)> = ranks.into_iter().zip(models.to_vec()).collect();
        listed.sort_by_key(|(rank, _)| *rank);
        listed.into_iter().map(|(_, model)| model).collect()
    }

    proptest! {
        #[test]
        fn every_order_is_total_and_does_not_depend_on_the_order_before(
            models in any_models(),
            at in 1..Sort::ALL.len(),
            reversed: bool,
        ) {
            let sort = Sort::ALL[at];
            for a in &models {
                for b in &models {
                    let (ab, ba) = (compare(a, b, sort, reversed), compare(b, a, sort, reversed));
                    prop_assert_eq!(ab, ba.reverse());
                    prop_assert_eq!(ab == Ordering::Equal, a.id == b.id);
                    for c in models.iter().filter(|_| ab.is_lt()) {
                        if compare(b, c, sort, reversed).is_lt() {
                            prop_assert!(compare(a, c, sort, reversed).is_lt());
                        }
                    }
                }
            }
            let mut turned = models.clone();
            turned.reverse();
            prop_assert_eq!(listed(&models, sort, reversed), listed(&turned, sort, reversed));
        }

        #[test]
        fn unknown_is_last_and_varies_is_never_the_cheapest(
            models in any_models(),
            reversed: bool,
        ) {
            let classes = |list: &[Arc<Model>]| -> Vec<u8> {
                list.iter().map(|m| price(m).class()).collect()
            };
            let cheap = listed(&models, Sort::Price, reversed);
            prop_assert!(classes(&cheap).is_sorted(), "{:?}", classes(&cheap));
            let long = listed(&models, Sort::Context, reversed);
            prop_assert!(long.iter().map(|m| m.context_length.is_none()).is_sorted());
            let new = listed(&models, Sort::Newest, reversed);
            prop_assert!(new.iter().map(|m| m.created.is_none()).is_sorted());
        }
    }

    #[test]
    fn natural_directions_are_cheap_large_new_and_a_first() {
        let exact = |micro: i64| Some(Price::Exact(Decimal::new(micro, 6)));
        let mut old = model("b/old", exact(3), exact(15));
        (old.context_length, old.created) = (Some(200_000), Some(1));
        let mut new = model("a/new", exact(3), exact(12));
        (new.context_length, new.created) = (Some(8_000), Some(2));
        let models = [Arc::new(old), Arc::new(new)];
        let first = |sort, reversed| listed(&models, sort, reversed)[0].id.to_string();
        assert_eq!(first(Sort::Relevance, false), "b/old");
        assert_eq!(first(Sort::Relevance, true), "a/new");
        assert_eq!(first(Sort::Price, false), "a/new", "the output price decides");
        assert_eq!(first(Sort::Price, true), "b/old");
        assert_eq!(first(Sort::Context, false), "b/old");
        assert_eq!(first(Sort::Newest, false), "a/new");
        assert_eq!(first(Sort::Name, false), "a/new");
        assert_eq!(first(Sort::Name, true), "b/old");
    }

    #[test]
    fn sorting_goes_round() {
        let all: Vec<Sort> =
            std::iter::successors(Some(Sort::Relevance), |s| Some(s.next())).take(6).collect();
        assert_eq!(all[..5], Sort::ALL);
        assert_eq!(all[5], Sort::Relevance);
    }
}
