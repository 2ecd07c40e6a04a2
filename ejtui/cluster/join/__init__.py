"""The join: its checklist, its steps and the runner."""
