"""Figures later rooms put onto the page of an item (what is on order), and links they put onto the board of alerts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from dianke.catalog.models import Variant
from dianke.core.actor import Actor
from dianke.web.components import Stat

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Figure:
    """`of(variant, actor, now)` answers a figure written out, or None where there is nothing to say."""

    code: str
    permission: str
    of: Callable[[Variant, Actor, datetime], Stat | None]
    order: int = 100


@dataclass(frozen=True, slots=True)
class BoardLink:
    """A way on from the alerts: `url_name` is a page without arguments, such as the purchase plan."""

    code: str
    label: Text
    url_name: str
    permission: str
    icon: str = "arrow-right"


_figures: dict[str, Figure] = {}
_links: dict[str, BoardLink] = {}


def register_figure(figure: Figure) -> None:
    """Adds a figure; the same code again replaces it."""
    _figures[figure.code] = figure


def register_board_link(link: BoardLink) -> None:
    """Adds a link; the same code again replaces it."""
    _links[link.code] = link


def figures_of(variant: Variant, *, actor: Actor, now: datetime) -> list[Stat]:
    """The figures the actor may see, in order."""
    ordered = sorted(_figures.values(), key=lambda figure: (figure.order, figure.code))
    found = [figure.of(variant, actor, now) for figure in ordered if actor.can(figure.permission)]
    return [stat for stat in found if stat is not None]


def board_links(actor: Actor) -> list[BoardLink]:
    """The links the actor may follow."""
    return [link for _code, link in sorted(_links.items()) if actor.can(link.permission)]
