//! The shortest way for the cursor from where it is to where it should be.

use std::io::Write as _;

/// What is known of the terminal's cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// Anywhere: after a start, a doubt, or a write into the last column.
    Unknown,
    /// In this row, the column depends on how wide the terminal thinks the last cluster is.
    Row(u16),
    /// In this column and row.
    Cell(u16, u16),
}

/// One way to move.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// `CSI row ; column H`.
    Absolute,
    /// `CSI column G`.
    Column,
    /// Carriage return, that many line feeds, then to the right.
    NextLines(u16),
    Right(u16),
    Left(u16),
    Up(u16),
    Down(u16),
}

/// More line feeds than this cost more than an absolute move.
const MOST_FEEDS: u16 = 4;
/// Up to here backspaces are shorter than `CSI n D`.
const MOST_BACKSPACES: u16 = 3;

/// Appends the shortest move to column `x`, row `y`. Nothing is written when the cursor is there.
pub(super) fn go(at: &mut At, x: u16, y: u16, out: &mut Vec<u8>) {
    if *at == At::Cell(x, y) {
        return;
    }
    let way = shortest(*at, x, y);
    write(way, x, y, out);
    *at = At::Cell(x, y);
}

/// Bytes that [`go`] would append.
pub(super) fn cost(at: At, x: u16, y: u16) -> usize {
    if at == At::Cell(x, y) { 0 } else { length(shortest(at, x, y), x, y) }
}

fn shortest(at: At, x: u16, y: u16) -> Way {
    let mut best = Way::Absolute;
    let mut offer = |way: Way| {
        if length(way, x, y) < length(best, x, y) {
            best = way;
        }
    };
    let (column, row) = match at {
        At::Unknown => return best,
        At::Row(row) => (None, row),
        At::Cell(column, row) => (Some(column), row),
    };
    if row == y {
        offer(Way::Column);
    }
    if let Some(down) = y.checked_sub(row).filter(|down| *down <= MOST_FEEDS) {
        offer(Way::NextLines(down));
    }
    let Some(column) = column else { return best };
    if row == y {
        offer(if x > column { Way::Right(x - column) } else { Way::Left(column - x) });
    } else if column == x {
        offer(if y > row { Way::Down(y - row) } else { Way::Up(row - y) });
    }
    best
}

fn digits(n: u16) -> usize {
    match n {
        0..10 => 1,
        10..100 => 2,
        100..1000 => 3,
        1000..10_000 => 4,
        10_000.. => 5,
    }
}

/// `CSI n letter`, where 1 may be left out.
fn counted(n: u16) -> usize {
    if n == 1 { 3 } else { 3 + digits(n) }
}

fn length(way: Way, x: u16, y: u16) -> usize {
    match way {
        Way::Absolute => match (x, y) {
            (0, 0) => 3,
            (0, _) => 3 + digits(y + 1),
            (_, _) => 4 + digits(y + 1) + digits(x + 1),
        },
        Way::Column => counted(x + 1),
        Way::NextLines(n) => 1 + usize::from(n) + if x == 0 { 0 } else { counted(x) },
        Way::Left(n) if n <= MOST_BACKSPACES => usize::from(n),
        Way::Right(n) | Way::Left(n) | Way::Up(n) | Way::Down(n) => counted(n),
    }
}

fn write(way: Way, x: u16, y: u16, out: &mut Vec<u8>) {
    match way {
        Way::Absolute => match (x, y) {
            (0, 0) => out.extend_from_slice(b"\x1b[H"),
            (0, _) => sequence(format_args!("{}H", y + 1), out),
            (_, _) => sequence(format_args!("{};{}H", y + 1, x + 1), out),
        },
        Way::Column => count(x + 1, 'G', out),
        Way::NextLines(n) => {
            out.push(b'\r');
            out.extend((0..n).map(|_| b'\n'));
            if x > 0 {
                count(x, 'C', out);
            }
        }
        Way::Left(n) if n <= MOST_BACKSPACES => out.extend((0..n).map(|_| 8)),
        Way::Right(n) => count(n, 'C', out),
        Way::Left(n) => count(n, 'D', out),
        Way::Up(n) => count(n, 'A', out),
        Way::Down(n) => count(n, 'B', out),
    }
}

/// Appends `CSI n letter`, leaving out a 1.
pub(super) fn count(n: u16, letter: char, out: &mut Vec<u8>) {
    if n == 1 {
        sequence(format_args!("{letter}"), out);
    } else {
        sequence(format_args!("{n}{letter}"), out);
    }
}

/// Appends `CSI` and the rest.
pub(super) fn sequence(rest: std::fmt::Arguments<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\x1b[");
    // Writing to a Vec cannot fail.
    let _ = out.write_fmt(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(at: At, x: u16, y: u16) -> String {
        let mut out = Vec::new();
        let mut now = at;
        let expected = cost(at, x, y);
        go(&mut now, x, y, &mut out);
        assert_eq!(now, At::Cell(x, y));
        assert_eq!(out.len(), expected, "{at:?} to {x},{y}");
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_shortest_way_is_taken() {
        for (at, x, y, bytes) in [
            (At::Cell(3, 3), 3, 3, ""),
            (At::Unknown, 0, 0, "\u{1b}[H"),
            (At::Unknown, 0, 9, "\u{1b}[10H"),
            (At::Unknown, 5, 9, "\u{1b}[10;6H"),
            (At::Cell(7, 4), 0, 5, "\r\n"),
            (At::Cell(7, 14), 2, 15, "\r\n\u{1b}[2C"),
            (At::Cell(0, 4), 1, 4, "\u{1b}[C"),
            (At::Cell(50, 4), 48, 4, "\u{8}\u{8}"),
            (At::Cell(50, 4), 101, 4, "\u{1b}[51C"),
            (At::Cell(120, 4), 8, 4, "\u{1b}[9G"),
            (At::Cell(50, 4), 50, 3, "\u{1b}[A"),
            (At::Row(4), 20, 4, "\u{1b}[21G"),
            (At::Row(4), 0, 4, "\r"),
            (At::Row(4), 0, 6, "\r\n\n"),
        ] {
            assert_eq!(moved(at, x, y), bytes, "{at:?} to {x},{y}");
        }
    }

    #[test]
    fn every_move_costs_what_it_says() {
        let places = [At::Unknown, At::Row(3), At::Cell(0, 0), At::Cell(99, 39), At::Cell(5, 9)];
        for at in places {
            for (x, y) in [(0, 0), (1, 0), (0, 39), (119, 39), (5, 8), (98, 39), (100, 40)] {
                moved(at, x, y);
            }
        }
    }
}
