//! What models there are, who serves them and for how much: the catalogue, an immutable snapshot
//! that is swapped whole, and the endpoints of single models.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tokio::sync::watch;

use crate::domain::catalog::{Catalog, Endpoints};
use crate::domain::fault::{Fault, FaultClass};
use crate::domain::id::{Millis, ModelId};
use crate::domain::pricing::Pricing;
use crate::domain::text::SafeText;
use crate::wire::models::{Listing, decode_models};

use super::Inner;
use super::event::{EngineEvent, RefreshState};

/// Endpoints and the key's state are asked for again when they are older.
pub(super) const FRESH_MS: i64 = 60_000;

type Refreshed = Result<Arc<Catalog>, Fault>;

/// The snapshot, and what was heard of single models.
pub(super) struct Prices {
    catalog: RwLock<Arc<Catalog>>,
    endpoints: Mutex<HashMap<ModelId, Arc<Endpoints>>>,
    /// The list that was read last. Mostly it comes again word for word, and need not be read again.
    read: Mutex<Option<Read>>,
    /// The refresh that runs, or the last one that did.
    refresh: Mutex<Option<watch::Receiver<Option<Refreshed>>>>,
}

/// A list of models that was read, and what was odd about it.
#[derive(Clone)]
struct Read {
    digest: [u8; 32],
    catalog: Arc<Catalog>,
    problems: Vec<String>,
}

impl Prices {
    /// Reads a list, if it is another one than last time.
    fn read(
        &self,
        upstream: &str,
        at: Millis,
        body: &[u8],
    ) -> Result<(Arc<Catalog>, Vec<String>), String> {
        let mut digest = [0; 32];
        digest.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, body).as_ref());
        let mut last = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = last.as_ref().filter(|known| known.digest == digest) {
            return Ok((Arc::new(known.catalog.heard_again(at)), known.problems.clone()));
        }
        let (catalog, problems) = decode(upstream, at, body)?;
        *last = Some(Read { digest, catalog: Arc::clone(&catalog), problems: problems.clone() });
        Ok((catalog, problems))
    }

    pub(super) fn new(upstream: &str) -> Prices {
        Prices {
            catalog: RwLock::new(Arc::new(Catalog::new(upstream, None, Vec::new()))),
            endpoints: Mutex::new(HashMap::new()),
            read: Mutex::new(None),
            refresh: Mutex::new(None),
        }
    }

    pub(super) fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Swaps the catalogue unless the one that is there is newer.
    fn swap(&self, new: &Arc<Catalog>) -> bool {
        let mut current = self.catalog.write().unwrap_or_else(PoisonError::into_inner);
        let is_newer = new.fetched >= current.fetched;
        if is_newer {
            *current = Arc::clone(new);
        }
        is_newer
    }

    /// The endpoints of a model, if they were heard of less than a minute before `now`.
    pub(super) fn endpoints(&self, id: &ModelId, now: Millis) -> Option<Arc<Endpoints>> {
        let known = self.endpoints.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(id).filter(|e| (0..FRESH_MS).contains(&(now.0 - e.fetched.0))).cloned()
    }

    pub(super) fn keep_endpoints(&self, endpoints: Arc<Endpoints>) {
        let mut known = self.endpoints.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(endpoints.model.clone(), endpoints);
    }

    /// The price list for an answer: of the endpoint that served it, where that is known, else of
    /// the model that served it.
    pub(super) fn pricing(
        &self,
        asked: &ModelId,
        served: Option<&ModelId>,
        provider: Option<&str>,
    ) -> Option<Pricing> {
        let catalog = self.catalog();
        let model =
            served.and_then(|s| catalog.get(s.as_str())).or_else(|| catalog.get(asked.as_str()));
        let known = self.endpoints.lock().unwrap_or_else(PoisonError::into_inner);
        let endpoints = model.and_then(|m| known.get(&m.id)).or_else(|| known.get(asked));
        provider
            .and_then(|name| of_provider(endpoints?, name))
            .or_else(|| model.map(|m| m.pricing.clone()))
    }
}

