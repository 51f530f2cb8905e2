"""Two partners of one store, one customer: the keeper decides which other partner serves them too."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from dianke.core.actor import PermissionRefused
from dianke.customers.models import Collaborator, Customer, State
from dianke.customers.operations.sharing import (
    NotKept,
    NotTheKeeper,
    PartnerUnsuitable,
    share_with_partners,
)
from dianke.customers.operations.writing import CustomerErasing, CustomerNotFound
from dianke.customers.tests.cast import make_customer, second_partner
from dianke.events.models import Event
from dianke.stores import operations as stores
from tests.api.conftest import key_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def acts(cast, now):
    def who(name: str, later: int = 1) -> dict[str, object]:
        return {"actor": cast.actor(name), "now": now + timedelta(minutes=later)}

    return who


@pytest.fixture
def kept(cast) -> Customer:
    """Kept by 沈怡; 裘安 is the other partner."""
    return make_customer("王小明", "13812345678", store=cast.lake, partner=cast.partner)


def sees(cast, name: str, customer: Customer) -> bool:
    return Customer.objects.visible_to(cast.actor(name)).filter(pk=customer.pk).exists()


def test_the_keeper_shares_with_another_partner_and_takes_it_back(cast, kept, acts):
    assert not sees(cast, "qiu", kept)
    share_with_partners(customer=kept, partners=[second_partner()], **acts("shen"))
    assert sees(cast, "qiu", kept)
    event = Event.objects.get(kind="customers.shared_with_partners")
    assert event.data == {"added": [cast["qiu"].user_id], "removed": []}
    share_with_partners(customer=kept, partners=[second_partner()], **acts("shen", 2))  # nothing new
    assert Event.objects.filter(kind="customers.shared_with_partners").count() == 1
    share_with_partners(customer=kept, partners=[], **acts("shen", 3))
    assert not sees(cast, "qiu", kept)


def test_a_partner_who_was_let_in_lets_nobody_else_in(cast, kept, acts):
    with pytest.raises(CustomerNotFound):
        share_with_partners(customer=kept, partners=[second_partner()], **acts("qiu"))
    share_with_partners(customer=kept, partners=[second_partner()], **acts("shen"))
    with pytest.raises(NotTheKeeper):
        share_with_partners(customer=kept, partners=[], **acts("qiu", 2))


def test_owner_and_manager_decide_for_the_keeper_and_a_clerk_does_not(cast, kept, acts):
    share_with_partners(customer=kept, partners=[second_partner()], **acts("manager"))
    share_with_partners(customer=kept, partners=[], **acts("owner", 2))
    with pytest.raises(PermissionRefused):
        share_with_partners(customer=kept, partners=[second_partner()], **acts("clerk", 3))


def test_colleagues_who_help_stay(cast, kept, acts, now):
    Collaborator.objects.create(customer=kept, user=cast["colleague"].user, since=now)
    share_with_partners(customer=kept, partners=[second_partner()], **acts("shen"))
    share_with_partners(customer=kept, partners=[], **acts("shen", 2))
    assert list(kept.collaborators.values_list("user", flat=True)) == [cast["colleague"].user_id]


def test_only_a_kept_customer_and_a_partner_with_an_account(cast, kept, acts):
    common = make_customer("李四", store=cast.lake)
    with pytest.raises(NotKept):
        share_with_partners(customer=common, partners=[second_partner()], **acts("shen"))
    silent = stores.add_partner(name="无号", **acts("owner"))
    with pytest.raises(PartnerUnsuitable):
        share_with_partners(customer=kept, partners=[silent], **acts("shen"))
    Customer.objects.filter(pk=kept.pk).update(state=State.ERASING)
    with pytest.raises(CustomerErasing):
        share_with_partners(customer=kept, partners=[second_partner()], **acts("shen"))


def test_the_profile_offers_it_to_the_keeper_and_explains_itself_to_the_other(cast, kept, signed_in):
    shen, qiu = signed_in("shen"), signed_in("qiu")
    profile = reverse("customers:customer", args=[kept.pk])
    path = reverse("customers:partners", args=[kept.pk])
    assert path in shen.get(profile).content.decode()
    form = shen.get(path).context["form"]
    assert [partner.name for partner in form.fields["partners"].queryset] == ["裘安"]
    assert qiu.get(path).status_code == 404
    assert shen.post(path, {"partners": [second_partner().pk]}).status_code == 303
    assert path not in qiu.get(profile).content.decode()
    assert qiu.get(path).status_code == 403
    details = qiu.get(reverse("customers:details", args=[kept.pk])).content.decode()
    assert "沈怡" in details
    assert path not in details
    shen.post(path, {})
    assert qiu.get(profile).status_code == 404


def test_the_api_shares_and_stops_sharing(cast, kept):
    key = key_of(cast["shen"].user)
    path, other = f"/customers/{kept.pk}/partners", second_partner()
    told = key.call("PUT", path, {"partner_ids": [other.pk]})
    assert (told.status_code, told.json()["partner_ids"]) == (200, [other.pk])
    assert key_of(cast["qiu"].user).call("PUT", path, {"partner_ids": []}).status_code == 403
    assert key.call("PUT", path, {"partner_ids": []}).json()["partner_ids"] == []
    assert not sees(cast, "qiu", kept)
