//! Colours for code: syntect finds scopes, a table of ours turns scopes into roles.
//!
//! The syntaxes are loaded when the first code block is drawn, not before.

use std::sync::OnceLock;

use syntect::parsing::{
    BasicScopeStackOp, ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet,
};

use super::line::{Look, Run};
use crate::tui::theme::Role;

/// A longer line is not coloured: generated code, and slow.
pub(super) const LONGEST_LINE: usize = 2 * 1024;
/// Nothing beyond this many bytes of one block is coloured.
pub(super) const MOST_BYTES: usize = 256 * 1024;
/// Nothing beyond this many lines of one block is coloured.
pub(super) const MOST_LINES: usize = 10_000;

static SYNTAXES: OnceLock<SyntaxSet> = OnceLock::new();

fn syntaxes() -> &'static SyntaxSet {
    SYNTAXES.get_or_init(two_face::syntax::extra_newlines)
}

/// Names people write after a fence that no syntax claims.
const ALIASES: &[(&str, &str)] = &[
    ("shell", "sh"),
    ("console", "sh"),
    ("shell-session", "sh"),
    ("shellscript", "sh"),
    ("golang", "go"),
    ("jsonc", "json"),
    ("json5", "json"),
    ("ndjson", "json"),
    ("node", "js"),
    ("mjs", "js"),
    ("jsx", "js"),
    ("postgresql", "sql"),
    ("postgres", "sql"),
    ("mysql", "sql"),
    ("sqlite", "sql"),
    ("plpgsql", "sql"),
    ("csharp", "cs"),
    ("objective-c", "m"),
    ("py3", "py"),
    ("python3", "py"),
    ("ps", "ps1"),
    ("pwsh", "ps1"),
    ("viml", "vim"),
    ("protobuf", "proto"),
    ("tf", "terraform"),
    ("hcl", "terraform"),
    ("patch", "diff"),
    ("containerfile", "dockerfile"),
];

fn syntax(language: &str) -> Option<&'static SyntaxReference> {
    let name = language.to_ascii_lowercase();
    let name = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(&*name, |(_, real)| real);
    syntaxes().find_syntax_by_token(name).filter(|found| found.name != "Plain Text")
}

/// How much a scope says about what stands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    Nothing,
    /// Unless an inner scope says otherwise.
    Usually(Role),
    /// Whatever inner scopes say.
    Always(Role),
}

/// Scope prefixes, the more special first.
const SCOPES: &[(&str, Says)] = {
    use Role::*;
    use Says::{Always, Usually};
    &[
        ("meta.mapping.key", Always(SyntaxVariable)),
        ("comment", Always(SyntaxComment)),
        ("string", Usually(SyntaxString)),
        ("constant.character.escape", Usually(SyntaxNumber)),
        ("constant.other.placeholder", Usually(SyntaxNumber)),
        ("constant", Usually(SyntaxNumber)),
        ("keyword.operator.word", Usually(SyntaxKeyword)),
        ("keyword.operator.logical.python", Usually(SyntaxKeyword)),
        ("keyword.operator", Usually(CodeBlock)),
        ("keyword", Usually(SyntaxKeyword)),
        ("storage.type.numeric", Usually(SyntaxNumber)),
        ("storage", Usually(SyntaxKeyword)),
        ("entity.name.function", Usually(SyntaxFunction)),
        ("entity.other.attribute-name", Usually(SyntaxVariable)),
        ("entity.name.label", Usually(SyntaxVariable)),
        ("entity", Usually(SyntaxType)),
        ("support.function", Usually(SyntaxFunction)),
        ("support.macro", Usually(SyntaxFunction)),
        ("support.constant", Usually(SyntaxNumber)),
        ("support.type.property-name", Usually(SyntaxVariable)),
        ("support", Usually(SyntaxType)),
        ("variable.function", Usually(SyntaxFunction)),
        ("variable.annotation", Usually(SyntaxFunction)),
        ("variable.language", Usually(SyntaxKeyword)),
        ("variable", Usually(SyntaxVariable)),
        ("markup.inserted", Always(SyntaxInserted)),
        ("markup.deleted", Always(SyntaxDeleted)),
        ("markup.heading", Usually(SyntaxType)),
        ("markup.raw", Usually(SyntaxString)),
        ("meta.diff", Usually(SyntaxKeyword)),
        ("meta.interpolation", Usually(CodeBlock)),
    ]
};

fn says(scope: Scope) -> Says {
    static RULES: OnceLock<Vec<(Scope, Says)>> = OnceLock::new();
    let rules = RULES.get_or_init(|| {
        let rule = |(prefix, says): &(&str, Says)| Some((Scope::new(prefix).ok()?, *says));
        SCOPES.iter().filter_map(rule).collect()
    });
    let rule = rules.iter().find(|(prefix, _)| prefix.is_prefix_of(scope));
    rule.map_or(Says::Nothing, |(_, says)| *says)
}

