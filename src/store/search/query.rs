//! What was typed into a search field, made into something FTS5 cannot misunderstand.

use std::borrow::Cow;

/// Stands between characters of scripts without spaces: invisible, and no part of any word.
pub(super) const SEAM: char = '\u{200b}';

const MOST_TERMS: usize = 16;
const LONGEST_QUERY: usize = 400;

/// Puts a seam on both sides of each character of a script that is written without spaces.
pub(super) fn spread(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.chars().any(is_unspaced) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        if is_unspaced(c) {
            out.extend([SEAM, c, SEAM]);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Chinese, Japanese, Korean, Thai, Lao, Burmese, Khmer. Korean has spaces, but its words carry
/// endings and are looked for from the middle.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}'
        | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}'
        | '\u{20000}'..='\u{3ffff}')
}

/// What was typed, as FTS5 and we understand it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Query {
    /// All terms: an FTS5 expression. Empty when there is no word in what was typed.
    pub(super) all: String,
    /// Any of them.
    pub(super) any: String,
    /// Must be in the text as they are, in lower case: `c++` is more than a `c`.
    pub(super) literal: Vec<String>,
    pub(super) has_unspaced: bool,
}

impl Query {
    /// Everything between double quotes is one phrase; every other word may be half a word.
    /// Nothing that is typed is an operator, so nothing is a syntax error.
    pub(super) fn parse(typed: &str) -> Query {
        let typed: String = typed
            .chars()
            .take(LONGEST_QUERY)
            .map(|c| if c.is_control() || c == SEAM { ' ' } else { c })
            .collect();
        let parts: Vec<&str> = typed.split('"').collect();
        let mut query = Query {
            all: String::new(),
            any: String::new(),
            literal: Vec::new(),
            has_unspaced: typed.chars().any(is_unspaced),
        };
        let mut count = 0;
        for (at, part) in parts.iter().enumerate() {
            let is_phrase = at % 2 == 1;
            let is_closed = at + 1 < parts.len();
            let terms: Vec<&str> =
                if is_phrase { vec![part.trim()] } else { part.split_whitespace().collect() };
            for term in terms.into_iter().filter(|term| !term.is_empty()) {
                count += 1;
                if count <= MOST_TERMS {
                    query.add(term, is_phrase && is_closed);
                }
            }
        }
        query
    }

    fn add(&mut self, term: &str, is_whole: bool) {
        let is_word = term.chars().any(char::is_alphanumeric);
        if !is_word || term.starts_with(is_meant) || term.ends_with(is_meant) {
            self.literal.push(term.to_lowercase());
        }
        if !is_word {
            return;
        }
        let star = if is_whole { "" } else { "*" };
        let quoted = format!("\"{}\"{star}", spread(term));
        for (list, joint) in [(&mut self.all, " "), (&mut self.any, " OR ")] {
            if !list.is_empty() {
                list.push_str(joint);
            }
            list.push_str(&quoted);
        }
    }

    pub(super) fn accepts(&self, text: &str) -> bool {
        if self.literal.is_empty() {
            return true;
        }
        let text = text.to_lowercase();
        self.literal.iter().all(|literal| text.contains(literal.as_str()))
    }
}

/// Signs that mean something at the edge of a word, unlike a comma.
fn is_meant(c: char) -> bool {
    "+#$@%&=<>/\\|~^*-_".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_typed_is_an_operator() {
        let query = Query::parse("rust AND (\"null pointer\" c++ -- half");
        assert_eq!(
            query.all, "\"rust\"* \"AND\"* \"null pointer\" \"c++\"* \"half\"*",
            "a bracket alone is no word"
        );
        assert_eq!(query.literal, ["(", "c++", "--"]);
        assert_eq!(Query::parse("a\"b").all, "\"a\"* \"b\"*");
        assert_eq!(Query::parse("\u{0}\u{1b}").all, "");
    }

    #[test]
    fn characters_of_scripts_without_spaces_stand_alone() {
        assert_eq!(spread("漢字").matches(SEAM).count(), 4);
        assert_eq!(spread("naïve"), "naïve");
    }
}
