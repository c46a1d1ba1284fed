"""The generated tests: scenarios, symbols and typing as Python."""
