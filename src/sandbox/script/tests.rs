//! What answers say.
use super::*;
