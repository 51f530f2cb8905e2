"""`bin/screenshots`: serves the demo and photographs every page of the owner's navigation, and the sign-in."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Browser, sync_playwright

from dianke.core.testing import throwaway_cluster
from tests.e2e.browser import COMPUTER, PHONE, TABLET, launch, visitor

if TYPE_CHECKING:
    from tests.e2e.conftest import Site

WIDTHS = {"390": PHONE, "820": TABLET, "1440": COMPUTER}


def main() -> int:
    """Returns 0 when every page was photographed."""
    parser = argparse.ArgumentParser(prog="bin/screenshots", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument(
        "--readme", action="store_true", help="only the pictures of README.md, into docs/images"
    )
    parser.add_argument("--role", default="OWNER")
    options = parser.parse_args()
    folder: Path = options.folder or Path(tempfile.mkdtemp(prefix="dianke-shots-"))
    with throwaway_cluster() as cluster, tempfile.TemporaryDirectory() as home:
        os.environ["DIANKE_TEST_CLUSTER"] = cluster
        Path(home).chmod(0o755)
        from tests.e2e.conftest import Site, demo_users, new_database, serve, stop

        database = new_database("shots")
        process, url = serve(Path(home), database)
        try:
            with sync_playwright() as playwright:
                browser = launch(playwright)
                if options.readme:
                    folder = _front_page(Site(url, Path(home), database, demo_users()), browser)
                else:
                    _every_page(url, browser, demo_users()[options.role], folder)
                browser.close()
        finally:
            stop(process)
    sys.stdout.write(f"{folder}\n")
    return 0


def _front_page(site: Site, browser: Browser) -> Path:
    os.environ |= {"DJANGO_SETTINGS_MODULE": "dianke.config.settings", "DIANKE_TEST": "1"}
    import django

    django.setup()
    from tests.e2e import front_page

    front_page.take(site, browser)
    return front_page.IMAGES


def _every_page(url: str, browser: Browser, user: str, folder: Path) -> None:
    from tests.e2e.conftest import DEMO_PASSWORD
    from tests.e2e.test_every_screen import pages_of

    for dark in (False, True):
        with visitor(browser, url, COMPUTER, dark=dark) as who:
            theme = "dark" if dark else "light"
            for name, size in WIDTHS.items():
                who.page.set_viewport_size({"width": size[0], "height": size[1]})
                who.go("/sign-in/")
                _shoot(who, folder, "sign-in", name, theme)
            who.page.set_viewport_size({"width": COMPUTER[0], "height": COMPUTER[1]})
            who.sign_in(user, DEMO_PASSWORD)
            pages = pages_of(who)
            for name, size in WIDTHS.items():
                who.page.set_viewport_size({"width": size[0], "height": size[1]})
                for path in pages:
                    who.go(path)
                    _shoot(who, folder, path.strip("/").replace("/", "-") or "today", name, theme)


def _shoot(who: object, folder: Path, name: str, width: str, theme: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    who.page.screenshot(path=folder / f"{name}-{width}-{theme}.png", full_page=True)  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
