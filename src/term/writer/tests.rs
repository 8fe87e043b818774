use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::sync::mpsc;

use super::*;

/// A writer on a pipe, which blocks when nobody reads just as a terminal does.
fn piped() -> (TtyWriter, std::io::PipeReader, mpsc::Receiver<()>) {
    let (reader, writer) = std::io::pipe().unwrap();
    let (wake, woken) = mpsc::channel();
    let terminal = File::from(OwnedFd::from(writer));
    let writer = TtyWriter::start(terminal, move || {
        let _ = wake.send(());
    })
    .unwrap();
    (writer, reader, woken)
}

const LONG: Duration = Duration::from_secs(10);
/// More than a pipe holds.
const FLOOD: usize = 1 << 20;

#[test]
fn frames_and_strings_arrive_in_order_and_wake_the_loop() {
    let (mut writer, mut reader, woken) = piped();
    assert!(writer.is_free());
    writer.send(b"frame ".to_vec());
    writer.post(b"string ");
    assert!(writer.drain(LONG));
    woken.recv_timeout(LONG).unwrap();
    assert!(writer.is_free());
    writer.send(b"next".to_vec());
    drop(writer);
    let mut all = String::new();
    reader.read_to_string(&mut all).unwrap();
    assert_eq!(all, "frame string next");
}

#[test]
fn a_slow_terminal_makes_it_busy_and_loses_nothing() {
    let (mut writer, mut reader, woken) = piped();
    writer.send(vec![b'x'; FLOOD]);
    assert!(!writer.is_free());
    assert!(!writer.drain(Duration::from_millis(20)), "nobody has read it");
    assert!(writer.post(b"end"), "strings may still be posted");
    assert_eq!(writer.state(), OutputState::Alive);
    let mut all = vec![0; FLOOD + 3];
    reader.read_exact(&mut all).unwrap();
    assert!(all.ends_with(b"xend"));
    woken.recv_timeout(LONG).unwrap();
    assert!(writer.drain(LONG) && writer.is_free());
    assert!(writer.average_write() >= Duration::from_millis(5), "a quarter of twenty and more");
    assert!(!writer.post(&vec![0; MOST_POSTED + 1]), "but not without end");
}

#[test]
fn a_terminal_that_went_away_is_dead_and_says_so() {
    let (mut writer, reader, woken) = piped();
    drop(reader);
    writer.send(b"frame".to_vec());
    woken.recv_timeout(LONG).unwrap();
    let OutputState::Dead(why) = writer.state() else { panic!("it is gone") };
    assert!(why.starts_with("the terminal is gone"), "{why}");
    assert!(!writer.is_free() && writer.drain(LONG));
}

#[test]
fn dropping_does_not_wait_for_a_stuck_terminal() {
    let (mut writer, reader, _woken) = piped();
    writer.send(vec![b'x'; FLOOD]);
    assert!(!writer.drain(Duration::from_millis(20)));
    drop(writer);
    drop(reader);
}
