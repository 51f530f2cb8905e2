"""The till: one page that works without the server, and the service worker that keeps it.

The page is a shell with the modules of the till and what they have to know to begin. The service worker keeps shell and
modules of one version; a new one is taken only when no sale is unsent (`static/sales/till/sw.js`).
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

import dianke
from dianke.access.devices import device_of, people_of
from dianke.access.guards import public, requires
from dianke.access.requests import Request
from dianke.sales.queries.offline import state_of
from dianke.sales.views.till_person import can_of
from dianke.sales.views.till_texts import texts
from dianke.stores.models import Register, Store

SELL = "sales.sell"
#: Everything the till loads: folders of static files, and single files.
FOLDERS = ("sales/till", "sales/pricing", "vendor/till")
STYLES = ("tokens", "base", "frame", "controls", "components")
FILES = (
    *(f"web/css/{name}.css" for name in STYLES),
    "vendor/tabler.css",
    "vendor/icons.svg",
    "web/js/boot.js",
    "web/js/texts.js",
    "web/img/favicon.svg",
    "web/img/icon-180.png",
    "sales/receipt.css",
)
SUFFIXES = {".js", ".css", ".svg", ".png"}


def _texts() -> dict[str, str]:
    """Sentences of the machine by their codes; `say` in machine/till.js puts in the values."""
    return {
        "needs_line": _("This needs the server, and the line is down. Try again when it is back."),
        "no_register": _("No register is chosen. Choose the one you stand at."),
        "no_shift": _("No shift runs at this register. Open one first."),
        "no_till": _(
            "This browser is not set up as a till, so it cannot sell without the server. Set it up under Shared tills."
        ),
        "no_limits": _(
            "This till has no limits for selling offline yet. It gets them as soon as the line is back."
        ),
        "too_long": _(
            "The line has been down for more than %(hours)s hours. Selling goes on when it is back."
        ),
        "prepaid": _("Top-ups and cards need the server. Sell them when the line is back."),
        "sessions": _(
            "Sessions of a card can only be used with the server. Try again when the line is back."
        ),
        "hand_prices": _("You may not change prices. Take the change back, or let a manager take over."),
        "tender": _("“%(tender)s” is not in use. Choose another kind of payment."),
        "channel": _("“%(tender)s” is confirmed by its channel, which needs the line. Take another payment."),
        "on_account": _("“%(tender)s” is not possible offline. Take another payment."),
        "sale_amount": _(
            "Offline one sale may be ¥%(allowed)s at most. Make it smaller, or wait for the line."
        ),
        "sale_count": _("This till has made all of its %(allowed)s offline sales. Wait for the line."),
        "total_amount": _(
            "Offline this till may still sell for ¥%(left)s. Make it smaller, or wait for the line."
        ),
        "points_count": _("Offline %(left)s points can still be used. Use fewer, or none."),
        "coupon_count": _("Offline %(left)s coupons can still be used. Take them out, or wait for the line."),
        "wallet_amount": _("Offline ¥%(left)s of stored value can still be used. Take another payment."),
        "unconfirmed": _("Sold. The line broke before the server answered; it is asked again by itself."),
        "signed_out": _("You are signed out. Unsent sales are kept and sent when somebody signs in."),
        "clock": _("The clock of this device is off by %(minutes)s minutes. Set it right."),
        "file_not_ours": _("This is no file of unsent sales. Choose the one that was saved at the till."),
        "file_password": _("The password does not open this file. Type it again."),
        "file_store": _("These sales are of “%(store)s”. Open the till of that store."),
    }


def _chosen_store(request: Request, stores: list[Store], device_store: int | None) -> Store | None:
    """Asked for, that of the till, the one worked in, else the first."""
    asked = request.GET.get("store", "")
    wanted = [int(asked) if asked.isdecimal() else None, device_store, request.actor.store_id]
    by_id = {store.pk: store for store in stores}
    return next((by_id[pk] for pk in wanted if pk in by_id), stores[0] if stores else None)


def boot_of(http: Request) -> dict[str, Any] | None:
    """What the page hands to its modules; None when there is no store to sell in. Some eight statements."""
    device = device_of(http)
    stores = list(Store.objects.visible_to(http.actor, SELL).still_open().order_by("code"))
    store = _chosen_store(http, stores, device.store_id if device else None)
    if store is None:
        return None
    is_tills = device is not None and device.store_id in (None, store.pk)
    registers = Register.objects.filter(store=store, is_active=True).order_by("code")
    return {
        "version": version_of(),
        "language": get_language() or "zh-hans",
        "api": "/api/v1",
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "urls": {
            "self": reverse("sales:till"),
            "sw": reverse("sales:till-worker"),
            "sign_in": reverse("sign_in"),
            "sign_out": reverse("sign_out"),
            "people": reverse("till"),
            "lock": reverse("till_lock"),
            "tills": reverse("devices"),
        },
        "person": {"id": http.actor.user_id, "name": http.actor.name},
        "store": {
            "id": store.pk,
            "name": store.short_name,
            "currency": store.currency,
            "time_zone": store.time_zone,
            "closing_hour": store.closing_hour,
        },
        "stores": [{"id": each.pk, "name": each.short_name} for each in stores],
        "registers": [{"id": each.pk, "name": each.name} for each in registers],
        "device": {"id": device.pk, "name": device.name, "next_number": state_of(device.pk).next_number}
        if device is not None and is_tills
        else None,
        "can": can_of(http.actor, store.pk),
        "takers": [{"id": user.pk, "name": user.name} for user in people_of(device, now=http.now)]
        if device
        else [],
        "texts": _texts(),
    }


@never_cache
@require_safe
@requires(SELL)
def till(request: Request) -> HttpResponse:
    """The page. Its markup is the screen's; `boot` is what `openTill` takes."""
    boot = boot_of(request)
    response = render(request, "sales/till/till.html", {"boot": boot, "texts": texts(), "title": _("Till")})
    if boot is not None:
        response["X-Till-Version"] = boot["version"]
    # Ask for the cookie the modules read the token from.
    request.META["CSRF_COOKIE_NEEDS_UPDATE"] = True
    return response


