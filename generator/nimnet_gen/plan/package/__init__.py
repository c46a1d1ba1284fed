"""The generated package: views of its modules."""
