"""How fast something goes, and how long the rest will take."""

from __future__ import annotations

_LEAST_SECONDS = 2.0
"""After less than that a rate means nothing."""


class Pace:
    """One thing that is counted from its beginning to a total, as `now` (seconds) goes by."""

    def __init__(self, done: float, now: float) -> None:
        self._from, self._since = done, now
        self._done = done

    def goes_on(self, done: float) -> bool:
        """Whether a count is this one's; a lower one is of something else."""
        return done >= self._done

    def seen(self, done: float, total: float, now: float) -> tuple[float, str]:
        """So many a second, and the time left for people; 0 and "" while nobody can know."""
        self._done = done
        seconds = now - self._since
        if seconds < _LEAST_SECONDS or done <= self._from:
            return 0.0, ""
        rate = (done - self._from) / seconds
        return rate, f"about {duration((total - done) / rate)} left" if done < total else ""


def duration(seconds: float) -> str:
    """For people: 40 s, 12 min, 3.5 h."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