@require_safe
@public("browsers fetch service workers without asking; it holds addresses of static files only")
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker with the files of this version."""
    begin = {
        "version": version_of(),
        "page": reverse("sales:till"),
        "files": [static(name) for name in sorted(contents_of())],
        "photos": "/goods/photos/",
    }
    script = f"const TILL = {json.dumps(begin)};\n{_text('sales/till/sw.js')}"
    response = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = reverse("sales:till")
    response["Cache-Control"] = "no-cache"
    return response


def contents_of() -> dict[str, Path]:
    """Every file the till loads, by its static name."""
    found: dict[str, Path] = {}
    for folder in FOLDERS:
        for place in _places(folder):
            for path in place.rglob("*"):
                if path.suffix in SUFFIXES and path.name != "sw.js":
                    found[f"{folder}/{path.relative_to(place).as_posix()}"] = path
    for name in FILES:
        single = finders.find(name)
        if isinstance(single, str):
            found[name] = Path(single)
    return found


def _places(folder: str) -> list[Path]:
    place = finders.find(folder)
    return [Path(place)] if isinstance(place, str) else []


def version_of() -> str:
    """Of what the files hold: another one when any of them changed. Read again only when one was written since."""
    known = contents_of()
    stamps = tuple((name, path.stat().st_mtime_ns, str(path)) for name, path in sorted(known.items()))
    return _version(stamps)


@lru_cache(maxsize=4)
def _version(stamps: tuple[tuple[str, int, str], ...]) -> str:
    whole = hashlib.sha256(dianke.__version__.encode())
    for name, _stamp, path in stamps:
        whole.update(name.encode())
        whole.update(Path(path).read_bytes())
    return whole.hexdigest()[:16]


def _text(name: str) -> str:
    path = finders.find(name)
    if not isinstance(path, str):
        raise FileNotFoundError(name)
    return Path(path).read_text(encoding="utf-8")
