//! Each rule of the protocol, and the field that a breach names.
use super::*;
