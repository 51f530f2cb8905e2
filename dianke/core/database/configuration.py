"""How the embedded PostgreSQL is set: what goes into its configuration, sign-in and user-name files.

Written anew before every start, so that a new release or more memory takes effect; a shop's own wishes go
into `local.conf` beside the data files, which is read last.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Literal

import psutil

Profile = Literal["durable", "throwaway"]
ADMINISTRATOR = "postgres"
OWNER = "dianke"
_MB = 1024 * 1024


def server_settings(
    *,
    profile: Profile,
    memory_bytes: int,
    shared_memory_bytes: int,
    free_disk_bytes: int,
    socket_dir: Path,
    port: int,
    listen: bool,
) -> dict[str, str]:
    """The server's settings for a computer with `memory_bytes` of memory, of which it takes a small part.

    The shop computer also runs a browser and the till, so shared buffers are an eighth of the memory (pages are
    taken only as they are touched: a million customers fill 2 GB, a small shop nothing near) and what a query
    may use is small. `shared_memory_bytes` is the size
    of /dev/shm, tiny in containers, where parallel queries would fail. Of `free_disk_bytes` a tenth may hold the log
    of a large import: the first change of a page after each checkpoint writes the whole page there, and an import
    touches pages of its indexes all over, so a checkpoint every few seconds would double what it writes. A small shop
    never gets near, and what was taken is given back.
    """

    def share(part: int, least: int, most: int) -> str:
        return f"{min(max(memory_bytes // part // _MB, least), most)}MB"

    settings = {
        "listen_addresses": "127.0.0.1" if listen else "",
        "port": str(port),
        "unix_socket_directories": str(socket_dir),
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": share(8, 64, 4096),
        "effective_cache_size": share(2, 256, 64 * 1024),
        "max_logical_replication_workers": "0",
        "work_mem": share(1024, 4, 32),
        "maintenance_work_mem": share(32, 32, 256),
        "io_method": "sync",  # no extra processes: three idle ones cost more than they bring here
        "dynamic_shared_memory_type": "posix" if shared_memory_bytes >= 256 * _MB else "mmap",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",  # start-up messages are recognised by their words
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "60s",
        "password_encryption": "scram-sha-256",
        # Statements carry names and phone numbers: they stay out of the log, and so do the details of an
        # error.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_parameter_max_length": "0",
        "log_checkpoints": "off",
    }
    if profile == "throwaway":
        return settings | {
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "shared_buffers": "128MB",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "max_wal_size": "512MB",
            "checkpoint_timeout": "1h",
            "autovacuum_naptime": "5min",
            # In the data directory, which lies in memory anyway: a server killed and thrown away leaves nothing.
            "dynamic_shared_memory_type": "mmap",
        }
    return settings | {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "wal_level": "replica",
        "min_wal_size": "80MB",
        "max_wal_size": f"{min(max(free_disk_bytes // 10 // _MB, 1024), 6 * 1024)}MB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        "autovacuum_naptime": "30s",
        "logging_collector": "on",
        "log_directory": "../log",
        "log_filename": "postgres-%a.log",
        "log_rotation_age": "1d",
        "log_truncate_on_rotation": "on",
    }


def write_configuration(
    data: Path, *, profile: Profile, socket_dir: Path, port: int, listen: bool, system_users: set[str]
) -> None:
    """Writes the three files into the data directory `data`; `system_users` are who may sign in by the
    socket.
    """
    shared_memory = shutil.disk_usage("/dev/shm").total if Path("/dev/shm").exists() else 0  # noqa: S108
    settings = server_settings(
        profile=profile,
        memory_bytes=psutil.virtual_memory().total,
        shared_memory_bytes=shared_memory,
        free_disk_bytes=shutil.disk_usage(data).free,
        socket_dir=socket_dir,
        port=port,
        listen=listen,
    )
    quoted = ("{} = '{}'\n".format(name, value.replace("'", "''")) for name, value in settings.items())
    head = "# Written at every start. Put your own settings into local.conf.\n"
    _write(data / "dianke.conf", head + "".join(quoted))
    _write(data / "postgresql.conf", "include 'dianke.conf'\ninclude_if_exists 'local.conf'\n")
    # `peer` asks the kernel who is at the other end of the socket, so even if the 0700 directory around it is
    # opened by mistake only the shop's own users get in; there is no password that could leak. `trust` would
    # rest on the directory alone. Over TCP, which is off unless asked for, SCRAM.
    _write(
        data / "pg_hba.conf",
        "local all all peer map=dianke\n"
        "local replication all peer map=dianke\n"
        "host all all 127.0.0.1/32 scram-sha-256\n",
    )
    names = (ADMINISTRATOR, OWNER)
    _write(
        data / "pg_ident.conf",
        "".join(f'dianke "{user}" {name}\n' for user in sorted(system_users) for name in names),
    )


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
