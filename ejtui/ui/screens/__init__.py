"""The screens: which panes there are, and which keys they take."""
