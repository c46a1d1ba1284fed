"""What the generated package `nimuri` stands on: texts, and tuples of the parts of a URI."""
