"""Process 1 of a host: waits for what ends, and keeps the host's namespaces alive.

When it dies, the kernel ends every process of the host, and mounts and links go with them. It is
started as `python -I -S init.py …`; the words after it only say whose it is.
"""

import contextlib
import os
import signal

if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    while True:
        signal.sigwait({signal.SIGCHLD})
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
