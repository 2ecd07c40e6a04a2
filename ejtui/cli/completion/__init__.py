"""Shell completion and the man page, made of the same arguments as `--help`."""