/// The price list of a provider, if it has just one for this model.
fn of_provider(endpoints: &Endpoints, provider: &str) -> Option<Pricing> {
    let mut offers = endpoints.list.iter().filter(|e| &*e.provider == provider);
    let first = &offers.next()?.pricing;
    offers.all(|other| other.pricing == *first).then(|| first.clone())
}

/// The list of models as it was kept; nothing happens where there is none or a newer one is here.
pub(super) async fn load(engine: &Arc<Inner>) {
    let name = engine.client.name().to_owned();
    let (at, body) = match engine.store.catalog(&name).await {
        Ok(Some(kept)) => kept,
        Ok(None) => return,
        Err(error) => return tracing::warn!(%error, "the kept list of models was not read"),
    };
    let inner = Arc::clone(engine);
    let read = engine.tasks.compute(move || inner.prices.read(&name, at, &body)).await;
    match read {
        Some(Ok((catalog, _))) => publish(engine, &catalog),
        Some(Err(why)) => tracing::warn!(why, "the kept list of models cannot be read"),
        None => {}
    }
}

/// Asks the upstream for its list of models. Who asks while that runs gets the same answer.
pub(super) async fn refresh(engine: &Arc<Inner>) -> Refreshed {
    let mut running = {
        let mut slot = engine.prices.refresh.lock().unwrap_or_else(PoisonError::into_inner);
        match slot.as_ref().filter(|r| r.has_changed().is_ok()) {
            Some(running) => running.clone(),
            None => {
                let (done, running) = watch::channel(None);
                *slot = Some(running.clone());
                let inner = Arc::clone(engine);
                let stop = engine.tasks.stop_token();
                engine.tasks.spawn(async move {
                    let result = stop.run_until_cancelled(refresh_once(&inner)).await;
                    done.send_replace(result);
                });
                running
            }
        }
    };
    let result = running.wait_for(Option::is_some).await.ok().and_then(|r| r.clone());
    result.unwrap_or_else(|| Err(Fault::new(FaultClass::LocalLimit, "routedeck is closing.")))
}

async fn refresh_once(engine: &Arc<Inner>) -> Refreshed {
    engine.tell(EngineEvent::Refresh(RefreshState::Began));
    let result = fetch(engine).await;
    match &result {
        Ok((catalog, problems)) => {
            publish(engine, catalog);
            let problems = problems.iter().map(SafeText::new).collect();
            let models = catalog.models().len();
            engine.tell(EngineEvent::Refresh(RefreshState::Done { models, problems }));
        }
        Err(fault) => engine.tell(EngineEvent::Refresh(RefreshState::Failed(fault.clone()))),
    }
    result.map(|(catalog, _)| catalog)
}

async fn fetch(engine: &Arc<Inner>) -> Result<(Arc<Catalog>, Vec<String>), Fault> {
    let body = engine.client.models().await?;
    let at = engine.now();
    let name = engine.client.name().to_owned();
    let raw = body.clone();
    let inner = Arc::clone(engine);
    let read = engine.tasks.compute(move || inner.prices.read(&name, at, &raw)).await;
    let read = read.unwrap_or_else(|| Err("the list of models could not be read".into()));
    let read = read.map_err(|why| {
        Fault::new(FaultClass::BadUpstream, format!("{}: {why}.", engine.client.base_url()))
    })?;
    engine.store.save_catalog(engine.client.name().to_owned(), at, body.into());
    Ok(read)
}

fn publish(engine: &Inner, catalog: &Arc<Catalog>) {
    if engine.prices.swap(catalog) {
        engine.tell(EngineEvent::Catalog(Arc::clone(catalog)));
    }
}

