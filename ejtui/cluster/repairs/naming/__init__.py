"""Giving nodes other names, with their databases."""
