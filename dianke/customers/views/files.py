"""Files of a customer: adding, opening, removing."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.customers.forms.profile import FileForm
from dianke.customers.models import Customer, CustomerFile
from dianke.customers.operations import files
from dianke.customers.views.profile import CHANGE, VIEW, head_or_404
from dianke.web.forms import form_view
from dianke.web.responses import done


def _file(request: Request, pk: int, file_pk: int) -> CustomerFile:
    head = head_or_404(request, pk)
    rows = CustomerFile.objects.filter(customer__in=Customer.objects.cluster(head.pk), removed_at=None)
    return get_object_or_404(rows.select_related("key"), pk=file_pk)


@require_http_methods(["GET", "POST"])
@requires(CHANGE)
def file_add(request: Request, pk: int) -> HttpResponse:
    """Keep a file with the customer."""
    head = head_or_404(request, pk)
    form = FileForm(request.POST or None, request.FILES or None)
    back = reverse("customers:customer", args=[head.pk])

    def run(data: dict[str, Any]) -> CustomerFile:
        sent = data["file"]
        # One byte more than allowed is enough to be refused; the rest is never read into memory.
        content = sent.read(files.LARGEST_MB * 1024 * 1024 + 1)
        return files.add_file(
            customer=head, name=sent.name or "", content=content, actor=request.actor, now=request.now
        )

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Add a file"),
        submit=_("Add"),
        success=_("File added."),
        redirect_to=back,
        cancel_url=back,
        template="customers/profile/file_form.html",
    )


@never_cache
@require_GET
@requires(VIEW)
def file_open(request: Request, pk: int, file_pk: int) -> HttpResponse:
    """The file: pictures are shown, everything else is handed out as a download."""
    found = _file(request, pk, file_pk)
    response = HttpResponse(files.read_file(found), content_type=found.content_type)
    how = "inline" if found.content_type in files.PICTURES else "attachment"
    response["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(found.name or 'file')}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_POST
@requires(CHANGE)
def file_remove(request: Request, pk: int, file_pk: int) -> HttpResponse:
    """Remove a file for good."""
    found = _file(request, pk, file_pk)
    files.remove_file(file=found, actor=request.actor, now=request.now)
    return done(request, _("File removed."), to=reverse("customers:customer", args=[pk]))