/// `Err`: a sentence on why this is no list of models. An empty list is none.
fn decode(upstream: &str, at: Millis, body: &[u8]) -> Result<(Arc<Catalog>, Vec<String>), String> {
    let Listing { models, problems } = decode_models(body)?;
    if models.is_empty() {
        let why = problems.first().map_or(String::new(), |first| format!(" ({first})"));
        return Err(format!("the list of models is empty{why}"));
    }
    Ok((Arc::new(Catalog::new(upstream, Some(at), models)), problems))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalog::{Endpoint, Model};
    use crate::domain::money::Price;
    use crate::domain::pricing::PriceKey;

    fn priced(text: &str) -> Pricing {
        let price = Price::parse(text).unwrap();
        Pricing { base: [(PriceKey::Prompt, price)].into_iter().collect(), ..Pricing::default() }
    }

    fn catalog(at: Option<i64>, id: &str, price: &str) -> Arc<Catalog> {
        let mut model = Model::bare(id.into());
        model.pricing = priced(price);
        model.canonical_slug = Some("a/b-20260101".into());
        Arc::new(Catalog::new("test", at.map(Millis), vec![model]))
    }

    fn offer(provider: &str, price: &str) -> Endpoint {
        Endpoint {
            provider: provider.into(),
            tag: provider.into(),
            quantization: None,
            context_length: None,
            max_completion_tokens: None,
            pricing: priced(price),
            supported_parameters: Vec::new(),
            status: None,
            uptime_5m: None,
            uptime_30m: None,
            uptime_1d: None,
            latency_ms: None,
            throughput: None,
            implicit_caching: None,
        }
    }

    #[test]
    fn an_older_list_does_not_replace_a_newer_one() {
        let prices = Prices::new("test");
        assert!(prices.swap(&catalog(Some(5), "a/new", "1")));
        assert!(!prices.swap(&catalog(Some(4), "a/old", "1")));
        assert!(prices.catalog().get("a/new").is_some());
    }

    #[test]
    fn a_list_that_comes_again_word_for_word_is_not_read_again() {
        let prices = Prices::new("test");
        let body = br#"{"data":[{"id":"a/b"}]}"#;
        let (first, _) = prices.read("test", Millis(1), body).unwrap();
        let (again, _) = prices.read("test", Millis(2), body).unwrap();
        assert_eq!((first.fetched, again.fetched), (Some(Millis(1)), Some(Millis(2))));
        assert!(Arc::ptr_eq(&first.models()[0], &again.models()[0]));
        let (other, _) = prices.read("test", Millis(3), br#"{"data":[{"id":"a/c"}]}"#).unwrap();
        assert!(other.get("a/c").is_some() && other.get("a/b").is_none());
    }

    #[test]
    fn an_empty_or_broken_list_is_none() {
        assert!(decode("x", Millis(0), br#"{"data":[]}"#).unwrap_err().contains("empty"));
        assert!(decode("x", Millis(0), b"<html>").is_err());
        assert!(decode("x", Millis(0), br#"{"data":[{"id":"a/b"}]}"#).is_ok());
    }

    #[test]
    fn the_endpoint_that_served_sets_the_price_and_the_model_where_it_is_unclear() {
        let prices = Prices::new("test");
        prices.swap(&catalog(Some(1), "a/b", "3"));
        let list = vec![offer("One", "1"), offer("Two", "2"), offer("Two", "4")];
        prices.keep_endpoints(Arc::new(Endpoints {
            model: "a/b".into(),
            list,
            fetched: Millis(0),
        }));
        let asked = ModelId::new("a/b");
        let dated = ModelId::new("a/b-20260101");
        let price = |provider| prices.pricing(&asked, Some(&dated), provider);
        assert_eq!(price(Some("One")), Some(priced("1")));
        assert_eq!(price(Some("Two")), Some(priced("3")), "two prices, so neither");
        assert_eq!(price(Some("Three")), Some(priced("3")));
        assert_eq!(price(None), Some(priced("3")));
        assert_eq!(prices.pricing(&"x/y".into(), None, None), None);
    }

    #[test]
    fn endpoints_are_known_for_a_minute() {
        let prices = Prices::new("test");
        let id = ModelId::new("a/b");
        let heard = Endpoints { model: id.clone(), list: Vec::new(), fetched: Millis(1000) };
        prices.keep_endpoints(Arc::new(heard));
        assert!(prices.endpoints(&id, Millis(1000 + FRESH_MS - 1)).is_some());
        assert!(prices.endpoints(&id, Millis(1000 + FRESH_MS)).is_none());
        assert!(prices.endpoints(&id, Millis(999)).is_none(), "the clock was set back");
    }
}
