"""What is proposed to customers: saying no for them and taking it back, and the page of how proposals come about, what
goes together and what is never proposed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.models import Category, Product
from dianke.customers.models import Customer
from dianke.insight.forms import UnproposedForm
from dianke.insight.models import PROPOSE, VIEW, ProductPair, SnapshotRun, UnproposedCategory
from dianke.insight.operations.proposals import (
    MANAGE,
    decline_proposal,
    leave_out_categories,
    propose_again,
)
from dianke.web.formats import number
from dianke.web.forms import form_view
from dianke.web.responses import done

PAIRS_SHOWN = 20
#: In the words of who runs a shop; the names of the methods stand in docs/algorithms/recommendations.md.
RECOMMENDERS = {
    "POPULAR": gettext_lazy("What is bought most (for comparison)"),
    "RECENT": gettext_lazy("What is bought most lately (for comparison)"),
    "AGAIN": gettext_lazy("The same again"),
    "BM25": gettext_lazy("Goods bought by the same people"),
    "EASE": gettext_lazy("Goods that stand in the same baskets"),
    "NEXT_BASKET": gettext_lazy("What lies in the basket after"),
}


def _customer(request: Request, pk: int) -> Customer:
    found: Customer = get_object_or_404(Customer.objects.visible_to(request.actor).in_use(), pk=pk)
    return found


@require_POST
@requires(PROPOSE)
def decline(request: Request, pk: int, product_id: int) -> HttpResponse:
    """They do not want this."""
    customer, product = _customer(request, pk), get_object_or_404(Product, pk=product_id)
    decline_proposal(customer=customer, product=product, actor=request.actor, now=request.now)
    return done(
        request,
        _("“%(name)s” is not proposed to them any more.") % {"name": product.name},
        to=reverse("customers:customer", args=[pk]),
        undo_url=reverse("insight:allow", args=[pk, product_id]),
    )


@require_POST
@requires(PROPOSE)
def allow(request: Request, pk: int, product_id: int) -> HttpResponse:
    """It may be proposed again."""
    customer, product = _customer(request, pk), get_object_or_404(Product, pk=product_id)
    propose_again(customer=customer, product=product, actor=request.actor, now=request.now)
    return done(
        request,
        _("“%(name)s” may be proposed to them again.") % {"name": product.name},
        to=reverse("customers:customer", args=[pk]),
    )


@require_GET
@requires(VIEW)
def recommendations(request: Request) -> HttpResponse:
    """How proposals come about, what goes together, what is never proposed."""
    run = SnapshotRun.objects.visible_to(request.actor).done().exclude(recommending={}).first()
    context = {
        "taken": run,
        "measured": _measured(run) if run else None,
        "pairs": _pairs(),
        "categories": list(_named(UnproposedCategory.objects.values_list("pk", flat=True))),
        "may_manage": request.actor.can(MANAGE),
    }
    return render(request, "insight/recommendations.html", context)


def _measured(run: SnapshotRun) -> dict[str, Any]:
    told = run.recommending
    best = told["tested"].get(told["chosen"])
    popular = max(
        (told["tested"][name]["recall"] for name in ("POPULAR", "RECENT") if told["tested"]), default=0
    )
    return {
        "people": number(told["people"]),
        "pairs": number(told["pairs"]),
        "returning": number(told["returning"]),
        "chosen": RECOMMENDERS.get(told["chosen"], ""),
        "times": f"{best['recall'] / popular:.1f}" if best and popular else "",
        "rows": [
            {
                "label": RECOMMENDERS[name],
                "is_chosen": name == told["chosen"],
                "recall": f"{one['recall']:.1%}",
                "ndcg": f"{one['ndcg']:.3f}",
                "coverage": f"{one['coverage']:.1%}",
            }
            for name, one in sorted(told["tested"].items(), key=lambda each: -each[1]["recall"])
        ],
    }


def _pairs() -> list[dict[str, Any]]:
    """The strongest, each pair once, in the direction that holds more often. Two statements."""
    rows = ProductPair.objects.order_by("-lift", "-part_count", "product_id", "then_id")[: 4 * PAIRS_SHOWN]
    found: dict[frozenset[int], ProductPair] = {}
    for row in rows:
        key = frozenset((row.product_id, row.then_id))
        other = found.get(key)
        if other is None or row.part_count / row.all_count > other.part_count / other.all_count:
            found[key] = row
    chosen = list(found.values())[:PAIRS_SHOWN]
    ids = {pk for row in chosen for pk in (row.product_id, row.then_id)}
    names = dict(Product.objects.filter(pk__in=ids).values_list("pk", "name"))
    return [
        {
            "one": names.get(row.product_id, ""),
            "then": names.get(row.then_id, ""),
            "url": reverse("catalog:product", args=[row.product_id]),
            "count": number(row.part_count),
            "share": f"{row.part_count / row.all_count:.0%}",
            "lift": f"{row.lift:.1f}",
        }
        for row in chosen
    ]


def _named(ids: Iterable[int]) -> Iterable[Category]:
    return Category.objects.filter(pk__in=list(ids)).order_by("path", "position", "pk")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(MANAGE)
def categories(request: Request) -> HttpResponse:
    """Which categories are never proposed."""
    standing = [str(pk) for pk in UnproposedCategory.objects.values_list("pk", flat=True)]
    form = UnproposedForm(request.POST or None, initial={"categories": standing})

    def run(data: dict[str, Any]) -> int:
        chosen = [int(pk) for pk in data["categories"]]
        return leave_out_categories(category_ids=chosen, actor=request.actor, now=request.now)

    page = reverse("insight:recommendations")
    return form_view(
        request,
        form=form,
        run=run,
        title=_("Never proposed"),
        success=_("Saved. It holds at once, at the till and in messages too."),
        redirect_to=page,
        cancel_url=page,
    )
