"""What the screens show: one immutable value, and the updates that change it."""
