//! The shape of the house: imports, file sizes, colours, clocks.
