"""The reference pages: what the specification says, for people who browse it."""
