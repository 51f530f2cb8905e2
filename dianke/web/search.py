"""Global search: the frame asks every room's provider and shows the answers in groups.

`/` or Ctrl-K opens it on every page. The kit's own provider finds pages and commands, by Chinese, English, full
pinyin or initials ("kh" finds 客户).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dianke.core import names
from dianke.core.actor import Actor
from dianke.web import navigation

Text = str | Promise

#: Shown per provider; who needs more opens the list itself.
LIMIT = 6


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of the results. `note` stands below the label, `kind` at its end ("Page", "VIP"). `makes`: nothing that
    was found, but a way to make it."""

    label: Text
    url: str
    icon: str = "arrow-right"
    note: Text = ""
    kind: Text = ""
    makes: bool = False


@dataclass(frozen=True, slots=True)
class SearchProvider:
    """`search(actor, query, limit)` returns at most `limit` hits among the rows visible to the actor. `more` builds
    the address of the full list for a query, when there is one."""

    code: str
    label: Text
    permission: str
    search: Callable[[Actor, str, int], Sequence[Hit]]
    order: int = 100
    more: Callable[[str], str] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The answers of one provider."""

    provider: SearchProvider
    hits: Sequence[Hit]
    more_url: str = ""


class ProviderTaken(Exception):
    """Two different providers use one code."""


_providers: dict[str, SearchProvider] = {}


def register(provider: SearchProvider) -> None:
    """Adds a provider. Registering it again does nothing; another under its code is a mistake."""
    if _providers.setdefault(provider.code, provider) != provider:
        raise ProviderTaken(f"Search provider {provider.code} is registered twice.")


def find(actor: Actor, query: str, *, limit: int = LIMIT) -> list[Group]:
    """Groups with at least one hit, in the providers' order. An empty query finds pages only: where one may go."""
    query = " ".join(query.split())[:100]
    groups = []
    for provider in sorted(_providers.values(), key=lambda provider: (provider.order, provider.code)):
        if not actor.can(provider.permission) or (not query and provider is not PAGES):
            continue
        hits = list(provider.search(actor, query, limit))[:limit]
        if hits:
            has_list = provider.more and query and not all(hit.makes for hit in hits)
            groups.append(Group(provider, hits, provider.more(query) if has_list and provider.more else ""))
    return groups


def _rank(query: str, label: str, words: str) -> int | None:
    """How well a page answers: 0 best; None not at all."""
    typed, plain = names.fold(query), names.fold(label)
    if not typed:
        return None
    readings = names.pinyin_tokens(label)
    if plain.startswith(typed) or typed in readings.initials:
        return 0
    if any(spelling.startswith(typed) for spelling in readings.full + readings.initials):
        return 1
    if names.matches(query, label):
        return 2
    return 3 if any(names.matches(query, word) for word in words.split()) else None


def _pages(actor: Actor, query: str, limit: int) -> list[Hit]:
    ranked = []
    for position, (page, url) in enumerate(navigation.pages_for(actor)):
        rank = _rank(query, str(page.label), str(page.words)) if query else int(page.is_command)
        if rank is not None:
            place = navigation.SIGNS[page.place].label
            kind = _("Command") if page.is_command else ("" if str(place) == str(page.label) else place)
            ranked.append(((rank, position), Hit(page.label, url, icon=page.icon, kind=kind)))
    return [hit for _key, hit in sorted(ranked, key=lambda pair: pair[0])][:limit]


PAGES = SearchProvider(
    code="web.pages",
    label=_("Pages and commands"),
    permission="web.use_pages",
    search=_pages,
    order=10,
)
