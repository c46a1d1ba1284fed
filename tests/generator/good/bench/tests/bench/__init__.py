"""The bench that bulbs are tried on."""
