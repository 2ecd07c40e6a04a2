"""Moments as people read them: local time with its zone, and how long something took."""

from __future__ import annotations

from datetime import UTC, datetime


def date_and_time(moment: datetime | None) -> str:
    """Date, time to the second and zone here; "at an unknown moment" where there is none."""
    if moment is None:
        return "at an unknown moment"
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")


def short(moment: datetime | None) -> str:
    """Date and time to the second here, without the zone, for columns under a heading with it."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S") if moment else "-"


def local_minute(moment: str) -> str:
    """Date and time to the minute here, of a moment in ISO's form; "" where it is none."""
    try:
        return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return ""


def local_second(moment: str) -> str:
    """Date and time to the second here, of a moment in ISO's form; "" where it is none."""
    try:
        return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return ""


def zone() -> str:
    """The name of the zone here."""
    return datetime.now().astimezone().strftime("%Z")


def stamp_of(moment: datetime | None) -> str:
    """The moment as it stands in the names of backups and recordings (UTC)."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ") if moment else "undated"


def lasted(began: datetime | None, ended: datetime | None, waited: float = 0.0) -> str:
    """How long it took, less the seconds `waited`; "" where that is not known."""
    if began is None or ended is None or ended < began:
        return ""
    return spell(max(0.0, (ended - began).total_seconds() - waited))


def spell(duration: float) -> str:
    """So many seconds for people: "12 s", "3 min 05 s", "2 h 10 min"."""
    seconds = round(duration)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02d} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"
