//! The real binary's commands: stdout, stderr, exit codes.
