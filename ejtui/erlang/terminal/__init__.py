"""The terminal that a shell's output is drawn on, its history and its recording."""
