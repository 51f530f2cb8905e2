"""What makes the site an app on a phone's home screen: manifest, service worker, and the page shown without network.

The service worker keeps nothing but that one page and the static files it needs; personal data is never stored.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

import dianke
from dianke.access.guards import public

STYLES = ("tokens", "base", "frame", "controls", "components")


@require_safe
@public("browsers fetch the manifest without the session")
def manifest(request: HttpRequest) -> HttpResponse:
    response = JsonResponse(
        {
            "name": _("Dianke"),
            "short_name": _("Dianke"),
            "description": _("Customers, sales and care of your shop"),
            "lang": get_language(),
            "id": "/",
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#f6f5f2",
            "theme_color": "#0f766e",
            "icons": [
                {
                    "src": static("web/img/mark.svg"),
                    "sizes": "any",
                    "type": "image/svg+xml",
                    "purpose": "any",
                },
                {
                    "src": static("web/img/icon-192.png"),
                    "sizes": "192x192",
                    "type": "image/png",
                    "purpose": "any",
                },
                {
                    "src": static("web/img/icon-512.png"),
                    "sizes": "512x512",
                    "type": "image/png",
                    "purpose": "any",
                },
                {
                    "src": static("web/img/maskable-512.png"),
                    "sizes": "512x512",
                    "type": "image/png",
                    "purpose": "maskable",
                },
            ],
        },
        json_dumps_params={"ensure_ascii": False},
    )
    response["Content-Type"] = "application/manifest+json"
    return response


@require_safe
@public("browsers fetch service workers without asking")
def service_worker(request: HttpRequest) -> HttpResponse:
    files = [
        reverse("offline"),
        static("vendor/tabler.css"),
        static("web/js/boot.js"),
        static("web/img/favicon.svg"),
    ]
    files += [static(f"web/css/{name}.css") for name in STYLES]
    response = render(
        request,
        "web/service_worker.js",
        {"version": dianke.__version__, "files": files, "offline": reverse("offline")},
        content_type="text/javascript; charset=utf-8",
    )
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
@public("shown when the network is down")
def offline(request: HttpRequest) -> HttpResponse:
    return render(request, "web/offline.html")
