//! The roles: what a piece of the screen means.

macro_rules! roles {
    ($($role:ident $name:literal $meaning:literal),* $(,)?) => {
        /// What a piece of the screen means; themes say how it looks.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Role { $(#[doc = $meaning] $role),* }

        impl Role {
            /// Every role, in the order of the table.
            pub const ALL: &'static [Role] = &[$(Role::$role),*];
            pub(super) const COUNT: usize = Role::ALL.len();

            /// The name used in theme files.
            pub fn name(self) -> &'static str {
                match self { $(Role::$role => $name),* }
            }

            /// One line about what it is for.
            pub fn meaning(self) -> &'static str {
                match self { $(Role::$role => $meaning),* }
            }
        }
    };
}

roles! {
    Text "text" "Ordinary text.",
    Dim "dim" "What one may overlook: hints, separators, times.",
    Accent "accent" "What should be noticed without being good or bad.",
    Good "good" "Success.",
    Warn "warn" "Something to look at.",
    Bad "bad" "Failure.",
    Border "border" "Lines around and between panes.",
    BorderFocus "border_focus" "The border of the pane that has the keys.",
    Title "title" "Titles of panes and overlays.",
    Selection "selection" "The selected row.",
    Match "match" "Letters that matched a search.",
    TabActive "tab_active" "The view that is open.",
    Tab "tab" "The other views.",
    Key "key" "The name of a key in a hint.",
    Placeholder "placeholder" "What an empty field says.",
    Status "status" "The status line.",
    Lamp "lamp" "The warning lamp of the status line.",
    Money "money" "An amount of money.",
    Free "free" "Something that costs nothing.",
    User "user" "The person's name line.",
    Assistant "assistant" "The model's name line.",
    System "system" "The system prompt's name line.",
    Reasoning "reasoning" "The model's thinking.",
    Heading "heading" "Headings in an answer.",
    Link "link" "The words of a link.",
    Url "url" "Where a link leads.",
    Quote "quote" "Quoted text and its bar.",
    Marker "marker" "Bullets and numbers of lists.",
    Rule "rule" "Horizontal rules and the lines of a table.",
    TableHead "table_head" "The heading row of a table.",
    Code "code" "Code inside a sentence.",
    CodeBlock "code_block" "Text of a code block without a colour of its own.",
    CodeBg "code_bg" "The ground behind a code block.",
    CodeFrame "code_frame" "The bar and the language of a code block.",
    SyntaxKeyword "syntax_keyword" "Code: keywords.",
    SyntaxString "syntax_string" "Code: strings.",
    SyntaxComment "syntax_comment" "Code: comments.",
    SyntaxNumber "syntax_number" "Code: numbers and constants.",
    SyntaxFunction "syntax_function" "Code: names of functions.",
    SyntaxType "syntax_type" "Code: names of types, tags and sections.",
    SyntaxVariable "syntax_variable" "Code: variables, keys and attributes.",
    SyntaxInserted "syntax_inserted" "Code: added lines of a difference.",
    SyntaxDeleted "syntax_deleted" "Code: removed lines of a difference.",
    Series1 "series_1" "First series of a chart.",
    Series2 "series_2" "Second series of a chart.",
    Series3 "series_3" "Third series of a chart.",
    Series4 "series_4" "Fourth series of a chart.",
    Series5 "series_5" "Fifth series of a chart.",
    Series6 "series_6" "Sixth series of a chart.",
}

impl Role {
    pub fn named(name: &str) -> Option<Role> {
        Role::ALL.iter().copied().find(|role| role.name() == name)
    }

    /// The colour of the series with this index; the six repeat.
    pub fn series(index: usize) -> Role {
        const SERIES: [Role; 6] = [
            Role::Series1,
            Role::Series2,
            Role::Series3,
            Role::Series4,
            Role::Series5,
            Role::Series6,
        ];
        SERIES[index % SERIES.len()]
    }
}
