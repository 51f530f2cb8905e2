"""Pages over the real past of a web shop (`dianke demo online-retail`): one of every kind, in three widths. Left out where
the file is not (set DIANKE_ONLINE_RETAIL to the file or its folder). The first lines of the file do here: that the whole
of it comes in to the penny is shown by dianke/config/tests/test_online_retail.py."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice

import pytest
from playwright.sync_api import Browser

from dianke.config.demo.online_retail import FileMissing, file_of
from tests.e2e.browser import COMPUTER
from tests.e2e.conftest import Site, demo_users, new_database, serve, served_environment, stop
from tests.e2e.test_every_screen import pages_of
from tests.e2e.walk import look_behind

pytestmark = pytest.mark.e2e

#: Of 320,705: five months, enough for cohorts and what customers are worth.
LINES = 160_000

#: Where what was bought, by whom, and what follows from it is shown.
SHOWS_THE_PAST = [
    "/customers/",
    "/goods/",
    "/orders/",
    "/segments/",
    "/insight/boards/",
    "/insight/boards/?board=customers",
    "/insight/customers/",
    "/insight/recommendations/",
    "/insight/reports/new/",
]


@pytest.fixture(scope="module")
def real_site(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Site]:
    """The real merchant with its nine months and what was worked out of them, served."""
    try:
        file = file_of()
    except FileMissing as missing:
        pytest.skip(str(missing))
    home = tmp_path_factory.mktemp("real")
    home.chmod(0o755)
    database = new_database(f"e2e_real_{worker_id}")
    part = home / "first.csv"
    with gzip.open(file, "rb") as whole, part.open("wb") as out:
        out.writelines(islice(whole, LINES))
    for command in (["migrate"], ["demo", "online-retail", "--file", str(part)], ["insight", "refresh"]):
        subprocess.run(
            [sys.executable, "-m", "dianke.config.cli", *command, "--data", str(home)],
            env=served_environment(home, database),
            check=True,
            capture_output=True,
            timeout=900,
        )
    process, url = serve(home, database, "--no-demo")
    try:
        yield Site(url, home, database, demo_users())
    finally:
        stop(process)


def test_every_kind_of_page_holds_the_real_past(real_site: Site, chromium: Browser) -> None:
    with real_site.enter(chromium, "OWNER", COMPUTER) as who:
        seen = look_behind(who, [*SHOWS_THE_PAST, *pages_of(who)])
        assert set(SHOWS_THE_PAST) <= set(seen)
