"""The widgets: each shows lines that a painter made."""
