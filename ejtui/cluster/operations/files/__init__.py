"""Files of a node on its host: read, copied, replaced, given to the service user."""
