"""Erasing a person for good: the keys of every identity of the profile are destroyed and what is readable is blanked.

What stays are ids: of the customer in ledgers and events, of merges and consents, with a pseudonym where a name stood.
Two people decide: one asks, another approves (`providers/rights.py`); where the merchant has only one person who may,
that person does it alone and the log says so. There is no way back, and a restored backup cannot read the person
either, because the key directory remembers which keys are gone (`core/erasure.py`).
"""

from __future__ import annotations

from collections.abc import Collection
from contextvars import ContextVar
from datetime import datetime

from django.db import transaction
from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.erasure import destroy_data_keys
from dianke.core.errors import Conflict
from dianke.customers.models import (
    Address,
    CareOccasion,
    Collaborator,
    ContactPoint,
    Customer,
    CustomerFile,
    CustomerNote,
    Household,
    ImportantDate,
    MatchPair,
    Merge,
    PairState,
    PortalSession,
    Relation,
    RequestKind,
    RequestState,
    RightsRequest,
    SharedWith,
    SourceRecord,
    State,
    Tagging,
)
from dianke.customers.operations.files import place_of
from dianke.customers.operations.rights import (
    IdentityUnchecked,
    RequestClosed,
    lock_cluster,
    lock_open_request,
    set_closed,
)
from dianke.customers.queries.rights import erasure_blockers, erasure_parts, needs_second_person
from dianke.customers.rules.rights import pseudonym
from dianke.events.operations import operation, record, step
from dianke.imports.models import ImportRow
from dianke.work.models import Approval, ChecklistItem, Comment, Notification, Task

ERASE = "customers.erase_customers"
#: Set while an approval runs what it let happen.
_approved: ContextVar[bool] = ContextVar("erasure_approved", default=False)


class NotAnErasure(Conflict):
    code = "not_an_erasure"
    message = _("This is no request of erasure.")


class ErasureBlocked(Conflict):
    code = "erasure_blocked"
    message = _("This customer cannot be erased yet: %(reasons)s")


class SecondPersonNeeded(Conflict):
    code = "second_person_needed"
    message = _("Erasing takes a second person. Ask for approval on the page of the request.")


def erase_as_approved(*, request: RightsRequest, actor: Actor, now: datetime) -> RightsRequest:
    """What an approval runs: `erase_customer` with the second person there."""
    token = _approved.set(True)
    try:
        return erase_customer(request=request, actor=actor, now=now)
    finally:
        _approved.reset(token)


@operation(ERASE)
def erase_customer(*, request: RightsRequest, actor: Actor, now: datetime) -> RightsRequest:
    """Erase the whole profile a request of erasure stands for, for good.

    Raises `SecondPersonNeeded` outside an approval where somebody else could decide, `ErasureBlocked` with the reasons
    (open orders, balances, as other rooms say), `IdentityUnchecked`, `NotAnErasure`, `RequestClosed`.
    """
    found = lock_open_request(request, actor)
    if found.kind != RequestKind.ERASURE:
        raise NotAnErasure
    head, members = lock_cluster(found.customer)
    if any(member.state not in (State.ERASING, State.REMOVED) for member in members):
        raise RequestClosed(state=head.get_state_display())
    if not found.identity_checked_how:
        raise IdentityUnchecked
    is_second = _approved.get()
    if not is_second and needs_second_person(head, actor, now=now):
        raise SecondPersonNeeded
    ids = [member.pk for member in members]
    reasons = erasure_blockers(ids)
    if reasons:
        raise ErasureBlocked(reasons="；".join(str(blocker.reason) for blocker in reasons))
    counts = _erase(members, ids, now)
    RightsRequest.objects.filter(customer__in=ids).update(details="")
    RightsRequest.objects.filter(customer__in=ids).exclude(pk=found.pk).update(answer="")
    found.details = ""
    set_closed(found, RequestState.DONE, gettext("Erased for good."), actor, now)
    record(
        "customers.customer_erased",
        head,
        also=[member for member in members if member.pk != head.pk],
        actor=actor,
        now=now,
        store_id=head.store_id,
        data={"request": found.pk, "request_kind": found.kind, "erased": counts, "two_people": is_second},
    )
    return found


