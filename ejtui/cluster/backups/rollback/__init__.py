"""Bringing second back to one of its backups."""
