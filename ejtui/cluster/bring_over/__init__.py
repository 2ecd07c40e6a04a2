"""Accounts that only a backup has, brought into the cluster."""
