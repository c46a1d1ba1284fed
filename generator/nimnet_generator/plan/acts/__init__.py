"""The scenarios as Python tests: what the conformance suite runs."""
