//! What crosses a socket and nothing else: the protocol's types and its framing, for both ends.
