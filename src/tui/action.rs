//! Everything a person can mean: the single table of actions.
//!
//! Key bindings, the palette, the help of each place, the footer's hints and the README's table
//! all come from here.

/// Where an action is valid, from the most particular place to the most general.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    /// Everywhere.
    Global,
    /// The draft of a chat: keys type.
    Compose,
    /// The conversation: letters act.
    Browse,
    /// The table of models.
    Models,
    /// The usage tables.
    Usage,
    /// The list of chats.
    History,
    /// A field that takes text and narrows a list.
    Query,
    /// A list over the view: switcher, palette, help.
    List,
    /// A form with several fields.
    Form,
    /// A question with few answers.
    Confirm,
}

impl Context {
    pub const ALL: [Context; 10] = [
        Context::Global,
        Context::Compose,
        Context::Browse,
        Context::Models,
        Context::Usage,
        Context::History,
        Context::Query,
        Context::List,
        Context::Form,
        Context::Confirm,
    ];

    /// The heading of the help page.
    pub fn title(self) -> &'static str {
        match self {
            Context::Global => "Everywhere",
            Context::Compose => "Writing",
            Context::Browse => "Reading the chat",
            Context::Models => "Models",
            Context::Usage => "Usage",
            Context::History => "History",
            Context::Query => "Search field",
            Context::List => "List",
            Context::Form => "Form",
            Context::Confirm => "Question",
        }
    }

    /// Whether keys that print are text here.
    pub fn takes_text(self) -> bool {
        matches!(self, Context::Compose | Context::Query | Context::List | Context::Form)
    }
}

macro_rules! actions {
    ($($context:ident { $($name:ident $id:literal [$($chord:literal),*] $title:literal, $help:literal;)* })*) => {
        /// What a person means by a key.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action { $($($name,)*)* }

        impl Action {
            pub const ALL: &'static [Action] = &[$($(Action::$name,)*)*];

            /// The row of the table.
            pub fn info(self) -> &'static Info {
                match self {
                    $($(Action::$name => &Info {
                        id: $id,
                        title: $title,
                        help: $help,
                        context: Context::$context,
                        chords: &[$($chord),*],
                    },)*)*
                }
            }
        }
    };
}

/// One row of the table of actions.
#[derive(Clone, Copy, Debug)]
pub struct Info {
    /// The name in the configuration: `models.sort`.
    pub id: &'static str,
    /// Two or three words, for hints and the palette.
    pub title: &'static str,
    /// One sentence.
    pub help: &'static str,
    pub context: Context,
    /// Default keys; the first is the one that is shown.
    pub chords: &'static [&'static str],
}

