"""The runtime of the imaginary lamps."""
