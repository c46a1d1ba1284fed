"""A runtime with numbers of its own."""