actions! {
    Global {
        Palette "app.palette" ["ctrl+p"] "palette", "Find any action by name and run it.";
        Switcher "app.switcher" ["ctrl+o"] "model", "Choose the model of this chat.";
        Help "app.help" ["f1"] "help", "Show the keys that work in this place.";
        LastModel "chat.last-model" ["f2"] "last model", "Go back to the model used before this one.";
        ChatSettings "chat.settings" ["f4"] "chat settings", "Set system prompt, temperature, max tokens and effort of this chat.";
        NewChat "chat.new" ["ctrl+n"] "new chat", "Begin an empty chat with the same model.";
        ViewChat "view.chat" ["f5"] "Chat", "Go to the chat.";
        ViewModels "view.models" ["f6"] "Models", "Go to the model browser.";
        ViewUsage "view.usage" ["f7"] "Usage", "Go to tokens and money.";
        ViewHistory "view.history" ["f8"] "History", "Go to the list of all chats.";
        NextTheme "app.next-theme" [] "next theme", "Change to the next theme.";
        NextColors "app.next-colors" [] "next colour depth", "Draw with the next colour depth: true colour, 256, 16, none.";
        Redraw "app.redraw" ["ctrl+l"] "redraw", "Draw the whole screen again.";
        Suspend "app.suspend" ["ctrl+z"] "suspend", "Put the program to sleep; `fg` wakes it.";
        Back "app.back" ["esc"] "back", "Close what is open, stop the answer, or leave the draft.";
        Interrupt "app.interrupt" ["ctrl+c"] "stop", "Stop the answer; twice within two seconds quits.";
        Quit "app.quit" [] "quit", "Leave routedeck; everything is kept.";
    }
    Compose {
        Send "compose.send" ["enter"] "send", "Send the draft.";
        Newline "compose.newline" ["ctrl+j", "alt+enter", "shift+enter"] "new line", "Begin a new line in the draft.";
        EditDraft "compose.editor" ["ctrl+g"] "editor", "Write the draft in $EDITOR.";
        ToBrowse "compose.browse" ["tab"] "read", "Leave the draft for the conversation, where letters act.";
        QuitEmpty "compose.quit" ["ctrl+d"] "quit", "Leave routedeck when the draft is empty.";
        ComposePageUp "compose.page-up" ["pageup"] "scroll up", "Scroll the conversation up without leaving the draft.";
        ComposePageDown "compose.page-down" ["pagedown"] "scroll down", "Scroll the conversation down without leaving the draft.";
        UndoEdit "compose.undo" ["alt+z"] "undo", "Take back the last change of the draft.";
        RedoEdit "compose.redo" ["alt+y"] "redo", "Repeat the change that was taken back.";
    }
    Browse {
        ToCompose "browse.compose" ["i", "enter", "tab"] "write", "Go back to the draft.";
        MessageDown "browse.next" ["j", "down"] "next", "Select the next message.";
        MessageUp "browse.previous" ["k", "up"] "previous", "Select the message before.";
        ScrollDown "browse.scroll-down" ["ctrl+e", "J"] "line down", "Scroll one line down.";
        ScrollUp "browse.scroll-up" ["ctrl+y", "K"] "line up", "Scroll one line up.";
        PageDown "browse.page-down" ["pagedown", "space", "ctrl+f"] "page down", "Scroll a page down.";
        PageUp "browse.page-up" ["pageup", "ctrl+u"] "page up", "Scroll a page up.";
        Top "browse.top" ["g g", "home"] "top", "Go to the first message.";
        Bottom "browse.bottom" ["G", "end"] "end", "Go to the end and follow the answer.";
        Retry "browse.retry" ["r"] "retry", "Ask for another answer to the same message.";
        FoldReasoning "browse.reasoning" ["t"] "reasoning", "Show or hide the reasoning of the selected answer.";
        CopyMessage "browse.copy-message" ["Y"] "copy message", "Copy the selected message.";
        CopyBlock "browse.copy-block" ["y"] "copy block", "Copy the last code block of the selected message, or the message.";
        ShowReceipt "browse.receipt" ["o"] "receipt", "Show how the selected answer came about and what it cost.";
        BrowsePrevView "browse.previous-view" ["["] "view before", "Go to the view on the left.";
        BrowseNextView "browse.next-view" ["]"] "next view", "Go to the view on the right.";
        BrowseChat "browse.view-chat" ["1"] "Chat", "Go to the chat.";
        BrowseModels "browse.view-models" ["2"] "Models", "Go to the model browser.";
        BrowseUsage "browse.view-usage" ["5"] "Usage", "Go to tokens and money.";
        BrowseHistory "browse.view-history" ["6"] "History", "Go to the list of all chats.";
        BrowseHelp "browse.help" ["?"] "keys", "Show the keys that work in this place.";
    }
    Models {
        UseModel "models.use" ["enter"] "use in chat", "Use the selected model in the chat.";
        FilterModels "models.search" ["/", "i"] "search", "Type words to narrow the list.";
        ModelDown "models.next" ["j", "down"] "next", "Select the next model.";
        ModelUp "models.previous" ["k", "up"] "previous", "Select the model before.";
        ModelPageDown "models.page-down" ["pagedown", "space"] "page down", "Go a page down.";
        ModelPageUp "models.page-up" ["pageup"] "page up", "Go a page up.";
        ModelTop "models.top" ["g g", "home"] "first", "Select the first model.";
        ModelBottom "models.bottom" ["G", "end"] "last", "Select the last model.";
        SortModels "models.sort" ["o"] "sort", "Sort by the next column: relevance, price, context, newest, name.";
        ReverseModels "models.reverse" ["O"] "reverse", "Turn the order round.";
        StarModel "models.star" ["s"] "star", "Add the model to your favourites, or take it out.";
        ShowBatch "models.hidden" ["b"] "batch ids", "Show or hide ids that only work in batches.";
        ModelDetails "models.details" ["d", "v"] "details", "Show or hide the details of the selected model.";
        DetailsDown "models.details-down" ["J", "ctrl+e"] "details down", "Scroll the details down.";
        DetailsUp "models.details-up" ["K", "ctrl+y"] "details up", "Scroll the details up.";
        RefreshModels "models.refresh" ["ctrl+r"] "refresh", "Ask the upstream for its models and prices now.";
    }
    Usage {
        UsageByModel "usage.by-model" ["m"] "by model", "Group by model.";
        UsageByProvider "usage.by-provider" ["p"] "by provider", "Group by provider.";
        UsageByDay "usage.by-day" ["d"] "by day", "Group by day (UTC).";
        UsageByChat "usage.by-chat" ["c"] "by chat", "Group by chat.";
        UsageWindow "usage.window" ["w"] "window", "Change the window: this chat, today, 7 days, this month, all.";
        UsageDown "usage.next" ["j", "down"] "next", "Select the next line.";
        UsageUp "usage.previous" ["k", "up"] "previous", "Select the line before.";
        UsageRefresh "usage.refresh" ["ctrl+r"] "refresh", "Ask the upstream about the key now.";
    }
    History {
        OpenChat "history.open" ["enter"] "open", "Open the selected chat.";
        SearchChats "history.search" ["/", "i"] "search", "Search the text of all chats.";
        ChatDown "history.next" ["j", "down"] "next", "Select the next chat.";
        ChatUp "history.previous" ["k", "up"] "previous", "Select the chat before.";
        ChatPageDown "history.page-down" ["pagedown", "space"] "page down", "Go a page down.";
        ChatPageUp "history.page-up" ["pageup"] "page up", "Go a page up.";
        ChatTop "history.top" ["g g", "home"] "first", "Select the first chat.";
        ChatBottom "history.bottom" ["G", "end"] "last", "Select the last chat.";
        RenameChat "history.rename" ["e"] "rename", "Give the selected chat another title.";
        DeleteChat "history.delete" ["d d", "delete"] "delete", "Delete the selected chat; `u` brings it back.";
        UndoDelete "history.undo" ["u"] "undo", "Bring back the chat deleted last.";
    }
    Query {
        QueryDone "query.done" ["enter", "tab"] "to the list", "Leave the field and act on the list.";
        QueryDown "query.next" ["down", "ctrl+n"] "next", "Select the next line.";
        QueryUp "query.previous" ["up"] "previous", "Select the line before.";
        QueryPageDown "query.page-down" ["pagedown"] "page down", "Go a page down.";
        QueryPageUp "query.page-up" ["pageup"] "page up", "Go a page up.";
    }
    List {
        Accept "list.accept" ["enter"] "choose", "Take the selected line.";
        ListDown "list.next" ["down", "ctrl+n", "ctrl+j"] "next", "Select the next line.";
        ListUp "list.previous" ["up", "ctrl+k"] "previous", "Select the line before.";
        ListPageDown "list.page-down" ["pagedown"] "page down", "Go a page down.";
        ListPageUp "list.page-up" ["pageup"] "page up", "Go a page up.";
        ListStar "list.star" ["ctrl+f"] "star", "Add the selected model to your favourites, or take it out.";
        Favourite1 "list.favourite-1" ["alt+1"] "favourite 1", "Take your first favourite.";
        Favourite2 "list.favourite-2" ["alt+2"] "favourite 2", "Take your second favourite.";
        Favourite3 "list.favourite-3" ["alt+3"] "favourite 3", "Take your third favourite.";
        Favourite4 "list.favourite-4" ["alt+4"] "favourite 4", "Take your fourth favourite.";
        Favourite5 "list.favourite-5" ["alt+5"] "favourite 5", "Take your fifth favourite.";
        Favourite6 "list.favourite-6" ["alt+6"] "favourite 6", "Take your sixth favourite.";
        Favourite7 "list.favourite-7" ["alt+7"] "favourite 7", "Take your seventh favourite.";
        Favourite8 "list.favourite-8" ["alt+8"] "favourite 8", "Take your eighth favourite.";
        Favourite9 "list.favourite-9" ["alt+9"] "favourite 9", "Take your ninth favourite.";
    }
    Form {
        FormNext "form.next" ["tab", "down"] "next field", "Go to the next field.";
        FormPrevious "form.previous" ["backtab", "up"] "field before", "Go to the field before.";
        FormSave "form.save" ["enter"] "save", "Keep the values and close.";
    }
    Confirm {
        Yes "confirm.yes" ["y", "enter"] "yes", "Do it.";
        No "confirm.no" ["n"] "no", "Leave it.";
    }
}

impl Action {
    pub fn from_id(id: &str) -> Option<Action> {
        Action::ALL.iter().copied().find(|action| action.info().id == id)
    }

    /// Which favourite `list.favourite-N` means, from zero.
    pub fn favourite(self) -> Option<usize> {
        let digit = self.info().id.strip_prefix("list.favourite-")?;
        digit.parse::<usize>().ok()?.checked_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_action_has_a_name_a_sentence_and_a_title_of_its_own() {
        let mut ids = HashSet::new();
        for action in Action::ALL {
            let info = action.info();
            assert!(ids.insert(info.id), "{} twice", info.id);
            assert!(info.help.ends_with('.'), "{}", info.id);
            assert!(!info.title.is_empty() && info.id.contains('.'));
            assert_eq!(Action::from_id(info.id), Some(*action));
        }
        assert_eq!(Action::Favourite3.favourite(), Some(2));
        assert_eq!(Action::Accept.favourite(), None);
    }
}
