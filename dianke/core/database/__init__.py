"""The database: an embedded PostgreSQL 18 that Dianke makes, starts and stops, or any server in
`DATABASE_URL`.

`Cluster` is the embedded one, `django_database` and `check_server` speak of any. `default_database` is what
the settings use when `DATABASE_URL` is unset; it only computes an address and starts nothing.
"""

from dianke.core.database.addresses import (
    OLDEST_SERVER,
    check_server,
    default_database,
    django_database,
    require_version,
    socket_url,
    tcp_url,
)
from dianke.core.database.cluster import Cluster
from dianke.core.database.errors import (
    BadDatabaseUrl,
    DatabaseMissing,
    DatabaseUnavailable,
    DataDirectoryClosed,
    DataDirectoryNotAccessible,
    DataFromAnotherVersion,
    DiskFull,
    NotReachable,
    PortInUse,
    ServerTooOld,
    SocketInUse,
    SystemUserMissing,
    TooManyConnections,
    WrongPassword,
    explain_failure,
)
from dianke.core.database.places import data_home
from dianke.core.database.processes import free_port

__all__ = [
    "OLDEST_SERVER",
    "BadDatabaseUrl",
    "Cluster",
    "DataDirectoryClosed",
    "DataDirectoryNotAccessible",
    "DataFromAnotherVersion",
    "DatabaseMissing",
    "DatabaseUnavailable",
    "DiskFull",
    "NotReachable",
    "PortInUse",
    "ServerTooOld",
    "SocketInUse",
    "SystemUserMissing",
    "TooManyConnections",
    "WrongPassword",
    "check_server",
    "data_home",
    "default_database",
    "django_database",
    "explain_failure",
    "free_port",
    "require_version",
    "socket_url",
    "tcp_url",
]