/// Where the colouring of one code block stands.
#[derive(Clone, Debug)]
pub(super) struct Painter {
    state: ParseState,
    scopes: ScopeStack,
    /// What each scope on the stack says.
    says: Vec<Says>,
}

impl Painter {
    /// `None` when the language is unknown.
    pub(super) fn new(language: &str) -> Option<Painter> {
        let state = ParseState::new(syntax(language)?);
        Some(Painter { state, scopes: ScopeStack::new(), says: Vec::new() })
    }

    /// Appends the runs of one line (given without its line feed); false when the line made the
    /// parser fail and nothing more should be asked of it.
    pub(super) fn paint(&mut self, line: &str, runs: &mut Vec<Run>) -> bool {
        let whole = format!("{line}\n");
        let Ok(ops) = self.state.parse_line(&whole, syntaxes()) else {
            push(runs, 0, line.len(), Role::CodeBlock);
            return false;
        };
        let first = runs.len();
        for (at, op) in &ops {
            push(runs, first, (*at).min(line.len()), self.role());
            let says_of = &mut self.says;
            let applied = self.scopes.apply_with_hook(op, |change, _| match change {
                BasicScopeStackOp::Push(scope) => says_of.push(says(scope)),
                BasicScopeStackOp::Pop => drop(says_of.pop()),
            });
            if applied.is_err() {
                break;
            }
        }
        push(runs, first, line.len(), self.role());
        true
    }

    fn role(&self) -> Role {
        let mut role = Role::CodeBlock;
        for says in &self.says {
            match says {
                Says::Nothing => {}
                Says::Usually(inner) => role = *inner,
                Says::Always(outer) => return *outer,
            }
        }
        role
    }
}

/// Extends the runs of this line (those from `first` on) up to `end`.
fn push(runs: &mut Vec<Run>, first: usize, end: usize, role: Role) {
    let end = u32::try_from(end).unwrap_or(u32::MAX);
    let from = runs[first.min(runs.len())..].last().map_or(0, |run| run.end);
    if end <= from {
        return;
    }
    let look = Look::of(role);
    match runs[first..].last_mut() {
        Some(last) if last.look == look => last.end = end,
        _ => runs.push(Run { end, look }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(language: &str, code: &str) -> Vec<(String, Role)> {
        let mut painter = Painter::new(language).unwrap();
        let mut all = Vec::new();
        for line in code.lines() {
            let mut runs = Vec::new();
            assert!(painter.paint(line, &mut runs));
            assert_eq!(runs.last().map_or(0, |run| run.end as usize), line.len());
            let spans = super::super::line::slice(line, &runs, 0, line.len());
            all.extend(spans.map(|(text, look)| (text.trim().to_owned(), look.role)));
        }
        all
    }

    fn has(spans: &[(String, Role)], text: &str, role: Role) {
        assert!(spans.iter().any(|span| span.0 == text && span.1 == role), "{text}: {spans:?}");
    }

    #[test]
    fn roles_come_from_scopes() {
        let rust = roles("rust", "// note\nfn main() -> u8 {\n    let s = \"hi\";\n    42\n}");
        has(&rust, "// note", Role::SyntaxComment);
        has(&rust, "fn", Role::SyntaxKeyword);
        has(&rust, "main", Role::SyntaxFunction);
        has(&rust, "\"hi\"", Role::SyntaxString);
        has(&rust, "42", Role::SyntaxNumber);
        let json = roles("json", "{\"key\": \"value\", \"n\": 1}");
        has(&json, "\"key\"", Role::SyntaxVariable);
        has(&json, "\"value\"", Role::SyntaxString);
        let diff = roles("diff", "--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new");
        has(&diff, "-old", Role::SyntaxDeleted);
        has(&diff, "+new", Role::SyntaxInserted);
    }

    #[test]
    fn the_languages_people_use_are_known() {
        for language in [
            "rust",
            "rs",
            "python",
            "py",
            "python3",
            "js",
            "javascript",
            "ts",
            "typescript",
            "tsx",
            "jsx",
            "go",
            "golang",
            "c",
            "cpp",
            "c++",
            "cs",
            "csharp",
            "java",
            "kotlin",
            "swift",
            "ruby",
            "php",
            "bash",
            "sh",
            "shell",
            "zsh",
            "console",
            "json",
            "jsonc",
            "yaml",
            "yml",
            "toml",
            "xml",
            "html",
            "css",
            "scss",
            "sql",
            "postgresql",
            "dockerfile",
            "Dockerfile",
            "makefile",
            "diff",
            "markdown",
            "md",
            "lua",
            "perl",
            "r",
            "scala",
            "haskell",
            "elixir",
            "erlang",
            "clojure",
            "zig",
            "nix",
            "terraform",
            "hcl",
            "vim",
            "powershell",
            "ini",
            "graphql",
            "proto",
            "latex",
            "svelte",
            "vue",
            "dart",
            "julia",
        ] {
            assert!(syntax(language).is_some(), "{language}");
        }
        assert!(syntax("text").is_none());
        assert!(syntax("no-such-language").is_none());
        assert!(syntax("").is_none());
    }
}
