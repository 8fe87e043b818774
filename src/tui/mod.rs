//! The workbench on screen.

pub mod markdown;
pub mod theme;
pub mod widgets;
