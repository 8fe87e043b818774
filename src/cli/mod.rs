//! The command line: parses arguments, builds the engine and starts a face.
