"""Backups of a join: what they hold of first, and how that comes back."""
