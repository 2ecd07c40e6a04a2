"""Repairs: each module has those of some codes."""
