"""Back to the first start."""

from __future__ import annotations

from django.utils import timezone

from dianke.config.operations import NotADemo, remove_demo
from dianke.core.actor import SYSTEM
from dianke.stores.models import Merchant


def remove() -> None:
    """Removes the demo with everything in it, as the command does. Raises `NotADemo`."""
    merchant = Merchant.objects.first()
    if merchant is None or not merchant.is_demo:
        raise NotADemo
    remove_demo(name=merchant.name, actor=SYSTEM, now=timezone.now())


def forget_demo() -> None:
    """What the next start would print of the demo's people is gone too."""
    from dianke.config import prepare

    prepare.remember()
