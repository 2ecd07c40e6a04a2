"""Table copies: which there are, which second lacks, how far a copy is."""
