"""Ends a lab's hosts when the process that made them is gone, however it went.

Started with that process's id and the lab's mark; its name shows that it watches.
"""

import os
import select
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[3]))
    from ejtui.lab.place import Place
    from tests.lab.systemd.booted import Booted

    maker = os.pidfd_open(int(sys.argv[1]))
    Path("/proc/self/comm").write_text(sys.argv[2])
    select.select([maker], [], [])
    place = Place(Path(sys.argv[3]))
    Booted(place, {}).end()
    place.remove()
