"""The first start: one question a page, then a merchant that can work. Open to whoever sits at this computer, or holds
the token the server printed; closed for good once there is a merchant.

What was answered waits in the anonymous session, so going back finds it. The password is asked for last and goes
straight into its hash: it lies in no session.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access import signing_in
from dianke.access.guards import public
from dianke.access.models import SignIn
from dianke.config import demo, setup_token
from dianke.config.loopback import is_local
from dianke.config.operations import Answers, start_business
from dianke.config.presets import presets
from dianke.config.setup_forms import FORMS, PLACES, guess_place, suggest_store_code, suggest_username
from dianke.core.actor import SYSTEM
from dianke.core.errors import Conflict, InvalidInput, NotAllowed
from dianke.stores.models import Merchant
from dianke.web.components import Fact
from dianke.web.forms import KitForm

STEPS = tuple(FORMS)
ANSWERS = "setup"
TOKEN = "setup_token"  # noqa: S105  the place in the session
LAST = STEPS[-1]


class AlreadySetUp(Conflict):
    code = "already_set_up"
    message = gettext_lazy(
        "This shop has been set up already. Sign in; everything can be changed in the settings."
    )


class SetupElsewhere(NotAllowed):
    code = "setup_elsewhere"
    message = gettext_lazy(
        "The first start is open on the computer that runs Dianke only, or with the link it printed in its "
        "terminal. Open that link, or sit down at that computer."
    )


class DemoElsewhere(NotAllowed):
    code = "demo_elsewhere"
    message = gettext_lazy(
        "The demo has passwords that everybody knows, so it can be loaded and seen on this computer only."
    )


def check_open(request: HttpRequest) -> None:
    """Raises `AlreadySetUp` or `SetupElsewhere` unless the first start may go on for this browser."""
    if Merchant.objects.exists():
        raise AlreadySetUp
    given = request.GET.get("token", "")
    if given and setup_token.fits(given):
        request.session[TOKEN] = given
    if not is_local(request) and not setup_token.fits(request.session.get(TOKEN, "")):
        raise SetupElsewhere


@public("the first start, while there is no merchant: on this computer, or with the printed token")
@never_cache
@require_GET
def setup(request: HttpRequest) -> HttpResponse:
    """Where everything leads while there is no merchant: to the first open question."""
    check_open(request)
    return redirect("setup_step", step=_first_open(request))


@public("the first start, while there is no merchant: on this computer, or with the printed token")
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def setup_step(request: HttpRequest, step: str) -> HttpResponse:
    """One question. The last one starts the business."""
    check_open(request)
    if step not in FORMS or STEPS.index(step) > STEPS.index(_first_open(request)):
        return redirect("setup_step", step=_first_open(request))
    form = _form(request, step)
    if request.method == "POST":
        if "back" in request.POST:
            _keep(request, step, {name: request.POST.get(name, "") for name in form.fields}, is_done=False)
            return redirect("setup_step", step=STEPS[max(0, STEPS.index(step) - 1)])
        if form.is_valid():
            if step != LAST:
                _keep(request, step, form.cleaned_data)
                response = redirect("setup_step", step=STEPS[STEPS.index(step) + 1])
                if step == "language":
                    speak(response, form.cleaned_data["language"])
                return response
            try:
                return _start(request, form.cleaned_data)
            except (InvalidInput, Conflict) as error:
                form.add_domain_error(error)
    return render(
        request,
        "config/setup/step.html",
        _context(request, step, form),
        status=422 if form.errors else 200,
    )


def _start(request: HttpRequest, account: dict[str, Any]) -> HttpResponse:
    answers = _answers(request)
    now = request.now  # type: ignore[attr-defined]
    started = start_business(
        answers=Answers(
            merchant=answers["merchant"],
            trade=answers["trade"],
            language=answers["language"],
            currency=answers["currency"],
            time_zone=answers["time_zone"],
            store=answers["store"],
            store_code=answers["store_code"],
            person=account["person"],
            username=account["username"],
            password=account["password"],
        ),
        actor=SYSTEM,
        now=now,
    )
    setup_token.use_up()
    request.session.pop(ANSWERS, None)
    request.session.pop(TOKEN, None)
    # The person who just chose the password is signed in; a second factor is asked for at the next sign-in.
    to = signing_in.finish(request, started.user, method=SignIn.Method.PASSWORD)
    return HttpResponseRedirect(to)


def speak(response: HttpResponse, language: str) -> None:
    """The pages that follow are in the language just chosen."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        samesite="Lax",
        secure=settings.DIANKE_TLS,
    )


