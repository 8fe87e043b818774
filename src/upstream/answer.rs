//! An answer on its way: pieces as they come, one fault at most, silence noticed.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Response;
use reqwest::header::HeaderMap;
use tokio::time::{Instant, Sleep, sleep, timeout};

use super::client::Timeouts;
use super::diagnose;
use super::place::Place;
use super::reader::{Context, Reader, Verdict};
use super::transport::{self, Stage};
use crate::domain::fault::Fault;
use crate::domain::id::ModelId;
use crate::domain::text::SafeText;
use crate::domain::turn::FinishReason;
use crate::domain::usage::Usage;

/// The answer is complete; counts and the end mark may still come, but nobody waits long.
const AFTER_FINISH: Duration = Duration::from_secs(10);
/// Reading the end of the body lets the connection serve the next call.
const LAST_BYTES: Duration = Duration::from_millis(20);

/// A part of an answer. Texts are raw and never empty.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// The connection lives, but there is nothing to show.
    Alive,
    /// Who answers: when first known, and whenever it changes.
    Head {
        id: Option<SafeText>,
        model: Option<ModelId>,
        provider: Option<SafeText>,
    },
    Reasoning(String),
    Text(String),
    /// Exactly once in an answer that ends well, although the wire says it twice.
    Finish(FinishReason),
    /// May come more than once; the last one counts.
    Metered(Usage),
}

/// An answer that has begun: the status was a success. Dropping it closes the connection.
#[derive(Debug)]
pub struct Answer {
    response: Response,
    headers: HeaderMap,
    place: Arc<Place>,
    timeouts: Timeouts,
    /// White space at the start counts as the answer having begun.
    is_whole: bool,
    reader: Reader,
    /// Runs from the moment of asking until content comes.
    first: Option<Pin<Box<Sleep>>>,
    idle: Pin<Box<Sleep>>,
    verdict: Verdict,
    is_over: bool,
}

impl Answer {
    pub(super) fn new(
        response: Response,
        place: Arc<Place>,
        timeouts: Timeouts,
        is_whole: bool,
        first: Pin<Box<Sleep>>,
    ) -> Answer {
        Answer {
            headers: response.headers().clone(),
            response,
            place,
            timeouts,
            is_whole,
            reader: Reader::new(),
            first: Some(first),
            idle: Box::pin(sleep(timeouts.idle)),
            verdict: Verdict::More,
            is_over: false,
        }
    }

    /// The HTTP status: a success.
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// The id under which the upstream keeps its record of this answer, from the header; a
    /// [`Piece::Head`] has it too.
    pub fn generation_id(&self) -> Option<SafeText> {
        diagnose::generation_id(&self.headers)
    }

    /// The next piece. `None` when the answer ended as it should; a fault is always the last
    /// item. Cancelling the future loses nothing.
    pub async fn next(&mut self) -> Option<Result<Piece, Fault>> {
        loop {
            if let Some(piece) = self.reader.pieces.pop_front() {
                return Some(Ok(piece));
            }
            if self.is_over {
                return None;
            }
            match std::mem::replace(&mut self.verdict, Verdict::More) {
                Verdict::More => self.verdict = self.read().await,
                Verdict::End => {
                    self.is_over = true;
                    let _ = timeout(LAST_BYTES, self.response.chunk()).await;
                    return None;
                }
                Verdict::Fail(fault) => {
                    self.is_over = true;
                    return Some(Err(self.place.seal(*fault)));
                }
            }
        }
    }

    async fn read(&mut self) -> Verdict {
        let never = std::future::pending::<()>();
        let first = async {
            match &mut self.first {
                Some(timer) => timer.await,
                None => never.await,
            }
        };
        let received = tokio::select! {
            biased;
            chunk = self.response.chunk() => chunk,
            () = first => return self.silence(self.timeouts.first, "sent no content"),
            () = &mut self.idle => return self.silence(self.timeouts.idle, "sent nothing"),
        };
        let context = Context { place: &self.place, headers: &self.headers };
        let verdict = match received {
            Ok(Some(bytes)) => self.reader.push(&bytes, &context),
            Ok(None) => return self.reader.end(&context),
            Err(_) if self.reader.is_finished() => return Verdict::End,
            Err(why) => {
                let stage = match self.reader.has_content() {
                    true => Stage::InContent,
                    false => Stage::Begun,
                };
                let fault = transport::fault(&why, stage, true, &self.place);
                return self.reader.fail(fault, &context);
            }
        };
        if self.is_whole || self.reader.has_begun() {
            self.first = None;
        }
        let patience = match self.reader.is_finished() {
            true => self.timeouts.idle.min(AFTER_FINISH),
            false => self.timeouts.idle,
        };
        self.idle.as_mut().reset(Instant::now() + patience);
        verdict
    }

    fn silence(&self, waited: Duration, what: &str) -> Verdict {
        if self.reader.is_finished() {
            return Verdict::End;
        }
        let fault = transport::silent(waited, what, true, &self.place);
        self.reader.fail(fault, &Context { place: &self.place, headers: &self.headers })
    }
}
