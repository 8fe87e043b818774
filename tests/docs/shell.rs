//! Enough of a shell's grammar to find the commands in an example.

/// One command of an example: its words without the variables before it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Example {
    pub(crate) variables: Vec<String>,
    pub(crate) words: Vec<String>,
}

/// Lines of a code block, with those that end in a backslash joined to the next.
pub(crate) fn lines(block: &str) -> Vec<String> {
    block.replace("\\\n", " ").lines().map(str::to_owned).collect()
}

/// The commands of a line: split at pipes, `&&` and `;`, without redirections and comments.
pub(crate) fn commands(line: &str) -> Vec<Example> {
    let mut found = vec![Example::default()];
    let mut words = words(line).into_iter().peekable();
    while let Some((word, quoted)) = words.next() {
        let last = found.last_mut().unwrap();
        match word.as_str() {
            _ if quoted => last.words.push(word),
            "|" | "&&" | ";" | "&" => found.push(Example::default()),
            ">" | "<" | ">>" | "2>" => drop(words.next()),
            _ if last.words.is_empty() && is_assignment(&word) => last.variables.push(word),
            _ => last.words.push(word),
        }
    }
    found.retain(|example| !example.words.is_empty());
    found
}

fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map_or("", |(name, _)| name);
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
}

/// The words and whether a quote was in them.
fn words(line: &str) -> Vec<(String, bool)> {
    let mut found: Vec<(String, bool)> = Vec::new();
    let mut open: Option<(String, bool)> = None;
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), c) => open.get_or_insert_default().0.push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                open.get_or_insert_default().1 = true;
            }
            (None, '#') if open.is_none() => break,
            (None, c) if c.is_whitespace() => found.extend(open.take()),
            (None, c) => open.get_or_insert_default().0.push(c),
        }
    }
    assert!(quote.is_none(), "a quote is never closed: {line}");
    found.extend(open);
    found
}

#[test]
fn commands_are_found_in_pipelines_behind_variables_and_before_comments() {
    let found =
        commands("A=1 printf 'a | b' | routedeck ask -m x \"what's this\" > out  # so | no");
    let words: Vec<Vec<&str>> =
        found.iter().map(|e| e.words.iter().map(String::as_str).collect()).collect();
    assert_eq!(
        words,
        [vec!["printf", "a | b"], vec!["routedeck", "ask", "-m", "x", "what's this"]]
    );
    assert_eq!(found[0].variables, ["A=1"]);
    assert_eq!(commands("  # nothing"), []);
}
