"""What changed between two specifications, and what that means to users."""
