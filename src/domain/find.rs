//! Finding models by a few typed letters, and the names nearest to a misspelt one.

use std::sync::Arc;

use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::catalog::Model;

/// A hit whose score is below this share (in per cent) of the best one is noise: its letters are
/// there, but scattered.
const NOISE_PERCENT: u32 = 70;

/// One model that matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Index in the slice that was searched.
    pub index: usize,
    /// Higher is better; comparable within one search only.
    pub score: u32,
}

/// Searches ids and names. Keep one: it reuses its buffers, so that a search of 5,000 models takes
/// a few milliseconds.
pub struct Finder {
    matcher: Matcher,
    chars: Vec<char>,
}

impl Default for Finder {
    fn default() -> Finder {
        Finder::new()
    }
}

impl Finder {
    pub fn new() -> Finder {
        Finder { matcher: Matcher::new(Config::DEFAULT), chars: Vec::new() }
    }

    /// Models of which every word of `query` is in the id or the name, letters in order but not
    /// necessarily side by side. The model whose id it is comes first, then the best, equal ones
    /// in the order given. A query without words matches everything with score 0.
    pub fn find(&mut self, query: &str, models: &[Arc<Model>]) -> Vec<Hit> {
        let words = words(query);
        let mut hits: Vec<Hit> = Vec::new();
        for (index, model) in models.iter().enumerate() {
            if let Some(score) = self.score(&words, model) {
                hits.push(Hit { index, score });
            }
        }
        hits.sort_by(|a, b| b.score.cmp(&a.score).then(a.index.cmp(&b.index)));
        let best = hits.first().map_or(0, |hit| hit.score);
        hits.retain(|hit| hit.score * 100 >= best * NOISE_PERCENT);
        let meant = bare(query);
        let is_meant = |hit: &Hit| {
            let id = &models[hit.index].id;
            bare(id.short()) == meant || bare(id.as_str()) == meant
        };
        if let Some(at) = hits.iter().position(is_meant) {
            hits[..=at].rotate_right(1);
        }
        hits
    }

    /// Which grapheme clusters (not bytes) of `text` the query matches, ascending: for one drawn
    /// line, which may be an id or a name. Ask for visible lines only.
    pub fn marks(&mut self, query: &str, text: &str) -> Vec<u32> {
        let mut marks = Vec::new();
        for word in words(query) {
            self.chars.clear();
            let hay = Utf32Str::new(text, &mut self.chars);
            // On no match nothing is appended.
            let _ = word.indices(hay, &mut self.matcher, &mut marks);
        }
        marks.sort_unstable();
        marks.dedup();
        marks
    }

    /// Sum over the words of the better of id and name; `None` when a word is in neither.
    fn score(&mut self, words: &[Atom], model: &Model) -> Option<u32> {
        let mut total = 0;
        for word in words {
            let id = self.one(word, model.id.as_str());
            let name = self.one(word, &model.name);
            total += u32::from(id.max(name)?);
        }
        Some(total)
    }

    fn one(&mut self, word: &Atom, text: &str) -> Option<u16> {
        self.chars.clear();
        word.score(Utf32Str::new(text, &mut self.chars), &mut self.matcher)
    }
}

/// Letters and digits only, small: `GPT-4o` and `gpt 4o` are the same.
fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn words(query: &str) -> Vec<Atom> {
    query
        .split_whitespace()
        .map(|word| {
            Atom::new(word, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy, false)
        })
        .collect()
}

/// At most three of `known` that `word` may have been meant to be, nearest first; none when all
/// are far off. The part behind the last `/` counts on its own, so an id without its author is
/// found too.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let word = word.to_lowercase();
    let tail = |id: &str| id.rsplit_once('/').map_or(id, |(_, tail)| tail).to_owned();
    let short = tail(&word);
    let mut near: Vec<(f64, &str)> = known
        .into_iter()
        .map(|name| {
            let lower = name.to_lowercase();
            let whole = strsim::normalized_damerau_levenshtein(&word, &lower);
            let tails = strsim::normalized_damerau_levenshtein(&short, &tail(&lower));
            // The right author is worth a little more than the right tail alone.
            (whole.max(tails * 0.95), name)
        })
        .filter(|(likeness, _)| *likeness >= 0.6)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::SafeText;

    fn models(list: &[(&str, &str)]) -> Vec<Arc<Model>> {
        list.iter()
            .map(|(id, name)| {
                let mut model = Model::bare((*id).into());
                model.name = SafeText::new(name);
                Arc::new(model)
            })
            .collect()
    }

    fn shelf() -> Vec<Arc<Model>> {
        models(&[
            ("openai/gpt-4o-mini", "OpenAI: GPT-4o-mini"),
            ("google/gemini-2.5-pro", "Google: Gemini 2.5 Pro"),
            ("anthropic/claude-sonnet-4.6", "Anthropic: Claude Sonnet 4.6"),
            ("anthropic/claude-haiku-4.5", "Anthropic: Claude Haiku 4.5"),
            ("openai/gpt-4o", "OpenAI: GPT-4o"),
        ])
    }

    fn found(query: &str) -> Vec<String> {
        let shelf = shelf();
        Finder::new()
            .find(query, &shelf)
            .into_iter()
            .map(|hit| shelf[hit.index].id.to_string())
            .collect()
    }

    #[test]
    fn every_word_must_match_in_any_order_and_case() {
        assert_eq!(found("SONNET claude"), ["anthropic/claude-sonnet-4.6"]);
        assert_eq!(found("claude"), ["anthropic/claude-sonnet-4.6", "anthropic/claude-haiku-4.5"]);
        assert_eq!(found("claude gpt"), Vec::<String>::new());
        assert_eq!(found("").len(), 5);
    }

    #[test]
    fn letters_may_be_left_out() {
        assert_eq!(found("snnt"), ["anthropic/claude-sonnet-4.6"]);
        assert_eq!(found("gpt4o"), ["openai/gpt-4o", "openai/gpt-4o-mini"]);
    }

    #[test]
    fn marks_are_positions_of_clusters() {
        let mut finder = Finder::new();
        assert_eq!(finder.marks("son", "Claude Sonnet"), [7, 8, 9]);
        assert_eq!(finder.marks("é", "Café"), [3]);
        assert!(finder.marks("xyz", "Café").is_empty());
    }

    #[test]
    fn a_slip_finds_its_name_and_nonsense_finds_none() {
        let ids: Vec<String> = shelf().iter().map(|m| m.id.to_string()).collect();
        let near = |word| nearest(word, ids.iter().map(String::as_str));
        assert_eq!(near("anthropic/claude-sonet-4.6")[0], "anthropic/claude-sonnet-4.6");
        assert_eq!(near("gpt-4o")[0], "openai/gpt-4o");
        assert_eq!(near("OpenAI/GPT-4o-mini")[0], "openai/gpt-4o-mini");
        assert!(near("zzzzzzzz").is_empty());
    }

    #[test]
    fn five_thousand_models_are_searched_in_one_go() {
        let many: Vec<Arc<Model>> = (0..5000)
            .map(|n| Arc::new(Model::bare(format!("author-{}/model-{n}-instruct", n % 60).into())))
            .collect();
        let hits = Finder::new().find("model 4999 instruct", &many);
        assert_eq!(hits.first().map(|hit| hit.index), Some(4999));
    }
}
