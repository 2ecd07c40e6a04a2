"""Lines of text, their tones and signs."""
