"""Backups: what there is on both hosts, what each holds and is good for, and how it comes back."""
