//! Picking words out of a prompt, so that a simulated answer can refer to it.

use std::collections::BTreeMap;

const COMMON: [&str; 64] = [
    "about", "after", "again", "also", "another", "because", "been", "before", "being", "between",
    "both", "could", "does", "doing", "down", "each", "every", "explain", "from", "give", "have",
    "having", "here", "into", "just", "like", "make", "many", "more", "most", "much", "need",
    "only", "other", "over", "please", "should", "show", "some", "such", "tell", "than", "that",
    "their", "them", "then", "there", "these", "they", "this", "those", "very", "want", "were",
    "what", "when", "where", "which", "while", "will", "with", "would", "write", "your",
];

/// Words in lower case: runs of letters and digits.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'')
        .filter(|w| !w.is_empty())
        .map(str::to_lowercase)
}

/// The telling words of a text: long ones and repeated ones first, at most `most`.
pub(super) fn key_words(text: &str, most: usize) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    // A huge paste says enough in its first part.
    for word in words(text).take(4_000) {
        let length = word.chars().count();
        let wide = !word.is_ascii();
        if (length > 3 || wide) && length < 30 && !COMMON.contains(&word.as_str()) {
            *counts.entry(word).or_default() += 1;
        }
    }
    let mut found: Vec<(String, usize)> = counts.into_iter().collect();
    found.sort_by_key(|(word, count)| {
        (std::cmp::Reverse(count * 2 + word.chars().count()), word.clone())
    });
    found.into_iter().take(most).map(|(word, _)| word).collect()
}
