"""What several repairs have in common: restarting, keeping, and changing a host's settings."""
