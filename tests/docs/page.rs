//! Pages of the documentation and the parts of them that the program makes.
//!
//! Such a part stands between `<!-- made: NAME -->` and `<!-- end -->`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

pub(crate) const README: &str = "README.md";
pub(crate) const ARCHITECTURE: &str = "ARCHITECTURE.md";
pub(crate) const CHANGELOG: &str = "CHANGELOG.md";
pub(crate) const MANUAL: &str = "src/sandbox/data/manual.md";

/// Tests run at the same time, and several parts stand in one page.
static WRITING: Mutex<()> = Mutex::new(());

/// A file of the project.
pub(crate) fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

pub(crate) fn read(name: &str) -> String {
    fs::read_to_string(place(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Compares the part with what the program makes now, or replaces it when that is asked for.
#[track_caller]
pub(crate) fn keep(page: &str, name: &str, fresh: &str) {
    keep_if(page, name, fresh, |stands, fresh| stands == fresh);
}

/// The same with another idea of what is the same.
#[track_caller]
pub(crate) fn keep_if(page: &str, name: &str, fresh: &str, same: impl Fn(&str, &str) -> bool) {
    let guard = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let text = read(page);
    let (before, stands, after) = cut(&text, name, page);
    let fresh = format!("\n{}\n", fresh.trim_matches('\n'));
    if same(stands, &fresh) {
        return;
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        // Whole or not at all: other tests read it meanwhile.
        let draft = place(&format!("target/{page}.new"));
        fs::write(&draft, format!("{before}{fresh}{after}")).unwrap();
        fs::rename(draft, place(page)).unwrap();
        return;
    }
    drop(guard);
    panic!(
        "`{name}` in {page} is not what the program makes; \
         UPDATE_DOCS=1 cargo test --test docs writes it anew.\nin the page:{stands}\nmade:{fresh}"
    );
}

/// The part as it stands in the page.
pub(crate) fn part(page: &str, name: &str) -> String {
    let text = read(page);
    cut(&text, name, page).1.trim_matches('\n').to_owned()
}

fn cut<'t>(text: &'t str, name: &str, page: &str) -> (&'t str, &'t str, &'t str) {
    let begin = format!("<!-- made: {name} -->");
    let start = text.find(&begin).unwrap_or_else(|| panic!("{page} has no part `{name}`"));
    let start = start + begin.len();
    let end = text[start..].find("<!-- end -->").unwrap_or_else(|| panic!("`{name}` never ends"));
    (&text[..start], &text[start..start + end], &text[start + end..])
}

/// Text of the code blocks in this language.
pub(crate) fn code_blocks(text: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<(bool, String)> = None;
    for line in text.lines() {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(info)) => open = Some((info.trim() == language, String::new())),
            (Some(_), Some(_)) => {
                if let Some((true, block)) = open.take() {
                    found.push(block);
                }
            }
            (Some((_, block)), None) => {
                block.push_str(line);
                block.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a code block is never closed");
    found
}

/// The text outside code blocks.
pub(crate) fn prose(text: &str) -> String {
    let mut inside = false;
    let mut kept = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            inside = !inside;
        } else if !inside {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// What stands between backticks in the prose.
pub(crate) fn inline_code(text: &str) -> Vec<String> {
    let prose = prose(text);
    let mut found = Vec::new();
    for paragraph in prose.split("\n\n") {
        let pieces: Vec<&str> = paragraph.split('`').collect();
        found.extend(pieces.iter().skip(1).step_by(2).map(|piece| piece.replace('\n', " ")));
    }
    found
}
