//! Bytes of an answer in, pieces and the end out; streamed or whole, the same for the reader.
//!
//! What kind of answer it is shows in its first character, not in its headers: servers answer
//! streams with JSON, JSON with streams, and both with web pages.

use std::collections::VecDeque;
use std::mem;

use reqwest::header::HeaderMap;

use crate::domain::fault::{Billing, Fault, FaultClass};
use crate::domain::id::ModelId;
use crate::domain::money::Usd;
use crate::domain::text::SafeText;
use crate::domain::turn::FinishReason;
use crate::upstream::answer::Piece;
use crate::upstream::diagnose;
use crate::upstream::place::Place;
use crate::upstream::transport;
use crate::wire::chat::{Chunk, decode_chunk};
use crate::wire::errors::ErrorBody;
use crate::wire::sse::{SseItem, SseParser};
use crate::wire::{as_text, is_web_page, web_page_title};

/// A whole answer may have this many bytes.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;
/// One unreadable event is a hiccup, more than this many are no stream of ours.
const MOST_MALFORMED: u32 = 3;

/// How things stand after some bytes.
#[derive(Debug, PartialEq)]
pub(super) enum Verdict {
    More,
    /// The answer is complete.
    End,
    Fail(Box<Fault>),
}

#[derive(Debug)]
enum Mode {
    /// Only white space so far.
    Unknown,
    Stream(SseParser),
    Whole,
}

/// What is known about the other end of an answer.
pub(super) struct Context<'a> {
    pub(super) place: &'a Place,
    pub(super) headers: &'a HeaderMap,
}

#[derive(Debug)]
pub(super) struct Reader {
    pub(super) pieces: VecDeque<Piece>,
    mode: Mode,
    body: Vec<u8>,
    items: Vec<SseItem>,
    head: (Option<SafeText>, Option<ModelId>, Option<SafeText>),
    /// Events of the stream, comments included, that could be read.
    events: u64,
    malformed: u32,
    last_malformed: String,
    has_content: bool,
    is_billed: bool,
    finished: bool,
    /// The finish reason was `error`, but no error was given (yet).
    failed: bool,
}

impl Reader {
    pub(super) fn new() -> Reader {
        Reader {
            pieces: VecDeque::new(),
            mode: Mode::Unknown,
            body: Vec::new(),
            items: Vec::new(),
            head: (None, None, None),
            events: 0,
            malformed: 0,
            last_malformed: String::new(),
            has_content: false,
            is_billed: false,
            finished: false,
            failed: false,
        }
    }

    /// Text, reasoning or a tool call was seen.
    pub(super) fn has_content(&self) -> bool {
        self.has_content
    }

    /// Content was seen, or a whole answer began to arrive.
    pub(super) fn has_begun(&self) -> bool {
        self.has_content || matches!(self.mode, Mode::Whole)
    }

    /// The model gave its reason to stop: whatever fails now, the answer is complete.
    pub(super) fn is_finished(&self) -> bool {
        self.finished
    }

    pub(super) fn push(&mut self, bytes: &[u8], context: &Context<'_>) -> Verdict {
        match &mut self.mode {
            Mode::Unknown => self.sniff(bytes, context),
            Mode::Whole => self.collect(bytes, context),
            Mode::Stream(parser) => {
                let pushed = parser.push(bytes, &mut self.items);
                let verdict = self.take_items(context);
                match (verdict, pushed) {
                    (Verdict::More, Err(why)) => self.bad(&why.to_string(), context),
                    (verdict, _) => verdict,
                }
            }
        }
    }

    /// The connection ended in an orderly way.
    pub(super) fn end(&mut self, context: &Context<'_>) -> Verdict {
        match &mut self.mode {
            Mode::Unknown if !self.body.is_empty() => self.cut(context),
            Mode::Unknown => self.bad("an answer with nothing in it", context),
            Mode::Whole => self.whole(context),
            Mode::Stream(parser) => {
                parser.finish(&mut self.items);
                match self.take_items(context) {
                    Verdict::More => self.stream_ended(context),
                    verdict => verdict,
                }
            }
        }
    }

