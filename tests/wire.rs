//! The wire against recorded exchanges.
