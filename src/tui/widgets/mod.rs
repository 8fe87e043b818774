//! Small things to draw with; they know nothing of the app.
//!
//! Every widget takes the theme, clips to the area it was given, and survives an area of any size.

pub mod field;
pub mod hints;
pub mod meter;
pub mod panel;
pub mod scroll;
pub mod spark;
pub mod table;
pub mod text;

pub use field::Field;
pub use table::{Align, Cell, Column, Size, Table};

/// Which signs charts and bars may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signs {
    #[default]
    Unicode,
    /// For terminals and fonts without block elements.
    Ascii,
}
