"""What the hand-written runtime offers, read from its source without importing it."""
