"""The screens: messages in, calls out, no decisions."""
