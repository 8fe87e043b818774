//! The database as a whole: several instances, kill in mid-turn, old and broken files.
