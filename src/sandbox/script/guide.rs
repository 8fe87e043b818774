//! `sandbox/guide`: answers about routedeck from the manual in `data/manual.md`.

use std::sync::LazyLock;

use super::words::words;

/// One chapter of the manual.
struct Chapter {
    title: &'static str,
    keywords: Vec<&'static str>,
    body: &'static str,
}

/// `## Title`, a line `keywords: a, b`, then the text.
static MANUAL: LazyLock<Vec<Chapter>> = LazyLock::new(|| {
    include_str!("../data/manual.md")
        .split("\n## ")
        .skip(1)
        .filter_map(|part| {
            let (title, rest) = part.split_once('\n')?;
            let (keywords, body) = rest.trim_start().split_once('\n')?;
            let keywords = keywords.strip_prefix("keywords:")?;
            Some(Chapter {
                title: title.trim(),
                keywords: keywords.split(',').map(str::trim).collect(),
                body: body.trim(),
            })
        })
        .collect()
});

/// Answers from the chapters that fit best; introduces the sandbox where none does.
pub(super) fn answer(question: &str) -> String {
    let asked: Vec<String> = words(question).take(500).collect();
    let mut ranked: Vec<(usize, &Chapter)> =
        MANUAL.iter().map(|c| (score(c, &asked), c)).filter(|(score, _)| *score > 0).collect();
    ranked.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    let Some((_, best)) = ranked.first() else { return introduction() };
    let mut out = format!("## {}\n\n{}\n", best.title, best.body);
    let others: Vec<String> =
        ranked.iter().skip(1).take(3).map(|(_, c)| format!("*{}*", c.title)).collect();
    if !others.is_empty() {
        out.push_str("\nRelated, ask me about them: ");
        out.push_str(&others.join(", "));
        out.push_str(".\n");
    }
    out.push_str("\n*From the manual built into routedeck; no model was asked.*\n");
    out
}

fn introduction() -> String {
    let first = MANUAL.first().map_or("", |chapter| chapter.body);
    let topics: Vec<String> = MANUAL.iter().skip(1).map(|c| format!("- {}", c.title)).collect();
    format!(
        "{first}\n\nI know about:\n\n{}\n\n*From the manual built into routedeck; no model was \
         asked.*\n",
        topics.join("\n")
    )
}

fn score(chapter: &Chapter, asked: &[String]) -> usize {
    let same = |a: &str, b: &str| {
        a == b || a.strip_suffix('s') == Some(b) || b.strip_suffix('s') == Some(a)
    };
    let title = words(chapter.title).collect::<Vec<_>>();
    asked
        .iter()
        .map(|word| {
            let key = chapter.keywords.iter().any(|k| same(k, word));
            let named = word.len() > 3 && title.iter().any(|t| same(t, word));
            usize::from(key) * 4 + usize::from(named) * 3
        })
        .sum()
}
