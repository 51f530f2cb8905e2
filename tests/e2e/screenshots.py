"""`bin/screenshots`: serves the demo and photographs every page of the owner's navigation, and the sign-in."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from dianke.core.testing import throwaway_cluster
from tests.e2e.browser import COMPUTER, PHONE, ROOT, TABLET, launch, visitor

WIDTHS = {"390": PHONE, "820": TABLET, "1440": COMPUTER}
README = {"today": "/", "stores": "/stores/", "tasks": "/tasks/", "calendar": "/calendar/"}


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
        from tests.e2e.conftest import DEMO_PASSWORD, demo_users, new_database, serve, stop

        process, url = serve(Path(home), new_database("shots"))
        try:
            with sync_playwright() as playwright:
                browser = launch(playwright)
                user = demo_users()[options.role]
                for dark in (False, True):
                    with visitor(browser, url, COMPUTER, dark=dark) as who:
                        theme = "dark" if dark else "light"
                        pages = ["/sign-in/"]
                        for name, size in WIDTHS.items():
                            who.page.set_viewport_size({"width": size[0], "height": size[1]})
                            who.go("/sign-in/")
                            _shoot(who, folder, "sign-in", name, theme)
                        who.page.set_viewport_size({"width": COMPUTER[0], "height": COMPUTER[1]})
                        who.sign_in(user, DEMO_PASSWORD)
                        if options.readme:
                            for name, path in README.items():
                                who.go(path)
                                who.page.screenshot(path=ROOT / "docs" / "images" / f"{name}-{theme}.png")
                            who.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
                            who.go("/")
                            who.page.screenshot(path=ROOT / "docs" / "images" / f"phone-{theme}.png")
                            continue
                        from tests.e2e.test_every_screen import pages_of

                        pages = pages_of(who)
                        for name, size in WIDTHS.items():
                            who.page.set_viewport_size({"width": size[0], "height": size[1]})
                            for path in pages:
                                who.go(path)
                                _shoot(who, folder, path.strip("/").replace("/", "-") or "today", name, theme)
                browser.close()
        finally:
            stop(process)
    sys.stdout.write(f"{folder}\n")
    return 0


def _shoot(who: object, folder: Path, name: str, width: str, theme: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    who.page.screenshot(path=folder / f"{name}-{width}-{theme}.png", full_page=True)  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
