"""Painters: pure functions from the view-state and a width to lines."""
