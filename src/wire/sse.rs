//! Server-sent events, read piece by piece: bytes in, comments and data out.
//!
//! Lenient where servers in the wild are: CR, LF and CRLF, a byte order mark, a missing blank
//! line at the end, `[DONE]` without a blank line before it, and a bare JSON line without
//! `data:`. Names and ids of events mean nothing on this wire and are passed over.

use std::mem;

/// One event may have this many bytes: images come as one line of base64.
const LONGEST_EVENT: usize = 16 * 1024 * 1024;

/// What a stream consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SseItem {
    /// A line that only says that the connection lives.
    Comment,
    /// The data of one event, its lines joined by line feeds.
    Data(String),
    /// `data: [DONE]`.
    Done,
}

/// Why a stream cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SseError {
    #[error("one event of the stream is longer than 16 MB")]
    TooLong,
}

/// An incremental parser. It holds at most one event.
#[derive(Debug, Default)]
pub struct SseParser {
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    began: bool,
    after_cr: bool,
    broken: bool,
}

impl SseParser {
    /// Reads the next bytes, wherever they were cut, and appends what they complete to `out`.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<SseItem>) -> Result<(), SseError> {
        if self.broken {
            return Err(SseError::TooLong);
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            if mem::take(&mut self.after_cr) && rest[0] == b'\n' {
                rest = &rest[1..];
                continue;
            }
            let Some(end) = rest.iter().position(|b| matches!(b, b'\n' | b'\r')) else {
                self.line.extend_from_slice(rest);
                break;
            };
            self.after_cr = rest[end] == b'\r';
            if self.line.is_empty() {
                self.take_line(&rest[..end], out);
            } else {
                let mut line = mem::take(&mut self.line);
                line.extend_from_slice(&rest[..end]);
                self.take_line(&line, out);
                line.clear();
                self.line = line;
            }
            rest = &rest[end + 1..];
            self.check()?;
        }
        self.check()
    }

    /// The connection ended: what is there counts as complete.
    pub fn finish(&mut self, out: &mut Vec<SseItem>) {
        if self.broken {
            return;
        }
        let line = mem::take(&mut self.line);
        if !line.is_empty() {
            self.take_line(&line, out);
        }
        self.dispatch(out);
        *self = SseParser { began: true, ..SseParser::default() };
    }

    fn check(&mut self) -> Result<(), SseError> {
        if self.line.len() + self.data.len() <= LONGEST_EVENT {
            return Ok(());
        }
        *self = SseParser { broken: true, ..SseParser::default() };
        Err(SseError::TooLong)
    }

    fn take_line(&mut self, line: &[u8], out: &mut Vec<SseItem>) {
        let line = match mem::replace(&mut self.began, true) {
            true => line,
            false => line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line),
        };
        match line {
            [] => self.dispatch(out),
            [b':', ..] => out.push(SseItem::Comment),
            [b'{', ..] => self.add_data(line, out),
            b"data" => self.add_data(b"", out),
            [b'd', b'a', b't', b'a', b':', b' ', value @ ..]
            | [b'd', b'a', b't', b'a', b':', value @ ..] => self.add_data(value, out),
            // Older llama.cpp: the error alone, without its envelope.
            [b'e', b'r', b'r', b'o', b'r', b':', rest @ ..]
                if rest.trim_ascii().starts_with(b"{") =>
            {
                self.add_data(&[b"{\"error\":", rest, b"}"].concat(), out);
            }
            _ => {}
        }
    }

    fn add_data(&mut self, value: &[u8], out: &mut Vec<SseItem>) {
        if value.trim_ascii() == b"[DONE]" {
            self.dispatch(out);
            out.push(SseItem::Done);
            return;
        }
        if mem::replace(&mut self.has_data, true) {
            self.data.push(b'\n');
        }
        self.data.extend_from_slice(value);
    }

    fn dispatch(&mut self, out: &mut Vec<SseItem>) {
        if mem::take(&mut self.has_data) {
            let data = mem::take(&mut self.data);
            let text = String::from_utf8(data)
                .unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned());
            out.push(SseItem::Data(text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole(bytes: &[u8]) -> Vec<SseItem> {
        let mut parser = SseParser::default();
        let mut out = Vec::new();
        parser.push(bytes, &mut out).unwrap();
        parser.finish(&mut out);
        out
    }

    fn pieces(bytes: &[u8], sizes: &[usize]) -> Vec<SseItem> {
        let mut parser = SseParser::default();
        let (mut out, mut rest, mut sizes) = (Vec::new(), bytes, sizes.iter().cycle());
        while !rest.is_empty() {
            let (now, later) = rest.split_at((*sizes.next().unwrap()).clamp(1, rest.len()));
            parser.push(now, &mut out).unwrap();
            rest = later;
        }
        parser.finish(&mut out);
        out
    }

    fn data(text: &str) -> SseItem {
        SseItem::Data(text.into())
    }

    #[test]
    fn comments_data_and_the_end_mark() {
        let stream = b": OPENROUTER PROCESSING\n\ndata: {\"a\":1}\n\ndata:x\n\ndata: [DONE]\n\n";
        let want = vec![SseItem::Comment, data("{\"a\":1}"), data("x"), SseItem::Done];
        assert_eq!(whole(stream), want);
    }

    #[test]
    fn every_line_end_and_a_byte_order_mark_are_accepted() {
        for end in ["\n", "\r\n", "\r"] {
            let stream = [
                "\u{feff}data: one",
                "data: two",
                "event: x",
                "id: 7",
                "",
                ": c",
                "data:  s",
                "data",
                "",
                "",
            ];
            let want = vec![data("one\ntwo"), SseItem::Comment, data(" s\n")];
            assert_eq!(whole(stream.join(end).as_bytes()), want, "{end:?}");
        }
    }

    #[test]
    fn sloppy_servers_are_understood() {
        assert_eq!(whole(b"data: 1\ndata: [DONE]"), [data("1"), SseItem::Done]);
        assert_eq!(whole(b"data: no blank line"), [data("no blank line")]);
        assert_eq!(whole(b"{\"error\":{}}\n\n"), [data("{\"error\":{}}")]);
        assert_eq!(whole(b"data: a\xffb\n\n"), [data("a\u{fffd}b")]);
        assert_eq!(whole(b"error: {\"code\":500}\n\n"), [data("{\"error\": {\"code\":500}}")]);
        assert_eq!(whole(b"retry: 10\ndatum: x\n\n\n\n"), []);
    }

    #[test]
    fn an_endless_line_is_an_error_and_stays_one() {
        let mut parser = SseParser::default();
        let mut out = Vec::new();
        let chunk = vec![b'x'; 1024 * 1024];
        parser.push(b"data: ", &mut out).unwrap();
        let failed = (0..17).find_map(|_| parser.push(&chunk, &mut out).err());
        assert_eq!(failed, Some(SseError::TooLong));
        assert_eq!(parser.push(b"\n\n", &mut out), Err(SseError::TooLong));
        assert!(out.is_empty() && parser.line.capacity() == 0);
    }

    fn events() -> impl Strategy<Value = (String, Vec<SseItem>)> {
        let event = prop_oneof![
            Just((": ping".to_owned(), vec![SseItem::Comment])),
            Just(("data: [DONE]".to_owned(), vec![SseItem::Done])),
            "[a-zé😀:{}\" ]{0,12}"
                .prop_filter("not data by itself", |t| !t.trim().starts_with("[DONE]"))
                .prop_map(|t| (format!("event: e\ndata: {t}"), vec![SseItem::Data(t)])),
        ];
        prop::collection::vec(event, 0..12).prop_map(|events| {
            let text = events.iter().map(|(t, _)| format!("{t}\n\n")).collect();
            (text, events.into_iter().flat_map(|(_, items)| items).collect())
        })
    }

    proptest! {
        #[test]
        fn well_formed_streams_give_what_was_put_in(
            (text, want) in events(), sizes in prop::collection::vec(1usize..9, 1..6), crlf in any::<bool>()
        ) {
            let text = if crlf { text.replace('\n', "\r\n") } else { text };
            prop_assert_eq!(pieces(text.as_bytes(), &sizes), want);
        }

        #[test]
        fn any_split_of_any_bytes_gives_the_same(
            bytes in prop::collection::vec(prop_oneof![
                Just(b'\n'), Just(b'\r'), Just(b':'), Just(b' '), Just(0xef), Just(0xbb), Just(0xbf), any::<u8>()
            ], 0..200),
            words in prop::collection::vec(prop::sample::select(vec!["data: ", "data:", "[DONE]", "\n\n", ": c\n"]), 0..6),
            sizes in prop::collection::vec(1usize..9, 1..6)
        ) {
            let mut all = words.concat().into_bytes();
            all.extend_from_slice(&bytes);
            prop_assert_eq!(pieces(&all, &sizes), whole(&all));
        }
    }
}
