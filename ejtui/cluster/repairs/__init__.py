"""Repairs of findings: each module has those of a few codes."""
