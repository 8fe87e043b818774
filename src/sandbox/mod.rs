//! An OpenRouter inside the process: a real HTTP server on a loopback port.
