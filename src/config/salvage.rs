//! What is left of a file that is not TOML as a whole: each section is read on its own, without
//! the lines that break it. A line that is taken out stays as an empty one, so that line numbers
//! hold.

use toml::de::DeTable;

use crate::domain::text::clean_line;

/// After so many broken lines it is some other file.
const MOST_BROKEN: usize = 20;

/// A line that is no TOML, and what the parser expected there. It never repeats the line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) line: usize,
    pub(super) why: String,
}

/// Texts that are TOML, each with as many lines as the file up to its end, and what was left out.
pub(super) fn pieces(text: &str) -> (Vec<String>, Vec<Broken>) {
    let whole = match DeTable::parse(text) {
        Ok(_) => return (vec![text.to_owned()], Vec::new()),
        Err(error) => Broken { line: line_of(text, &error), why: why(&error) },
    };
    let lines: Vec<&str> = text.lines().collect();
    let mut starts: Vec<usize> = (0..lines.len()).filter(|at| is_header(lines[*at])).collect();
    starts.insert(0, 0);
    let mut kept = Vec::new();
    let mut broken = Vec::new();
    for (at, start) in starts.iter().enumerate() {
        let end = starts.get(at + 1).copied().unwrap_or(lines.len());
        let mut section = vec![""; *start];
        section.extend(&lines[*start..end]);
        mend(&mut section, *start, &mut broken);
        if broken.len() >= MOST_BROKEN {
            break;
        }
        kept.push(section.join("\n"));
    }
    if broken.is_empty() {
        // Each section is sound, but not all of them together: one is there twice.
        broken.push(whole);
    }
    (kept, broken)
}

/// Takes lines out of a section until the rest is TOML.
fn mend(section: &mut [&str], start: usize, broken: &mut Vec<Broken>) {
    while broken.len() < MOST_BROKEN {
        let text = section.join("\n");
        let Err(error) = DeTable::parse(&text) else { return };
        // What is never closed breaks the end: then the last line that has something goes.
        let named = line_of(&text, &error) - 1;
        let last = section.iter().rposition(|line| !line.trim().is_empty());
        let Some(last) = last.filter(|last| *last >= start) else { return };
        let at = if named > last || section[named].trim().is_empty() { last } else { named };
        section[at] = "";
        broken.push(Broken { line: at + 1, why: why(&error) });
    }
}

/// `[chat]` and `[[x]]`, but no line of a list of lists.
fn is_header(line: &str) -> bool {
    let line = line.trim();
    line.starts_with('[') && line.ends_with(']') && !line.contains([',', '=', '"', '\''])
}

fn line_of(text: &str, error: &toml::de::Error) -> usize {
    let byte = error.span().map_or(0, |span| span.start).min(text.len());
    text.as_bytes()[..byte].iter().filter(|b| **b == b'\n').count() + 1
}

fn why(error: &toml::de::Error) -> String {
    clean_line(error.message())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> (String, Vec<usize>) {
        let (kept, broken) = pieces(text);
        for piece in &kept {
            DeTable::parse(piece).unwrap();
        }
        let kept = kept.iter().flat_map(|piece| piece.lines()).filter(|line| !line.is_empty());
        (kept.collect::<Vec<_>>().join("|"), broken.iter().map(|b| b.line).collect())
    }

    #[test]
    fn only_the_broken_lines_are_left_out() {
        assert_eq!(lines("[a]\nx = 1\n"), ("[a]|x = 1".into(), vec![]));
        assert_eq!(lines("[a]\nx = = 1\ny = 2\n"), ("[a]|y = 2".into(), vec![2]));
        assert_eq!(lines("[[[ what\n[a]\nx = 1"), ("[a]|x = 1".into(), vec![1]));
    }

    #[test]
    fn what_is_never_closed_does_not_swallow_the_next_section() {
        let (kept, broken) = lines("[a]\nx = [1,\ny = 2\n[b]\nz = 3\n");
        assert!(kept.contains("[b]|z = 3"), "{kept}");
        assert!(!broken.is_empty() && broken.iter().all(|line| (2..=3).contains(line)));
        let (kept, _) = lines("[a]\nx = \"\"\"open\n[b]\nz = 3\n");
        assert!(kept.contains("[b]|z = 3"), "{kept}");
    }

    #[test]
    fn a_section_that_is_there_twice_is_said() {
        let (kept, broken) = lines("[a]\nx = 1\n[a]\ny = 2\n");
        assert_eq!((kept.as_str(), broken), ("[a]|x = 1|[a]|y = 2", vec![3]));
    }

    #[test]
    fn some_other_file_is_given_up() {
        let prose = "this is prose, not settings\n".repeat(5_000);
        assert_eq!(pieces(&prose).1.len(), MOST_BROKEN);
    }
}