@step
def _erase(members: Collection[Customer], ids: Collection[int], now: datetime) -> dict[str, int]:
    """Destroys and blanks; how many rows of each sort."""
    counts = {part.code: part.erase(ids, now) for part in erasure_parts()}
    counts["files"] = _files(ids, now)
    counts["import_rows"] = _import_rows(ids)
    counts["contact_points"] = ContactPoint.objects.filter(customer__in=ids).count()
    counts["addresses"] = Address.objects.filter(customer__in=ids).count()
    destroy_data_keys([member.key for member in members], now=now)
    counts["identities"] = len(ids)
    ContactPoint.objects.filter(customer__in=ids).update(
        value=None, extension="", use="", is_preferred=False, verified_at=None, failing_since=None
    )
    ContactPoint.objects.filter(customer__in=ids, archived_at=None).update(archived_at=now)
    Address.objects.filter(customer__in=ids).update(
        street=None,
        receiver=None,
        phone=None,
        province="",
        city="",
        district="",
        division="",
        postcode="",
        is_preferred=False,
        archived_at=now,
    )
    counts["records"] = SourceRecord.objects.filter(customer__in=ids).update(
        payload=None, external_id="", fingerprint=None
    )
    counts["notes"] = CustomerNote.objects.filter(customer__in=ids).update(text=None)
    counts["care_occasions"] = CareOccasion.objects.filter(customer__in=ids).delete()[0]
    counts["dates"] = ImportantDate.objects.filter(customer__in=ids).delete()[0]
    counts["relations"] = Relation.objects.filter(Q(customer__in=ids) | Q(other__in=ids)).delete()[0]
    counts["households"] = Household.members.through.objects.filter(customer__in=ids).delete()[0]
    Household.objects.filter(members=None).update(name="")
    counts["tags"] = Tagging.objects.filter(customer__in=ids).delete()[0]
    Collaborator.objects.filter(customer__in=ids).delete()
    SharedWith.objects.filter(customer__in=ids).delete()
    counts["portal_sessions"] = PortalSession.objects.filter(customer__in=ids).update(device="")
    PortalSession.objects.filter(customer__in=ids, ended_at=None).update(ended_at=now)
    # Scores and journals quote names; that two were once one stays, by id.
    pairs = MatchPair.objects.filter(Q(left__in=ids) | Q(right__in=ids))
    pairs.update(parts=[])
    pairs.filter(state__in=[PairState.WAITING, PairState.LATER]).update(
        state=PairState.OUTDATED, decided_at=now
    )
    Merge.objects.filter(Q(kept__in=ids) | Q(joined__in=ids)).update(before={})
    counts["tasks"] = _tasks(ids, now)
    Customer.objects.filter(pk__in=ids).update(
        state=State.ERASED,
        name="",
        aliases="",
        search_words="",
        gender="",
        occupation="",
        credit_code="",
        note=None,
        sensitive=None,
        custom={},
        survivors={},
        level="",
        is_key_account=False,
        campaign="",
        owner=None,
        # Old systems number people by their phones.
        member_number=Concat(Value("#"), Cast(F("pk"), CharField())),
    )
    return counts


@step
def _files(ids: Collection[int], now: datetime) -> int:
    """Blanks what the rows say; the bytes on disk, sealed with the destroyed key, go after the commit."""
    files = CustomerFile.objects.filter(customer__in=ids)
    places = [place_of(file) for file in files]
    count = files.update(name=None, content_type="", size=0)
    files.filter(removed_at=None).update(removed_at=now)

    def remove_bytes() -> None:
        for place in places:
            place.unlink(missing_ok=True)

    transaction.on_commit(remove_bytes)
    return count


@step
def _import_rows(ids: Collection[int]) -> int:
    """Rows of imports that were noted for a warning quote the file: those of the person go."""
    noted = Q(pk__in=[])
    records = SourceRecord.objects.filter(customer__in=ids, run_id__isnull=False)
    for run_id, row in records.values_list("run_id", "row"):
        noted |= Q(run=run_id, row_number=row)
    return ImportRow.objects.filter(noted).delete()[0]


@step
def _tasks(ids: Collection[int], now: datetime) -> int:
    """Tasks, comments, requests for approval and notices about the person say a pseudonym instead of their words."""
    subjects = [f"customers.customer:{pk}" for pk in ids]
    told = str(pseudonym(min(ids)))
    approvals = Approval.objects.filter(subject__in=subjects)
    about_approvals = [f"work.approval:{pk}" for pk in approvals.values_list("pk", flat=True)]
    approvals.update(summary=told, lines=[])
    approvals.exclude(outcome=Approval.Outcome.PENDING).update(reason=told, decision_note="")
    Task.objects.filter(subject__in=about_approvals).update(title=told)
    tasks = Task.objects.filter(subject__in=subjects)
    task_ids = list(tasks.values_list("pk", flat=True))
    Comment.objects.filter(task__in=task_ids).update(text=told)
    ChecklistItem.objects.filter(task__in=task_ids).update(text=told)
    tasks.update(title=told, note="", custom={})
    tasks.filter(completed_at=None, cancelled_at=None).exclude(reference__startswith="rights:").update(
        cancelled_at=now
    )
    about = [*subjects, *about_approvals, *(f"work.task:{pk}" for pk in task_ids)]
    Notification.objects.filter(subject__in=about).update(params={})
    return len(task_ids)
