//! The engine against the sandbox over real loopback HTTP.
