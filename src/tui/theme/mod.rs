//! What colours mean, and the themes that say which colours they are.
