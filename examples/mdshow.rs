fn main() {
    let mut args = std::env::args().skip(1);
    let text = std::fs::read_to_string(args.next().unwrap()).unwrap();
    let width: u16 = args.next().unwrap().parse().unwrap();
    let mut doc = routedeck::tui::markdown::Doc::of(&text);
    for line in doc.lines(width) {
        println!("{}", line.text());
    }
    eprintln!("{:?}", doc.stats());
}
