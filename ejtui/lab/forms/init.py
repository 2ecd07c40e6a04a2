"""Process 1 of a host: waits for what ends, and keeps the host's namespaces alive.

When it dies, the kernel ends every process of the host, and mounts and links go with them. The
words it is started with name its owner; the first of them becomes its name when it is ready: from
then on it reads no file, since the host's mounts may hide Python's own.
"""

import contextlib
import os
import signal
import sys

if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    with open("/proc/self/comm", "w") as name:  # noqa: PTH123 - starts quicker without pathlib
        name.write(sys.argv[1])
    while True:
        signal.sigwait({signal.SIGCHLD})
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
