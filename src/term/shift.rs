//! Finds out whether one screen is the other moved up or down.

use std::hash::{DefaultHasher, Hash, Hasher};

use ratatui::buffer::{Buffer, Cell};

use super::glyph::is_erased;
use super::screen::Scroll;

/// Fewer matching rows than this are not worth a region.
const FEWEST_ROWS: usize = 2;

/// Looks for the move of rows that explains most of what changed. Only a proposal: the emitter
/// sends it if it costs less than the plain difference.
pub(super) fn detect(front: &Buffer, back: &Buffer) -> Option<Scroll> {
    let (old, new) = (hashes(front), hashes(back));
    if old.len() != new.len() {
        return None;
    }
    let changed: Vec<usize> = (0..new.len()).filter(|y| old[*y] != new[*y]).collect();
    let (first, last) = (*changed.first()?, *changed.last()?);
    let height = (last + 1 - first) as i32;
    let mut best: Option<(usize, Scroll)> = None;
    for up in (1..height).flat_map(|n| [n, -n]) {
        let source = |y: usize| {
            let from = i32::try_from(y).ok()? + up;
            usize::try_from(from).ok().filter(|from| (first..=last).contains(from))
        };
        let matches = |y: &&usize| {
            source(**y).is_some_and(|from| new[**y].is_some() && old[from] == new[**y])
        };
        let count = changed.iter().filter(matches).count();
        if count < FEWEST_ROWS || best.is_some_and(|(most, _)| count <= most) {
            continue;
        }
        let (Some(top), Some(bottom)) =
            (changed.iter().find(matches), changed.iter().rfind(matches))
        else {
            continue;
        };
        // The region holds both where the rows were and where they are.
        let (low, high) = (up.min(0).unsigned_abs() as usize, up.max(0).unsigned_abs() as usize);
        let scroll = Scroll { top: (top - low) as u16, bottom: (bottom + 1 + high) as u16, up };
        best = Some((count, scroll));
    }
    best.map(|(_, scroll)| scroll)
}

/// One hash per row; `None` for a blank row, which matches everywhere and proves nothing.
fn hashes(buffer: &Buffer) -> Vec<Option<u64>> {
    let columns = usize::from(buffer.area.width).max(1);
    buffer.content.chunks(columns).map(hash).collect()
}

fn hash(row: &[Cell]) -> Option<u64> {
    let tail = row.iter().rposition(|cell| !is_erased(cell))?;
    let mut hasher = DefaultHasher::new();
    for cell in &row[..=tail] {
        cell.symbol().hash(&mut hasher);
        (cell.fg, cell.bg, cell.modifier).hash(&mut hasher);
    }
    Some(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[&str]) -> Buffer {
        Buffer::with_lines(text.iter().copied())
    }

    #[test]
    fn a_transcript_moves_and_the_composer_stays() {
        let before = lines(&["head", "a", "b", "c", "d", "> draft"]);
        let after = lines(&["head", "b", "c", "d", "e", "> draft"]);
        assert_eq!(detect(&before, &after), Some(Scroll { top: 1, bottom: 5, up: 1 }));
        assert_eq!(detect(&after, &before), Some(Scroll { top: 1, bottom: 5, up: -1 }));
    }

    #[test]
    fn unrelated_screens_do_not_move() {
        let before = lines(&["a", "b", "c"]);
        assert_eq!(detect(&before, &lines(&["x", "y", "z"])), None);
        assert_eq!(detect(&before, &before), None);
    }
}
