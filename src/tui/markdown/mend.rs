//! Half-arrived words of the live tail, closed for the time being.
//!
//! While `**bol` is all there is, showing the stars and taking them away again a moment later
//! makes the text jump. So the tail is parsed as if what is open had just been closed. Settled
//! text never comes here.

use std::borrow::Cow;

/// `text` with code, bold and a link that are open in its last line or paragraph closed.
pub(super) fn mend(text: &str) -> Cow<'_, str> {
    let scope = &text[scope_start(text)..];
    if scope.contains("```") || scope.contains("~~~") {
        return Cow::Borrowed(text);
    }
    // Signs at the very end: half of something, or something without words yet.
    let words = text.trim_end_matches([' ', '\n']).trim_end_matches(['*', '`', '~']);
    let words = words.trim_end_matches([' ', '\n']);
    let Some(open) = words.get(text.len() - scope.len()..).map(open_in) else {
        return Cow::Borrowed(text);
    };
    if open.is_empty() {
        return Cow::Borrowed(text);
    }
    let end = &text[text.trim_end_matches([' ', '\n']).len()..];
    Cow::Owned(format!("{words}{open}{end}"))
}

/// Where the last paragraph, item, heading or row begins.
fn scope_start(text: &str) -> usize {
    let mut start = text.len();
    for line in text.split_inclusive('\n').rev() {
        let bare = line.trim_start_matches([' ', '\t']);
        if bare.trim_end().is_empty() && start < text.len() {
            break;
        }
        start -= line.len();
        let number = bare.trim_start_matches(|c: char| c.is_ascii_digit());
        let item = ["- ", "* ", "+ ", ". ", ") "].iter().any(|mark| number.starts_with(mark));
        if item || bare.starts_with(['#', '>', '|']) {
            break;
        }
    }
    start
}

/// What has to follow to close everything that is open.
fn open_in(scope: &str) -> String {
    let bytes = scope.as_bytes();
    let space = |at: usize| bytes.get(at).is_none_or(u8::is_ascii_whitespace);
    let (mut ticks, mut bold, mut link) = (None, false, false);
    let mut at = 0;
    while at < bytes.len() {
        let run = bytes[at..].iter().take_while(|b| **b == bytes[at]).count();
        let mut step = 1;
        match bytes[at] {
            b'`' => {
                step = run;
                ticks = match ticks {
                    None => Some(run),
                    Some(open) if open == run => None,
                    open => open,
                };
            }
            _ if ticks.is_some() => {}
            b'\\' => step = 2,
            b'*' => {
                step = run;
                let turns =
                    run == 2 && if bold { at > 0 && !space(at - 1) } else { !space(at + 2) };
                bold ^= turns;
            }
            b']' if bytes.get(at + 1) == Some(&b'(') => {
                link = true;
                step = 2;
            }
            b')' | b' ' | b'\n' => link = false,
            _ => {}
        }
        at += step;
    }
    let mut close = "`".repeat(ticks.unwrap_or(0));
    if link {
        close.push(')');
    }
    if bold {
        close.push_str("**");
    }
    close
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_closed() {
        for (half, whole) in [
            ("some **bold te", "some **bold te**"),
            ("some **bold text*", "some **bold text**"),
            ("some **bold ", "some **bold** "),
            ("some `code", "some `code`"),
            ("``a`b", "``a`b``"),
            ("**bold `code", "**bold `code`**"),
            ("see [docs](https://exa", "see [docs](https://exa)"),
            ("- **one\n- two **thr", "- **one\n- two **thr**"),
            ("first **para\n\nsecond", "first **para\n\nsecond"),
            ("2 ** 3", "2 ** 3"),
            ("done **bold** and `code`", "done **bold** and `code`"),
            ("\\**not", "\\**not"),
            ("```\n**code", "```\n**code"),
            ("", ""),
            ("[a](b c", "[a](b c"),
        ] {
            assert_eq!(mend(half), whole, "{half:?}");
        }
    }
}
