//! The client side of the wire: a base URL and a key in, answers, streams and faults out.
