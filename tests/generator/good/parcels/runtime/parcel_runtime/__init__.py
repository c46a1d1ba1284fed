"""The hand-written half of the imaginary post office."""
