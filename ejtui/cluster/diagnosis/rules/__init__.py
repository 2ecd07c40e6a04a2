"""The rules, by subject: each module looks for some codes and declares them in `FINDINGS`."""
