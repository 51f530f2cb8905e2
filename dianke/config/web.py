"""The web process of `dianke run`: granian serving the WSGI application, gone when its supervisor is.

Started as `python -m dianke.config.web HOST PORT PROCESSES THREADS`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading


def stop_with_parent() -> None:
    """Ends this process when standard input closes, which is when the supervisor died, however it died."""

    def wait() -> None:
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="stop-with-parent", daemon=True).start()


def main() -> None:
    """Serves until told to stop."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    host, port, processes, threads = sys.argv[1:5]
    stop_with_parent()
    Granian(
        "dianke.config.wsgi:application",
        address=host,
        port=int(port),
        interface=Interfaces.WSGI,
        websockets=False,
        workers=int(processes),
        blocking_threads=int(threads),
        # A thread that ends takes its database connection with it: keep both while the shop is quiet.
        blocking_threads_idle_timeout=600,
        respawn_failed_workers=True,
        workers_kill_timeout=15,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    main()
