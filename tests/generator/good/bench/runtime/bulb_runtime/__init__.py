"""Bulbs, by hand."""
