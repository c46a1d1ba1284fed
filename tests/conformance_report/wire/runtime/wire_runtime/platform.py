"""The system constants that the specification names: none."""
