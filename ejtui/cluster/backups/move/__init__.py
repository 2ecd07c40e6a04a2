"""Second's database moved into a backup and back, and what a broken-off move left behind."""