    fn sniff(&mut self, bytes: &[u8], context: &Context<'_>) -> Verdict {
        self.body.extend_from_slice(bytes);
        let mark = b"\xef\xbb\xbf";
        let rest = self.body.strip_prefix(mark).unwrap_or(&self.body);
        let rest = if mark.starts_with(rest) { &[] } else { rest.trim_ascii_start() };
        let first = rest.first().copied();
        match first {
            None => {
                self.alive();
                if self.body.len() > LARGEST_ANSWER {
                    return self.bad("white space without end", context);
                }
                Verdict::More
            }
            Some(b'{' | b'[' | b'"' | b'<') => {
                self.mode = Mode::Whole;
                self.collect(&[], context)
            }
            Some(_) => {
                let start = mem::take(&mut self.body);
                self.mode = Mode::Stream(SseParser::default());
                self.push(&start, context)
            }
        }
    }

    fn collect(&mut self, bytes: &[u8], context: &Context<'_>) -> Verdict {
        self.body.extend_from_slice(bytes);
        if self.body.len() > LARGEST_ANSWER {
            return self.bad("an answer larger than 64 MB", context);
        }
        self.alive();
        Verdict::More
    }

    /// One sign of life is enough until somebody looks.
    fn alive(&mut self) {
        if self.pieces.back() != Some(&Piece::Alive) {
            self.pieces.push_back(Piece::Alive);
        }
    }

    fn take_items(&mut self, context: &Context<'_>) -> Verdict {
        let items = mem::take(&mut self.items);
        for item in items {
            let verdict = match item {
                SseItem::Comment => {
                    self.events += 1;
                    self.alive();
                    Verdict::More
                }
                SseItem::Data(data) => self.take_data(&data, context),
                SseItem::Done => self.complete(context),
            };
            if verdict != Verdict::More {
                return verdict;
            }
        }
        Verdict::More
    }

    fn take_data(&mut self, data: &str, context: &Context<'_>) -> Verdict {
        if data.trim().is_empty() {
            return Verdict::More;
        }
        if let Ok(chunk) = decode_chunk(data) {
            return self.take_chunk(chunk, context);
        }
        // Some servers forget the blank line between two events.
        let lines: Option<Vec<Chunk>> = data.lines().map(|line| decode_chunk(line).ok()).collect();
        if let Some(chunks) = lines {
            for chunk in chunks {
                let verdict = self.take_chunk(chunk, context);
                if verdict != Verdict::More {
                    return verdict;
                }
            }
            return Verdict::More;
        }
        self.malformed += 1;
        self.last_malformed = data.to_owned();
        if self.malformed > MOST_MALFORMED {
            return self.bad("a stream that cannot be read", context);
        }
        Verdict::More
    }

    fn take_chunk(&mut self, chunk: Chunk, context: &Context<'_>) -> Verdict {
        self.events += 1;
        self.take_head(chunk.id, chunk.model, chunk.provider);
        self.has_content |= chunk.calls_tool;
        if let Some(text) = chunk.reasoning {
            self.has_content = true;
            self.pieces.push_back(Piece::Reasoning(text));
        }
        if let Some(text) = chunk.text {
            self.has_content = true;
            self.pieces.push_back(Piece::Text(text));
        } else if chunk.calls_tool {
            self.alive();
        }
        match chunk.finish {
            None => {}
            Some(FinishReason::Error) => self.failed = true,
            Some(_) if self.finished => {}
            Some(reason) => {
                self.finished = true;
                self.pieces.push_back(Piece::Finish(reason));
            }
        }
        if let Some(usage) = chunk.usage {
            self.is_billed |= usage.billed.is_some_and(|usd| usd > Usd::ZERO);
            self.pieces.push_back(Piece::Metered(usage));
        }
        match chunk.error {
            Some(error) => self.erred(&error, context),
            None => Verdict::More,
        }
    }

