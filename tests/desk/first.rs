//! The first screen and the first words.

use crate::desk::Desk;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newcomer_is_on_the_sandbox_in_the_draft_and_told_so() {
    let desk = Desk::open((120, 40)).await;
    let screen = desk.picture();
    let status = screen.status();
    let lamp = "SANDBOX simulated replies, no charge";
    assert!(status.trim_start().starts_with(lamp), "{status}");
    assert!(screen.contains("> write a message"), "{}", screen.text());
    assert!(screen.cursor.is_some());
    println!("{}", screen.snapshot());
    desk.quit().await;
}