@public("suggests a sign-in name and a store code while there is no merchant; keeps nothing")
@never_cache
@require_GET
def setup_suggest(request: HttpRequest) -> JsonResponse:
    """{"text": …} for `person` or `store`."""
    check_open(request)
    if "store" in request.GET:
        return JsonResponse({"text": suggest_store_code(request.GET["store"][:60])})
    return JsonResponse({"text": suggest_username(request.GET.get("person", "")[:80])})


@public("loads the demo while there is no merchant: on this computer only")
@never_cache
@require_POST
def setup_demo(request: HttpRequest) -> StreamingHttpResponse:
    """Loads the demo merchant and says, line by line, how far it is."""
    check_open(request)
    if not is_local(request):
        raise DemoElsewhere
    request.session.pop(ANSWERS, None)
    page = render_to_string("config/setup/demo.html", {}, request)
    head, _mark, foot = page.partition("<!-- progress -->")
    response = StreamingHttpResponse(_progress(head, foot, request.now))  # type: ignore[attr-defined]
    response["X-Accel-Buffering"] = "no"
    response["Content-Encoding"] = "identity"  # compressing would hold the lines back until the end
    return response


def _progress(head: str, foot: str, now: Any) -> Iterator[str]:
    yield head
    try:
        for stage in demo.stages(now=now):
            yield format_html("<li>{}</li>\n", stage)
    except Conflict as error:
        yield format_html('<li class="t-danger">{}</li>', str(error))
    else:
        yield '<li><a class="btn btn-primary btn-wide" href="/sign-in/" data-autofocus>'
        yield format_html("{}</a></li>", _("Look around"))
        yield '<meta http-equiv="refresh" content="1; url=/sign-in/">'
    yield foot


# --- what was answered ---------------------------------------------------------------------------------------------
def _stored(request: HttpRequest) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = request.session.get(ANSWERS, {})
    return found


def _keep(request: HttpRequest, step: str, values: dict[str, Any], *, is_done: bool = True) -> None:
    values = {name: value for name, value in values.items() if name != "password"}
    done_before = bool(_stored(request).get(step, {}).get("done"))
    request.session[ANSWERS] = _stored(request) | {step: {"values": values, "done": is_done or done_before}}


def _answers(request: HttpRequest) -> dict[str, Any]:
    """All answers in one."""
    return {name: value for step in _stored(request).values() for name, value in step["values"].items()}


def _first_open(request: HttpRequest) -> str:
    stored = _stored(request)
    return next((step for step in STEPS if not stored.get(step, {}).get("done")), LAST)


def _form(request: HttpRequest, step: str) -> KitForm:
    form_class = FORMS[step]
    if request.method == "POST" and "back" not in request.POST:
        return form_class(request.POST)
    answers = _answers(request)
    guesses = {
        "language": request.LANGUAGE_CODE,  # type: ignore[attr-defined]
        "place": guess_place(request.headers.get("Accept-Language", "")),
        "store": answers.get("merchant", ""),
    }
    return form_class(initial=guesses | _stored(request).get(step, {}).get("values", {}))


def _context(request: HttpRequest, step: str, form: KitForm) -> dict[str, Any]:
    number = STEPS.index(step) + 1
    return {
        "form": form,
        "step": step,
        "number": number,
        "count": len(STEPS),
        "is_first": number == 1,
        "is_last": step == LAST,
        "trades": [
            {"preset": preset, "is_chosen": str(form["trade"].value()) == preset.trade}
            for preset in presets().values()
        ]
        if step == "trade"
        else [],
        "places": [
            {"code": code, "name": row[0], "note": row[1], "is_chosen": form["place"].value() == code}
            for code, row in PLACES.items()
        ]
        if step == "place"
        else [],
        "summary": _summary(request) if step == LAST else [],
        "may_see_demo": step == STEPS[0] and is_local(request),
    }


def _summary(request: HttpRequest) -> list[Fact]:
    answers = _answers(request)
    preset = presets()[answers["trade"]]
    place = str(PLACES[answers["place"]][1])
    if answers["place"] == "OTHER":
        place = f"{answers['currency']} · {answers['time_zone']}"

    def url(step: str) -> str:
        return reverse("setup_step", kwargs={"step": step})

    return [
        Fact(_("Business"), answers["merchant"], url("name")),
        Fact(_("Trade"), str(preset.label), url("trade")),
        Fact(_("Language"), dict(settings.LANGUAGES)[answers["language"]], url("language")),
        Fact(_("Currency and time"), place, url("place")),
        Fact(_("First store"), f"{answers['store']}（{answers['store_code']}）", url("store")),
    ]
