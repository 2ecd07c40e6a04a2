"""A run's context, its events, and how it goes on after a lost connection."""
