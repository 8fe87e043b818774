//! The words of one block: looks, links, line breaks. Nothing here knows of blocks.

use pulldown_cmark::{CowStr, HeadingLevel, LinkType};
use ratatui::style::Modifier;

use super::line::{Look, Styled};
use super::wrap::is_cjk;
use crate::domain::text::{clean, clean_line};
use crate::tui::theme::Role;
use crate::tui::widgets::text::fit;

/// A longer address is cut: nobody reads it, and it may be a picture in disguise.
const LONGEST_URL: usize = 300;

/// A link or image that is still open.
struct Target {
    url: String,
    /// Where its words begin in the text.
    from: usize,
    image: bool,
}

/// Text being collected. `source` is what the parser's slices point into.
pub(super) struct Inline<'a> {
    source: &'a str,
    text: Styled,
    looks: Vec<Look>,
    /// A line break of the source waits for the word after it.
    soft: bool,
    targets: Vec<Target>,
}

impl<'a> Inline<'a> {
    pub(super) fn new(source: &'a str) -> Inline<'a> {
        let looks = vec![Look::of(Role::Text)];
        Inline { source, text: Styled::default(), looks, soft: false, targets: Vec::new() }
    }

    pub(super) fn look(&self) -> Look {
        self.looks.last().copied().unwrap_or(Look::of(Role::Text))
    }

    pub(super) fn enter(&mut self, look: Look) {
        self.looks.push(look);
    }

    pub(super) fn leave(&mut self) {
        self.looks.pop();
    }

    /// What was collected, without blanks at its end; a new text begins.
    pub(super) fn take(&mut self) -> Styled {
        self.soft = false;
        let mut text = std::mem::take(&mut self.text);
        text.truncate(text.text().trim_end_matches([' ', '\n']).len());
        text.shrink();
        text
    }

    pub(super) fn write(&mut self, text: &str) {
        self.write_as(text, self.look());
    }

    pub(super) fn write_as(&mut self, text: &str, look: Look) {
        let text = self.harmless(text);
        if std::mem::take(&mut self.soft) {
            let last = self.text.text().chars().next_back();
            // Scripts without spaces must not get one where the source breaks the line.
            let wide = last.is_some_and(is_cjk) && text.chars().next().is_some_and(is_cjk);
            if !wide && last.is_some_and(|last| last != '\n') {
                self.text.push(" ", look);
            }
        }
        self.text.push(&text, look);
    }

    pub(super) fn soft_break(&mut self) {
        self.soft = true;
    }

    pub(super) fn line_break(&mut self) {
        self.soft = false;
        self.write("\n");
    }

    pub(super) fn link(&mut self, kind: LinkType, url: &str) {
        let url = clean_line(url);
        let url = if kind == LinkType::Email { format!("mailto:{url}") } else { url };
        self.write("");
        self.targets.push(Target { url, from: self.text.text().len(), image: false });
        self.enter(self.look().in_role(Role::Link));
    }

    pub(super) fn image(&mut self, url: &str) {
        let look = self.look().in_role(Role::Link);
        self.write_as("[image: ", look);
        let url = clean_line(url);
        self.targets.push(Target { url, from: self.text.text().len(), image: true });
        self.enter(look);
    }

    /// Ends the link or image: says where it leads unless its words do.
    pub(super) fn end_target(&mut self) {
        let Some(target) = self.targets.pop() else { return };
        let look = self.look();
        self.leave();
        if target.image {
            if self.text.text().len() == target.from {
                // Nothing was said about it: take the bare sign.
                self.text.truncate(target.from - 2);
            }
            self.text.push("]", look);
        }
        let words = self.text.text().get(target.from..).unwrap_or("");
        if !tells(words, &target) {
            let shown = format!(" ({})", fit(&target.url, LONGEST_URL));
            self.text.push(&shown, self.look().in_role(Role::Url));
        }
    }

    /// The source is clean already, but `&#27;` and its kind become characters only here.
    fn harmless<'t>(&self, text: &'t str) -> CowStr<'t> {
        let plain = text.bytes().all(|b| (b' '..0x7f).contains(&b) || b == b'\n');
        let of_source = self.source.as_bytes().as_ptr_range().contains(&text.as_ptr());
        if plain || (of_source && !text.contains('\t')) {
            return CowStr::Borrowed(text);
        }
        CowStr::from(clean(text).replace('\t', " "))
    }
}

/// Whether the words of a link already say where it leads.
fn tells(words: &str, target: &Target) -> bool {
    let url = target.url.as_str();
    let bare = url.strip_prefix("mailto:").unwrap_or(url);
    let nowhere = url.is_empty() || url.starts_with('#');
    let inline = target.image && url.starts_with("data:");
    nowhere || inline || words == url || words == bare
}

pub(super) fn heading_look(level: HeadingLevel) -> Look {
    let heading = Look::of(Role::Heading).with(Modifier::BOLD);
    match level {
        HeadingLevel::H1 => heading.with(Modifier::UNDERLINED),
        HeadingLevel::H2 => heading,
        HeadingLevel::H3 | HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => {
            heading.with(Modifier::ITALIC)
        }
    }
}

pub(super) fn is_line_break(html: &str) -> bool {
    let name = html.trim_start_matches('<').trim_end_matches('>').trim_end_matches('/').trim();
    name.eq_ignore_ascii_case("br")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_say_where_they_lead_unless_their_words_do() {
        for (kind, words, url, shown) in [
            (LinkType::Inline, "the manual", "https://a.example", "the manual (https://a.example)"),
            (LinkType::Inline, "https://a.example", "https://a.example", "https://a.example"),
            (
                LinkType::Inline,
                "https://a.example",
                "https://evil.example",
                "https://a.example (https://evil.example)",
            ),
            (LinkType::Email, "me@a.example", "me@a.example", "me@a.example"),
            (LinkType::Inline, "below", "#part", "below"),
            (LinkType::Inline, "x", "http://a\u{1b}[2J\u{202e}b", "x (http://ab)"),
        ] {
            let mut inline = Inline::new("");
            inline.link(kind, url);
            inline.write(words);
            inline.end_target();
            assert_eq!(inline.take().text(), shown);
        }
    }

    #[test]
    fn images_are_words() {
        for (alt, url, shown) in [
            ("a cat", "https://a.example/c.png", "[image: a cat] (https://a.example/c.png)"),
            ("", "data:image/png;base64,AAAA", "[image]"),
        ] {
            let mut inline = Inline::new("");
            inline.image(url);
            inline.write(alt);
            inline.end_target();
            assert_eq!(inline.take().text(), shown);
        }
    }

    #[test]
    fn breaks_of_the_source_become_spaces_where_there_are_spaces() {
        for (before, after, shown) in
            [("one", "two", "one two"), ("漢字", "漢", "漢字漢"), ("漢", "a", "漢 a")]
        {
            let mut inline = Inline::new("");
            inline.write(before);
            inline.soft_break();
            inline.write(after);
            assert_eq!(inline.take().text(), shown);
        }
    }
}
