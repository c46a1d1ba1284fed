"""A runtime with the bodies that the specification of this fixture asks for."""
