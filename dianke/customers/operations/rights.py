"""Requests of customers about their data: opened with a clock, answered, refused with a reason, withdrawn.

A request of erasure puts the whole cluster into the state ERASING, which blocks merging and changing, until it is
carried out (`operations/erasure.py`), refused or withdrawn. What the person wrote is kept without numbers and
addresses, so that the row can outlive the person's data.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time, timedelta

from django.db.models import Count, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dianke.access.models import User
from dianke.core.actor import Actor, ActorKind, PermissionRefused
from dianke.core.business_dates import is_workday
from dianke.core.errors import Conflict, InvalidInput, NotFound
from dianke.customers.models import (
    Consent,
    ConsentChannel,
    Customer,
    Purpose,
    RequestKind,
    RequestState,
    Review,
    RightsRequest,
    SourceRecord,
    State,
)
from dianke.customers.operations.writing import refresh_profile
from dianke.customers.rules.rights import answer_by, without_contact_data
from dianke.events.operations import operation, record, step, subject_key, unchanged
from dianke.stores.queries import merchant_zone
from dianke.work.models import Task
from dianke.work.models.tasks import OPEN
from dianke.work.operations import complete_task, create_task
from dianke.work.queries.people import people_who_may

HANDLE = "customers.handle_requests"
TASK_KIND = "data_request"
#: How staff made sure that it is the person.
IDENTITY_CHECKS = {
    "IN_PERSON": _("Known in person"),
    "PHONE_CODE": _("Code sent to the phone kept here"),
    "DOCUMENT": _("Identity document shown"),
    "PORTAL": _("Signed in on their own phone"),
    "GUARDIAN": _("Guardian or relative, papers shown"),
}
#: Requests for which copies of the data are made.
COPY_KINDS = (RequestKind.ACCESS, RequestKind.PORTABILITY)
#: What an objection can stop; what keeps the membership itself is ended by erasure.
STOPPABLE = (Purpose.MARKETING, Purpose.CARE, Purpose.PROFILING, Purpose.SHARING, Purpose.SENSITIVE)


class RequestNotFound(NotFound):
    code = "rights_request_not_found"
    message = _("This request does not exist, or you may not see it.")


class RequestClosed(Conflict):
    code = "rights_request_closed"
    message = _("This request is closed already: %(state)s. Load the page again.")


class AlreadyErased(Conflict):
    code = "customer_already_erased"
    message = _("The data of this customer was erased for good. There is nothing left to ask for.")


class IdentityUnchecked(Conflict):
    code = "identity_unchecked"
    message = _("First say how you made sure that it is this customer: data must not go to somebody else.")
    default_field = "identity_checked_how"


class IdentityCheckUnknown(InvalidInput):
    code = "identity_check_unknown"
    message = _("Choose one of the listed ways of making sure who it is.")
    default_field = "identity_checked_how"


class AnswerMissing(InvalidInput):
    code = "rights_answer_missing"
    message = _("Write what the customer was told or given; a refusal needs its reason.")
    default_field = "answer"


class EraseInstead(Conflict):
    code = "erase_instead"
    message = _("A request of erasure is closed by erasing, or refused with a reason.")


class KindUnknown(InvalidInput):
    code = "rights_kind_unknown"
    message = _("There is no such kind of request. Choose one from the list.")
    default_field = "kind"


class NotForCopies(Conflict):
    code = "not_for_copies"
    message = _("Copies are made for requests to see data or to take it along. Open such a request first.")


class NothingToStop(InvalidInput):
    code = "nothing_to_stop"
    message = _("Choose at least one use that shall stop.")
    default_field = "purposes"


# --- opening -------------------------------------------------------------------------------------------------
@operation(None)
def open_request(
    *,
    customer: Customer,
    kind: str,
    channel: str,
    details: str = "",
    identity_checked_how: str = "",
    actor: Actor,
    now: datetime,
) -> RightsRequest:
    """Take a request down for the profile of `customer` and make the task of answering it.

    Customers ask for themselves (an actor of kind CUSTOMER whose id is in the cluster), staff with the permission to
    handle requests for whoever asked them. `channel` is a `Channel`. Asking again while the same kind of request is
    open returns that one. Raises `AlreadyErased`, `KindUnknown`, `IdentityCheckUnknown`, `PermissionRefused`.
    """
    if kind not in RequestKind.values:
        raise KindUnknown
    head, members = lock_cluster(customer)
    _check_may_ask(actor, head, members)
    if head.state == State.ERASED:
        raise AlreadyErased
    how = identity_checked_how or ("PORTAL" if actor.kind is ActorKind.CUSTOMER else "")
    if how and how not in IDENTITY_CHECKS:
        raise IdentityCheckUnknown
    ids = [member.pk for member in members]
    waiting = RightsRequest.objects.open().filter(customer__in=ids, kind=kind).first()
    if waiting is not None:
        unchanged()
        return waiting
    zone = merchant_zone()
    last_day = answer_by(now.astimezone(zone).date(), is_workday=is_workday)
    request = RightsRequest.objects.create(
        customer=head,
        kind=kind,
        channel=channel,
        received_at=now,
        due_at=datetime.combine(last_day + timedelta(days=1), time(), zone),
        identity_checked_how=how,
        details=without_contact_data(details.strip())[:400],
    )
    if kind == RequestKind.ERASURE:
        _begin_erasing(ids)
    create_task(
        # The number and not the name: tasks outlive the person's data.
        title=gettext("%(request)s: customer %(number)s")
        % {"request": request.get_kind_display(), "number": head.member_number},
        kind=TASK_KIND,
        owner=_responsible(head.store_id, now),
        store=head.store,
        subject=subject_key(head),
        due_at=request.due_at - timedelta(minutes=1),  # the last minute of the last day, as people read it
        reference=f"rights:{request.pk}",
        actor=actor.as_system(),
        now=now,
    )
    record(
        "customers.request_opened",
        head,
        actor=actor,
        now=now,
        store_id=head.store_id,
        data={"request": request.pk, "request_kind": kind, "channel": channel, "due": str(last_day)},
    )
    return request


@step
def lock_cluster(customer: Customer) -> tuple[Customer, list[Customer]]:
    """The head of a profile and all its identities, locked in the order of their ids."""
    head_id = Customer.objects.values_list("merged_into_id", flat=True).get(pk=customer.pk) or customer.pk
    members = list(
        Customer.objects.select_for_update(of=("self",))
        .filter(Q(pk=head_id) | Q(merged_into_id=head_id))
        .select_related("store", "key")
        .order_by("pk")
    )
    return next(member for member in members if member.pk == head_id), members


def _check_may_ask(actor: Actor, head: Customer, members: Collection[Customer]) -> None:
    if actor.is_system:
        return
    if actor.kind is ActorKind.CUSTOMER:
        if actor.id not in {member.pk for member in members}:
            raise PermissionRefused(permission=HANDLE)
        return
    if not Customer.objects.visible_to(actor, HANDLE).filter(pk=head.pk).exists():
        raise PermissionRefused(permission=HANDLE)


@step
def _begin_erasing(ids: Collection[int]) -> None:
    """Removed identities stay removed: they are out of use already, and are erased with the rest."""
    Customer.objects.filter(pk__in=ids, state__in=[State.ACTIVE, State.REVIEW]).update(state=State.ERASING)


@step
def _end_erasing(members: Collection[Customer]) -> None:
    """Back to what they were: in review while one of their records still waits for it."""
    erasing = [member.pk for member in members if member.state == State.ERASING]
    waiting = SourceRecord.objects.filter(customer__in=erasing, review=Review.WAITING).values("customer")
    Customer.objects.filter(pk__in=erasing).filter(pk__in=waiting).update(state=State.REVIEW)
    Customer.objects.filter(pk__in=erasing, state=State.ERASING).update(state=State.ACTIVE)


def _responsible(store_id: int | None, now: datetime) -> User | None:
    """Whoever handles requests there and has the least to do; nobody when nobody does."""
    people = people_who_may({HANDLE}, store_id=store_id, now=now)
    loads = dict(
        Task.objects.filter(OPEN, owner__in=[user.pk for user in people])
        .values_list("owner")
        .annotate(count=Count("pk"))
    )
    return min(people, key=lambda user: (loads.get(user.pk, 0), user.pk), default=None)


# --- handling ------------------------------------------------------------------------------------------------
def lock_open_request(request: RightsRequest, actor: Actor) -> RightsRequest:
    """The request again, locked. Raises `RequestNotFound`, `RequestClosed`."""
    if actor.kind is ActorKind.CUSTOMER:
        own = Customer.objects.filter(pk=actor.id or 0).values_list("pk", "merged_into_id").first()
        heads = [pk for pk in own or () if pk]
        visible = RightsRequest.objects.filter(customer__in=Customer.objects.clusters(heads))
    else:
        visible = RightsRequest.objects.visible_to(actor)
    found = (
        RightsRequest.objects.select_for_update(of=("self",))
        .filter(pk__in=visible.filter(pk=request.pk).values("pk"))
        .select_related("customer__store")
        .first()
    )
    if found is None:
        raise RequestNotFound
    if not found.is_open:
        raise RequestClosed(state=found.get_state_display())
    return found


@operation(HANDLE)
def check_identity(*, request: RightsRequest, how: str, actor: Actor, now: datetime) -> RightsRequest:
    """Note how staff made sure that it is the person (`IDENTITY_CHECKS`). Raises `IdentityCheckUnknown`,
    `RequestClosed`."""
    found = lock_open_request(request, actor)
    if how not in IDENTITY_CHECKS:
        raise IdentityCheckUnknown
    if found.identity_checked_how == how:
        unchanged()
        return found
    found.identity_checked_how = how
    found.save(update_fields=["identity_checked_how"])
    _record("customers.request_identity_checked", found, actor, now, how=how)
    return found


@operation(HANDLE)
def close_request(*, request: RightsRequest, answer: str, actor: Actor, now: datetime) -> RightsRequest:
    """The request was answered; `answer` says what the customer was told or given.

    Raises `EraseInstead` for a request of erasure, `IdentityUnchecked`, `AnswerMissing`, `RequestClosed`.
    """
    found = lock_open_request(request, actor)
    if found.kind == RequestKind.ERASURE:
        raise EraseInstead
    if not found.identity_checked_how and found.kind != RequestKind.OBJECTION:
        raise IdentityUnchecked
    _close(found, RequestState.DONE, answer, actor, now)
    _record("customers.request_answered", found, actor, now)
    return found


@operation(HANDLE)
def stop_uses(
    *, request: RightsRequest, purposes: Collection[str], answer: str = "", actor: Actor, now: datetime
) -> RightsRequest:
    """Answer an objection: the consent for these purposes is taken back for every channel and every identity, and the
    request closed. Raises `NothingToStop`, `RequestClosed`."""
    found = lock_open_request(request, actor)
    stopped = [purpose for purpose in STOPPABLE if purpose in purposes]
    if found.kind != RequestKind.OBJECTION or not stopped:
        raise NothingToStop
    head, members = lock_cluster(found.customer)
    Consent.objects.bulk_create(
        Consent(
            customer=member,
            purpose=purpose,
            channel=ConsentChannel.ANY,
            is_given=False,
            at=now,
            how=found.channel,
            by_id=actor.user_id,
        )
        for member in members
        for purpose in stopped
    )
    if Purpose.SENSITIVE in stopped:
        refresh_profile(head, now=now)
    labels = "、".join(str(purpose.label) for purpose in stopped)
    _close(found, RequestState.DONE, answer or gettext("Stopped: %(uses)s") % {"uses": labels}, actor, now)
    _record("customers.request_answered", found, actor, now, stopped=[purpose.value for purpose in stopped])
    return found


@operation(HANDLE)
def note_export(*, request: RightsRequest, format: str, actor: Actor, now: datetime) -> str:
    """A copy of the customer's data is handed out for an open request of access or portability; answers its number,
    which stands on the copy. Raises `NotForCopies`, `IdentityUnchecked`, `AlreadyErased`, `RequestClosed`."""
    found = lock_open_request(request, actor)
    if found.kind not in COPY_KINDS:
        raise NotForCopies
    if not found.identity_checked_how:
        raise IdentityUnchecked
    if found.customer.state == State.ERASED:
        raise AlreadyErased
    event = record(
        "customers.data_exported",
        found.customer,
        actor=actor,
        now=now,
        store_id=found.customer.store_id,
        data={"request": found.pk, "request_kind": found.kind, "format": format},
    )
    return str(event.pk)


@operation(HANDLE)
def refuse_request(*, request: RightsRequest, reason: str, actor: Actor, now: datetime) -> RightsRequest:
    """Say no, and why: the law wants the reason told. Raises `AnswerMissing`, `RequestClosed`."""
    found = lock_open_request(request, actor)
    _close(found, RequestState.REFUSED, reason, actor, now)
    _record("customers.request_refused", found, actor, now)
    return found


@operation(None)
def withdraw_request(*, request: RightsRequest, actor: Actor, now: datetime) -> RightsRequest:
    """The customer takes the request back, on their phone or by telling staff. Raises `RequestClosed`."""
    if actor.kind is not ActorKind.CUSTOMER:
        actor.require(HANDLE)
    found = lock_open_request(request, actor)
    _close(found, RequestState.WITHDRAWN, "", actor, now)
    _record("customers.request_withdrawn", found, actor, now)
    return found


@step
def _close(request: RightsRequest, state: RequestState, answer: str, actor: Actor, now: datetime) -> None:
    answer = without_contact_data(answer.strip())[:400]
    if not answer and state != RequestState.WITHDRAWN:
        raise AnswerMissing(field="reason" if state == RequestState.REFUSED else "answer")
    if request.kind == RequestKind.ERASURE:
        _end_erasing(lock_cluster(request.customer)[1])
    set_closed(request, state, answer, actor, now)


@step
def set_closed(request: RightsRequest, state: RequestState, answer: str, actor: Actor, now: datetime) -> None:
    """Write the outcome and finish the task."""
    request.state, request.answer, request.closed_at = state, answer, now
    request.closed_by_id = None if actor.kind in (ActorKind.SYSTEM, ActorKind.CUSTOMER) else actor.user_id
    request.save(update_fields=["state", "answer", "closed_at", "closed_by"])
    task = Task.objects.filter(reference=f"rights:{request.pk}").first()
    if task is not None and task.is_open:
        complete_task(task=task, actor=actor.as_system(), now=now)


def _record(kind: str, request: RightsRequest, actor: Actor, now: datetime, **data: object) -> None:
    record(
        kind,
        request.customer,
        actor=actor,
        now=now,
        store_id=request.customer.store_id,
        data={"request": request.pk, "request_kind": request.kind, **data},
    )
