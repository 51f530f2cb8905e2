"""Pages are found by following their links, one of each kind: what a person can open."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from playwright.sync_api import Error

from tests.e2e.browser import COMPUTER, PHONE, TABLET, Visitor

#: Of one kind are addresses that differ in these only.
_KEYS = re.compile(r"(?<=/)(?:[\d-]+|[0-9a-f]{8}-[0-9a-f-]{27})(?=/|$)")
#: The work of machines, files, and the paper of the printer.
_NOT_PAGES = re.compile(
    r"^/(?:api|static|media)/|/(?:file|files|export|print|paper|pdf|receipt|slip)/|\.\w{2,4}$"
)


def kind_of(path: str) -> str:
    return _KEYS.sub("N", path)


def pages_behind(who: Visitor, starts: Iterable[str], look: Callable[[str], None]) -> dict[str, str]:
    """Opens `starts` and, over the links of their contents, one page of each kind behind them, and calls `look` on
    each while it is open. Returns what could not be opened, by address."""
    waits = deque(starts)
    known = {kind_of(path) for path in waits}
    refused: dict[str, str] = {}
    while waits:
        path = waits.popleft()
        try:
            answer = who.page.goto(who.site + path, wait_until="load")
        except Error as error:
            if "Download is starting" not in error.message:
                raise
            continue
        if answer is None or answer.status != 200:
            refused[path] = f"status {answer.status if answer else 'unknown'}"
            continue
        look(path)
        links: list[str] = who.page.eval_on_selector_all(
            "main a[href^='/']", "links => links.filter(a => !a.download).map(a => a.getAttribute('href'))"
        )
        for link in links:
            inner = urlsplit(link).path
            if kind_of(inner) not in known and not _NOT_PAGES.search(inner):
                known.add(kind_of(inner))
                waits.append(link)
    return refused


def look_behind(who: Visitor, starts: Iterable[str], *, but: Collection[str] = ()) -> list[str]:
    """Looks at one page of every kind behind `starts` in three widths, leaving out `but`; fails with all that is wrong.
    Returns the addresses that were opened."""
    found, seen = {}, []

    def look(path: str) -> None:
        seen.append(path)
        if path not in but and (problems := problems_in_three_widths(who)):
            found[path] = problems

    refused = pages_behind(who, starts, look)
    assert not refused
    assert not found, told(found)
    return seen


def told(found: Mapping[str, Sequence[str]]) -> str:
    """Problems by address, as a failing test prints them."""
    return "\n".join(f"{path}\n  " + "\n  ".join(lines) for path, lines in found.items())


def problems_in_three_widths(who: Visitor) -> list[str]:
    """What axe-core finds on the open page, and what sticks out of it on a phone, a tablet and a computer."""
    found = who.barriers()
    for size in (PHONE, TABLET, COMPUTER):
        in_width(who, size)
        found += [f"{size[0]}: {each}" for each in who.overflow()]
    return found


def in_width(who: Visitor, size: tuple[int, int]) -> None:
    """The open page on another device."""
    who.page.set_viewport_size({"width": size[0], "height": size[1]})
