"""The scenarios as Nim source: what the oracle compiles and runs."""
