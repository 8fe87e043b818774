//! A stage without a terminal: inputs come from the test, frames go to its glass.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};

use ratatui::layout::Size;
use routedeck::term::{Input, Output};
use routedeck::tui::stage::{Cue, Stage};
use tokio::sync::mpsc;

use super::glass::Glass;

/// What happens off stage.
#[derive(Debug, Default)]
pub(crate) struct Wings {
    /// What the editor will bring back, one for each time it is opened.
    pub(crate) edits: VecDeque<io::Result<Option<String>>>,
    /// What the editor was opened with.
    pub(crate) edited: Vec<String>,
    /// Times the program was put to sleep.
    pub(crate) suspended: usize,
}

/// A stage for tests.
pub(crate) struct Rehearsal {
    cues: mpsc::UnboundedReceiver<Cue>,
    /// A cue that is no input, taken while looking for more inputs.
    kept: Option<Cue>,
    glass: Glass,
    wings: Arc<Mutex<Wings>>,
}

impl Rehearsal {
    pub(crate) fn new(
        cues: mpsc::UnboundedReceiver<Cue>,
        glass: Glass,
        wings: Arc<Mutex<Wings>>,
    ) -> Rehearsal {
        Rehearsal { cues, kept: None, glass, wings }
    }
}

impl Stage for Rehearsal {
    async fn cue(&mut self) -> Cue {
        if let Some(cue) = self.kept.take() {
            return cue;
        }
        tokio::select! {
            biased;
            cue = self.cues.recv() => {
                cue.unwrap_or_else(|| Cue::Gone("the test is over".into()))
            }
            () = self.glass.freed() => Cue::Written,
        }
    }

    fn more(&mut self) -> Option<Input> {
        match self.cues.try_recv().ok()? {
            Cue::Input(input) => Some(input),
            other => {
                self.kept = Some(other);
                None
            }
        }
    }

    fn output(&mut self) -> &mut dyn Output {
        &mut self.glass
    }

    fn edit(&mut self, text: &str) -> io::Result<()> {
        let mut wings = self.wings.lock().unwrap();
        wings.edited.push(text.to_owned());
        // The editor is done before the loop looks again.
        self.kept = Some(Cue::Edited(wings.edits.pop_front().unwrap_or(Ok(None))));
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<bool> {
        self.wings.lock().unwrap().suspended += 1;
        Ok(true)
    }

    fn reassert(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn size(&self) -> Option<Size> {
        Some(self.glass.size())
    }
}
