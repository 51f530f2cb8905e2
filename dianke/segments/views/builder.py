"""The builder: sentences that are put together, with who is meant while one types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.models import Brand
from dianke.core.errors import Conflict, InvalidInput, NotAllowed
from dianke.customers.models import Customer
from dianke.sales.models import Order
from dianke.segments import operations
from dianke.segments.forms.draft import Draft, act_on, as_tree, from_post, from_tree
from dianke.segments.models import MANAGE, Segment
from dianke.segments.providers.metrics import categories
from dianke.segments.providers.profile import stores
from dianke.segments.queries import counting
from dianke.segments.queries.compiling import Rules, checked
from dianke.segments.queries.fields import Vocabulary
from dianke.segments.queries.wording import Wording
from dianke.segments.rules.fields import Field, Kind
from dianke.segments.rules.language import ALL, HOWS, MOST_DEPTH, leaves, read
from dianke.segments.rules.starts import STARTS
from dianke.segments.rules.values import FieldUnknown, ValueMissing
from dianke.segments.rules.wording import GOODS_LABELS, HOW_LABELS, MEASURE_LABELS, OPERATOR_LABELS
from dianke.web.components import Crumb
from dianke.web.responses import done

FORM = ["GET", "POST"]


def crumbs(segment: Segment | None = None) -> list[Crumb]:
    """The way here."""
    way = [Crumb(pgettext("place", "Segments"), reverse("segments:segments"))]
    return (
        way
        if segment is None
        else [*way, Crumb(segment.name, reverse("segments:segment", args=[segment.pk]))]
    )


@require_http_methods(FORM)
@requires(MANAGE)
def new(request: Request) -> HttpResponse:
    """A new segment, empty or from a ready-made one (`?start=`)."""
    start = next((each for each in STARTS if each.code == request.GET.get("start")), None)
    values = {"name": str(start.name), "note": str(start.note)} if start else {}
    tree = start.rules if start else {ALL: [{"field": "profile.gender", "op": "in", "value": []}]}
    return _builder(request, None, values, tree, start=start.code if start else "")


@require_http_methods(FORM)
@requires(MANAGE)
def edit(request: Request, pk: int) -> HttpResponse:
    """Other rules, name or sharing."""
    segment: Segment = get_object_or_404(Segment.objects.visible_to(request.actor).in_use(), pk=pk)
    values = {
        "name": segment.name,
        "note": segment.note,
        "is_shared": segment.is_shared,
        "store_ids": [str(pk) for pk in segment.store_ids],
    }
    return _builder(request, segment, values, segment.rules)


def _builder(
    request: Request,
    segment: Segment | None,
    values: Mapping[str, Any],
    tree: Mapping[str, Any],
    start: str = "",
) -> HttpResponse:
    vocabulary = Vocabulary()
    status, errors = 200, {}
    if request.method == "POST":
        values = _posted(request)
        draft = from_post(request.POST, vocabulary)
        act = request.POST.get("act", "")
        if act == "save":
            try:
                made = _save(request, segment, values, as_tree(draft, vocabulary), start)
            except (InvalidInput, Conflict, NotAllowed) as error:
                errors, status = {error.field or "": str(error)}, 422
            else:
                return done(
                    request,
                    _("“%(name)s” means %(count)s people.") % {"name": made.name, "count": made.member_count},
                    to=reverse("segments:segment", args=[made.pk]),
                )
        else:
            act_on(draft, act)
    else:
        draft = from_tree(tree, vocabulary)
    context = _context(request, draft, vocabulary, values, errors, is_typing=status == 200)
    context |= {
        "segment": segment,
        "title": _("Change the segment") if segment else _("New segment"),
        "crumb_list": crumbs(segment),
        "cancel_url": reverse("segments:segment", args=[segment.pk])
        if segment
        else reverse("segments:segments"),
    }
    return render(request, "segments/builder.html", context, status=status)


def _posted(request: Request) -> dict[str, Any]:
    data = request.POST
    return {
        "name": data.get("name", "")[:200],
        "note": data.get("note", "")[:400],
        "is_shared": "is_shared" in data,
        "store_ids": [pk for pk in data.getlist("store_ids") if pk.isdecimal() and len(pk) < 19],
    }


def _save(
    request: Request, segment: Segment | None, values: Mapping[str, Any], tree: Mapping[str, Any], start: str
) -> Segment:
    given = {**values, "rules": tree, "store_ids": [int(pk) for pk in values["store_ids"]]}
    if segment is None:
        return operations.make_segment(values=given, actor=request.actor, now=request.now, start=start)
    return operations.change_segment(segment=segment, values=given, actor=request.actor, now=request.now)


# --- what the page shows ---------------------------------------------------------------------------------------------
def _context(
    request: Request,
    draft: Draft,
    vocabulary: Vocabulary,
    values: Mapping[str, Any],
    errors: dict[str, str],
    *,
    is_typing: bool,
) -> dict[str, Any]:
    offers = _Offers(request, vocabulary)
    rules, problem = None, ""
    try:
        rules = checked(
            read(as_tree(draft, vocabulary)), now=request.now, actor=request.actor, vocabulary=vocabulary
        )
    except (InvalidInput, NotAllowed) as error:
        problem = str(error)
        if not (is_typing and isinstance(error, ValueMissing)):
            # A rule that was just added is not wrong yet: what is missing stands where the count will.
            errors = {error.field or "": problem} | errors
    is_empty = rules is not None and not any(True for _leaf in leaves(rules.root))
    context: dict[str, Any] = {
        "root": offers.node(draft, "0", errors, is_first=True, is_last=True),
        "values": values,
        "errors": errors,
        "problem": problem,
        "stores": [
            {"value": value, "label": label, "is_chosen": value in values.get("store_ids", [])}
            for value, label in stores(request.actor)
        ],
        "is_empty": is_empty,
    }
    if rules is not None and not is_empty:
        chosen = [int(pk) for pk in values.get("store_ids", [])]
        context |= _meant(request, rules, chosen, vocabulary)
    return context


def _meant(request: Request, rules: Rules, store_ids: list[int], vocabulary: Vocabulary) -> dict[str, Any]:
    """How many, ten of them with why, and the sentence."""
    wording = Wording(request.actor, vocabulary)
    sentence = wording.sentence(rules.root)
    ids = counting.sample(rules, request.actor, store_ids)
    people = Customer.objects.filter(pk__in=ids).select_related("store").order_by("-last_seen_at", "-pk")
    whys = counting.explain(rules, ids)
    sample = []
    for person in people:
        held = [row for row in wording.why(rules, whys.get(person.pk, [])) if row["holds"]]
        sample.append({"customer": person, "why": held[:3]})
    return {
        "sentence": sentence,
        "count": counting.count(rules, request.actor, store_ids),
        "sample": sample,
    }


class _Offers:
    """The choices of the page, each read once."""

    def __init__(self, request: Request, vocabulary: Vocabulary) -> None:
        self.actor = request.actor
        self.vocabulary = vocabulary
        self.offered = vocabulary.offered(request.actor)
        self._choices: dict[str, list[tuple[str, Any]]] = {}

    def choices(self, known: Field) -> list[tuple[str, Any]]:
        if known.code not in self._choices:
            listed = known.choices(self.actor) if known.choices else ()
            self._choices[known.code] = [(str(value), label or _("not known")) for value, label in listed]
        return self._choices[known.code]

    def node(
        self, draft: Draft, path: str, errors: Mapping[str, str], *, is_first: bool, is_last: bool
    ) -> dict[str, Any]:
        depth = path.count(".") + 1
        shown: dict[str, Any] = {
            "path": path,
            "is_root": depth == 1,
            "error": errors.get(path, ""),
            "can_go_up": not is_first or depth > 2,
            "can_go_down": not is_last or depth > 2,
        }
        if draft.how:
            last = len(draft.children) - 1
            return shown | {
                "is_group": True,
                "how": draft.how,
                "hows": [(code, HOW_LABELS[code], code == draft.how) for code in HOWS],
                "can_nest": depth < MOST_DEPTH,
                "children": [
                    self.node(child, f"{path}.{number}", errors, is_first=number == 0, is_last=number == last)
                    for number, child in enumerate(draft.children)
                ],
            }
        return shown | self._leaf(draft)

    def _leaf(self, draft: Draft) -> dict[str, Any]:
        groups: dict[str, list[tuple[str, Any, bool]]] = {}
        for each in self.offered:
            groups.setdefault(str(each.group), []).append((each.code, each.label, each.code == draft.field))
        shown: dict[str, Any] = {"groups": list(groups.items()), "field": draft.field, "draft": draft}
        try:
            known = self.vocabulary.field(draft.field)
        except FieldUnknown:
            return shown | {"operators": [], "widget": "", "label": draft.field}
        op = draft.op or known.operators[0]
        shown |= {
            "label": known.label,
            "operators": [(code, OPERATOR_LABELS[code], code == op) for code in known.operators],
            "unit": _unit(known, op),
            "first": draft.one("v"),
            "second": draft.one("w"),
        }
        if known.kind is Kind.BOUGHT:
            return shown | {"widget": "bought"} | self._bought(draft)
        if op in ("none", "yes", "no"):
            return shown | {"widget": ""}
        if known.kind is Kind.CHOICE:
            return shown | {
                "widget": "choice",
                "choices": _marked(self.choices(known), draft.raw.get("v", [])),
            }
        if known.kind is Kind.TEXT:
            return shown | {"widget": "text"}
        is_day = op == "between" and known.kind in (Kind.DATE, Kind.COMING)
        return shown | {"widget": "days" if is_day else "number", "is_span": op == "between"}

    def _bought(self, draft: Draft) -> dict[str, Any]:
        goods, when = draft.one("g") or "any", draft.one("k") or "days"
        shown: dict[str, Any] = {
            "goods": [(code, label, code == goods) for code, label in GOODS_LABELS.items()],
            "is_product": goods == "product",
            "measures": [
                (code, label, code == (draft.one("m") or "times")) for code, label in MEASURE_LABELS.items()
            ],
            "least": draft.one("l") or "1",
            "whens": [
                (code, label, code == when)
                for code, label in (
                    ("days", pgettext("purchases", "in the last days")),
                    ("between", pgettext("purchases", "between two days")),
                    ("ever", pgettext("purchases", "at any time")),
                )
            ],
            "when": when,
            "days": draft.one("d") or "90",
            "from": draft.one("a"),
            "to": draft.one("b"),
            "codes": draft.one("p"),
            "at_stores": _marked(self._named("stores", lambda: stores(self.actor)), draft.raw.get("s", [])),
            "by_channels": _marked(list(Order.Channel.choices), draft.raw.get("c", [])),
        }
        if goods == "category":
            shown["ids"] = _marked(
                self._named("categories", lambda: categories(self.actor)), draft.raw.get("i", [])
            )
        elif goods == "brand":
            shown["ids"] = _marked(self._named("brands", _brands), draft.raw.get("i", []))
        return shown

    def _named(self, code: str, make: Any) -> list[tuple[str, Any]]:
        if code not in self._choices:
            self._choices[code] = list(make())
        return self._choices[code]


def _unit(known: Field, op: str) -> Any:
    if op in ("last", "earlier", "next"):
        return _("days")
    return "¥" if known.kind is Kind.AMOUNT else known.unit


def _brands() -> list[tuple[str, str]]:
    return [(str(row.pk), row.name) for row in Brand.objects.order_by("name")[:300]]


def _marked(choices: list[tuple[str, Any]], chosen: list[str]) -> list[dict[str, Any]]:
    return [{"value": value, "label": label, "is_chosen": str(value) in chosen} for value, label in choices]