    fn take_head(
        &mut self,
        id: Option<SafeText>,
        model: Option<ModelId>,
        provider: Option<SafeText>,
    ) {
        let new = (
            id.or_else(|| self.head.0.clone()),
            model.or_else(|| self.head.1.clone()),
            provider.or_else(|| self.head.2.clone()),
        );
        if new != self.head {
            self.head = new.clone();
            self.pieces.push_back(Piece::Head { id: new.0, model: new.1, provider: new.2 });
        }
    }

    fn whole(&mut self, context: &Context<'_>) -> Verdict {
        let body = mem::take(&mut self.body);
        if is_web_page(&body) {
            let title = web_page_title(&body).map_or(String::new(), |t| format!(" (`{t}`)"));
            return self.bad(&format!("a web page{title}"), context);
        }
        let json = as_text(&body);
        match decode_chunk(&json) {
            Ok(chunk) if chunk.has_choice || chunk.error.is_some() => {
                match self.take_chunk(chunk, context) {
                    Verdict::More => self.complete(context),
                    verdict => verdict,
                }
            }
            decoded => {
                // A bare string may be an error's whole body, but never a success's.
                let error = match json.trim_start().starts_with('"') {
                    true => None,
                    false => ErrorBody::decode(&body),
                };
                match error {
                    Some(error) => self.erred(&error, context),
                    None if decoded.is_err() && stops_half_way(&json) => self.cut(context),
                    None => self.bad("JSON that is no answer", context),
                }
            }
        }
    }

    /// The end mark came, or a whole answer was read.
    fn complete(&mut self, context: &Context<'_>) -> Verdict {
        if self.failed {
            let mut fault = Fault::new(
                FaultClass::ServerError,
                "The provider ended the answer with an error and gave no reason.",
            );
            fault.status = Some(200);
            return self.fail(fault, context);
        }
        if !self.finished && !self.has_content {
            return self.bad("an answer that says nothing", context);
        }
        if !self.finished {
            // It ended as it should and only gave no reason.
            self.finished = true;
            self.pieces.push_back(Piece::Finish(FinishReason::Stop));
        }
        Verdict::End
    }

    fn stream_ended(&mut self, context: &Context<'_>) -> Verdict {
        if self.finished || self.failed {
            return self.complete(context);
        }
        if self.events == 0 && !stops_half_way(&self.last_malformed) {
            return self.bad("something that is no answer", context);
        }
        self.cut(context)
    }

    fn cut(&mut self, context: &Context<'_>) -> Verdict {
        if self.failed {
            return self.complete(context);
        }
        self.fail(transport::cut_off(context.place), context)
    }

    fn erred(&mut self, error: &ErrorBody, context: &Context<'_>) -> Verdict {
        self.fail(diagnose::inside(error, context.headers), context)
    }

    fn bad(&mut self, what: &str, context: &Context<'_>) -> Verdict {
        let message = format!("{} sent {what}.", context.place.host);
        let mut fault = Fault::new(FaultClass::BadUpstream, message);
        fault.status = Some(200);
        self.fail(fault, context)
    }

    /// Adds what the answer told before it failed.
    pub(super) fn fail(&self, mut fault: Fault, context: &Context<'_>) -> Verdict {
        if self.has_content || self.is_billed {
            fault.billing = Billing::MayBeBilled;
            // From here on it is the provider that broke off.
            if fault.provider.is_none() {
                fault.provider.clone_from(&self.head.2);
            }
        }
        if fault.generation_id.is_none() {
            let named = diagnose::generation_id(context.headers);
            fault.generation_id = named.or_else(|| self.head.0.clone());
        }
        Verdict::Fail(Box::new(fault))
    }
}

fn stops_half_way(json: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(json.trim())
        .is_err_and(|why| why.is_eof() && !json.trim().is_empty())
}

#[cfg(test)]
mod tests;
