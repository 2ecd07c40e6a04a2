"""What was done to a pair: runs, read from the journal and the recordings, and never made up."""
