//! The database: one thread owns the writing connection.
