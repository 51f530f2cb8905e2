"""Before there is a merchant everything leads to the first start; while there are demo people nobody outside this
computer is served."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dianke.api.problems import of_domain_error
from dianke.config.loopback import is_local
from dianke.config.modules import MODULES, modules_on
from dianke.core.errors import NotFound
from dianke.stores.models import Merchant
from dianke.web.error_pages import error_page

#: What works before the first start: the wizard, what its pages load, and the API, which answers for itself.
OPEN_PATHS = (
    "/setup/",
    "/static/",
    "/language/",
    "/theme/",
    "/manifest.webmanifest",
    "/service-worker.js",
    "/offline/",
    "/api/",
)
CLEAR_SECONDS = 30

Handler = Callable[[HttpRequest], HttpResponse]


class ModuleOff(NotFound):
    code = "module_off"
    message = gettext_lazy(
        "“%(module)s” is switched off here. An administrator can switch it on under Settings, Modules."
    )


class FirstStartMiddleware:
    """Asks the database only for visitors who are not signed in: whoever is has a merchant. Off in the tests of the
    rooms below (`settings.DIANKE_FIRST_START`), which have no merchant."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            settings.DIANKE_FIRST_START
            and not request.path.startswith(OPEN_PATHS)
            and SESSION_KEY not in request.session
            and not Merchant.objects.exists()
        ):
            return redirect("setup")
        return self.get_response(request)


class DemoStaysHomeMiddleware:
    """The second lock behind `dianke run`, which already refuses to serve a demo to others: a demo loaded while the
    server runs, or a server started another way, is found here. Requests of this computer cost nothing."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self._clear_until = 0.0

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_local(request) and self._has_demo_people():
            text = _(
                "The demo merchant has passwords that everybody knows, so it is served on its own computer only. "
                "Remove it there (Settings, or dianke demo --remove) before you open the shop to others."
            )
            return error_page(request, 403, title=_("Demo: on its own computer only"), text=text)
        return self.get_response(request)

    def _has_demo_people(self) -> bool:
        """Looked up at most every half minute while there are none."""
        from dianke.config.demo import demo_people_exist

        if time.monotonic() < self._clear_until:
            return False
        if demo_people_exist():
            return True
        self._clear_until = time.monotonic() + CLEAR_SECONDS
        return False


class ModuleMiddleware:
    """Addresses of a module that is switched off answer 404 with the reason. Others cost no query."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for module in MODULES.values():
            if module.has(request.path):
                if module.code not in modules_on(request.actor.store_id):  # type: ignore[attr-defined]
                    error = ModuleOff(module=module.label)
                    if request.path.startswith("/api/"):
                        return of_domain_error(request, error)
                    return error_page(request, error.status, text=str(error))
                break
        return self.get_response(request)
