"""Who looks after whom, tags, relations, consents, and entries that are looked through."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dianke.core.actor import SYSTEM, PermissionRefused
from dianke.customers.models import (
    Consent,
    ConsentText,
    Customer,
    Household,
    MatchPair,
    Relation,
    Review,
    ReviewedRole,
    State,
    Tag,
    Tagging,
)
from dianke.customers.operations import assigning, consents, relations, review, tags
from dianke.customers.operations.entry import Outcome, enter_customer
from dianke.customers.operations.writing import CustomerNotFound
from dianke.customers.queries.consents import consents_of
from dianke.customers.rules.consent import may
from dianke.customers.rules.entry import Entry, PhoneEntry
from dianke.customers.tests.cast import make_customer, second_partner
from dianke.events.models import Event
from dianke.stores import handover
from dianke.stores.tests.cast import role_named

pytestmark = pytest.mark.django_db


@pytest.fixture
def acts(cast, now):
    def who(name: str = "manager", later: int = 1) -> dict[str, object]:
        actor = SYSTEM if name == "system" else cast.actor(name)
        return {"actor": actor, "now": now + timedelta(minutes=later)}

    return who


# --- who looks after whom -------------------------------------------------------------------------------------
def test_a_customer_given_to_a_clerk_is_seen_by_that_clerk_only(cast, acts):
    known = make_customer("王小明", store=cast.lake)
    assert assigning.assign_owner(customers=[known], owner=cast["clerk"].user, **acts()) == 1
    assert known in Customer.objects.visible_to(cast.actor("clerk"))
    assert known not in Customer.objects.visible_to(cast.actor("colleague"))
    assigning.add_collaborator(customer=known, user=cast["colleague"].user, **acts())
    assert known in Customer.objects.visible_to(cast.actor("colleague"))
    assigning.remove_collaborator(customer=known, user=cast["colleague"].user, **acts())
    assert known not in Customer.objects.visible_to(cast.actor("colleague"))


def test_giving_many_away_is_one_event_and_leaves_those_out_of_reach(cast, acts):
    near = [make_customer(f"王{n}", store=cast.lake) for n in range(3)]
    far = make_customer("李四", store=cast.harbour)
    assert assigning.assign_owner(customers=[*near, far], owner=cast["clerk"].user, **acts()) == 3
    assert assigning.assign_owner(customers=[*near, far], owner=cast["clerk"].user, **acts()) == 0
    event = Event.objects.get(kind="customers.customers_assigned")
    assert (len(event.subjects), event.data["count"]) == (3, 3)
    far.refresh_from_db()
    assert far.owner is None


def test_a_clerk_gives_nobody_away(cast, acts):
    with pytest.raises(PermissionRefused):
        assigning.assign_owner(customers=[make_customer(store=cast.lake)], owner=None, **acts("clerk"))


def test_sharing_and_moving_are_two_things(cast, acts):
    known = make_customer("王小明", store=cast.lake)
    assert assigning.share_with_store(customers=[known], store=cast.road, **acts()) == 1
    assert known in Customer.objects.visible_to(cast.actor("neighbour"))
    assert assigning.unshare(customers=[known], store=cast.road, **acts()) == 1
    assert known not in Customer.objects.visible_to(cast.actor("neighbour"))
    with pytest.raises(PermissionRefused):  # the manager of the lake gives nothing to a store of others
        assigning.move_to_store(customers=[known], store=cast.road, **acts())
    assert assigning.move_to_store(customers=[known], store=cast.road, **acts("region")) == 1
    known.refresh_from_db()
    assert known.store == cast.road


def test_a_partner_keeps_customers_when_the_owner_says_so(cast, acts):
    known = make_customer("王小明", store=cast.lake)
    assert known in Customer.objects.visible_to(cast.actor("shen"))
    assigning.keep_for_partner(customers=[known], partner=second_partner(), **acts("owner"))
    assert known not in Customer.objects.visible_to(cast.actor("shen"))
    assert known in Customer.objects.visible_to(cast.actor("qiu"))
    assigning.keep_for_partner(customers=[known], partner=None, **acts("owner"))
    assert known in Customer.objects.visible_to(cast.actor("shen"))


def test_whoever_leaves_hands_their_customers_over(cast, now):
    clerk, colleague = cast["clerk"].user, cast["colleague"].user
    mine = make_customer("王小明", store=cast.lake, owner=clerk)
    helped = make_customer("李四", store=cast.lake)
    assigning.add_collaborator(customer=helped, user=clerk, actor=SYSTEM, now=now)
    held = {holding.code: count for holding, count in handover.held_by(clerk.pk)}
    assert held["customers.customers"] == 2
    moved = handover.move_all(from_user_id=clerk.pk, to_user_id=colleague.pk, actor=SYSTEM, now=now)
    mine.refresh_from_db()
    assert (moved["customers.customers"], mine.owner) == (2, colleague)
    assert helped.collaborators.get().user == colleague


# --- tags -----------------------------------------------------------------------------------------------------
def test_tags_go_on_many_and_come_off(cast, acts):
    people = [make_customer(f"王{n}", store=cast.lake) for n in range(3)]
    tag = tags.make_tag(name="  VIP  客户 ", colour="red", **acts("owner"))
    assert tag.name == "VIP 客户"
    assert tags.tag_customers(customers=people, tags=[tag], **acts("clerk")) == 3
    assert tags.tag_customers(customers=people, tags=[tag], **acts("clerk")) == 0
    assert tags.untag_customers(customers=people[:2], tags=[tag], **acts("clerk")) == 2
    assert Tagging.objects.get().customer == people[2]


def test_a_tag_is_there_once_and_an_archived_one_goes_on_nobody(cast, acts):
    tag = tags.make_tag(name="VIP", **acts("owner"))
    with pytest.raises(tags.TagTaken):
        tags.make_tag(name="VIP", **acts("owner"))
    tags.rename_tag(tag=tag, name="贵宾", **acts("owner"))
    tags.archive_tag(tag=tag, **acts("owner"))
    tag = Tag.objects.get()
    with pytest.raises(tags.TagArchived):
        tags.tag_customers(customers=[make_customer(store=cast.lake)], tags=[tag], **acts())
    assert tags.make_tag(name="贵宾", **acts("owner")) == tag


def test_customers_of_others_are_not_tagged(cast, acts):
    tag = tags.make_tag(name="VIP", **acts("owner"))
    far = make_customer(store=cast.harbour)
    assert tags.tag_customers(customers=[far], tags=[tag], **acts("clerk")) == 0
    assert tags.tag_customers(customers=[far.pk], tags=[tag], **acts("clerk")) == 0


# --- relations ------------------------------------------------------------------------------------------------
def test_a_company_has_contacts_and_one_of_them_is_asked_first(cast, acts):
    firm = make_customer("杭州云锦有限公司", kind="COMPANY", store=cast.lake)
    one, other = make_customer("王小明", store=cast.lake), make_customer("李四", store=cast.lake)
    relations.relate(customer=firm, other=one, kind="CONTACT", title="采购", is_primary=True, **acts("clerk"))
    relations.relate(customer=firm, other=other, kind="CONTACT", is_primary=True, **acts("clerk"))
    primary = Relation.objects.filter(customer=firm, is_primary=True)
    assert [relation.other for relation in primary] == [other]
    with pytest.raises(relations.CompanyNeeded):
        relations.relate(customer=one, other=other, kind="CONTACT", **acts("clerk"))


def test_relations_end_and_reach_only_whom_one_may_see(cast, acts):
    one, far = make_customer("王小明", store=cast.lake), make_customer("李四", store=cast.harbour)
    with pytest.raises(CustomerNotFound):
        relations.relate(customer=one, other=far, kind="SPOUSE", **acts("clerk"))
    with pytest.raises(relations.RelationToItself):
        relations.relate(customer=one, other=one, kind="SPOUSE", **acts("clerk"))
    wife = make_customer("赵六", store=cast.lake)
    relation = relations.relate(customer=one, other=wife, kind="SPOUSE", **acts("clerk"))
    relations.end_relation(relation=relation, **acts("clerk"))
    assert Relation.objects.get().ended_at is not None


def test_a_household_is_made_joined_and_left(cast, acts):
    father, mother = make_customer("王大明", store=cast.lake), make_customer("李芳", store=cast.lake)
    child = make_customer("王朵朵", store=cast.lake)
    home = relations.make_household(name="王家", members=[father, mother], **acts("clerk"))
    relations.join_household(household=home, customer=child, **acts("clerk"))
    with pytest.raises(relations.InHousehold):
        relations.make_household(name="朵朵家", members=[child], **acts("clerk"))
    for person in (father, mother, child):
        relations.leave_household(household=home, customer=person, **acts("clerk"))
    assert not Household.objects.exists()


# --- consents -------------------------------------------------------------------------------------------------
def test_consent_is_given_to_a_text_and_taken_back(cast, acts):
    known = make_customer("王小明", store=cast.lake)
    text = consents.publish_consent_text(purpose="MARKETING", text="可向我发送优惠信息。", **acts("owner"))
    give = {"customer": known, "purpose": "MARKETING", "channel": "SMS", "how": "COUNTER"}
    made = consents.record_consent(**give, is_given=True, text=text, **acts("clerk"))
    assert (made.text, made.by) == (text, cast["clerk"].user)
    assert consents.record_consent(**give, is_given=True, text=text, **acts("clerk")) is None
    consents.record_consent(**give, is_given=False, **acts("clerk", later=5))
    assert Consent.objects.count() == 2
    assert not may(consents_of([known.pk])[known.pk], "MARKETING", "SMS")


def test_consent_is_taken_back_while_erasure_is_asked_for(cast, acts):
    leaving = make_customer("王小明", store=cast.lake, state=State.ERASING, consents={("CARE", "ANY"): True})
    consents.record_consent(
        customer=leaving, purpose="CARE", is_given=False, how="LINK", **acts("system", later=5)
    )
    assert not may(consents_of([leaving.pk])[leaving.pk], "CARE", "SMS")


def test_for_a_child_only_a_guardian_agrees(cast, acts):
    child = make_customer("王朵朵", store=cast.lake, birthday=(2016, 6, 1))
    give = {"customer": child, "purpose": "CARE", "is_given": True}
    with pytest.raises(consents.GuardianNeeded):
        consents.record_consent(**give, how="COUNTER", **acts("clerk"))
    assert consents.record_consent(**give, how="GUARDIAN", **acts("clerk")).how == "GUARDIAN"


def test_a_published_text_is_followed_by_a_new_version(cast, acts):
    consents.publish_consent_text(purpose="CARE", text="生日问候。", **acts("owner"))
    with pytest.raises(consents.TextUnchanged):
        consents.publish_consent_text(purpose="CARE", text="生日问候。 ", **acts("owner"))
    consents.publish_consent_text(purpose="CARE", text="生日与节日问候。", **acts("owner"))
    assert list(ConsentText.objects.values_list("version", flat=True)) == [2, 1]


# --- looked through first -------------------------------------------------------------------------------------
@pytest.fixture
def enter(cast, acts):
    ReviewedRole.objects.create(role=role_named("CLERK"))

    def run(**more):
        entry = Entry(name="王小明", phones=(PhoneEntry("13812345678"),), emails=("w@example.com",))
        return enter_customer(entry=entry, channel="COUNTER", store=cast.lake, **more, **acts("clerk"))

    return run


def test_an_accepted_entry_makes_a_customer(enter, acts):
    made = enter()
    review.accept_entry(entry=made.record, **acts())
    customer = Customer.objects.get()
    assert (customer.state, customer.records.get().review) == (State.ACTIVE, Review.ACCEPTED)
    with pytest.raises(review.EntryDecided):
        review.refuse_entry(entry=made.record, reason="重复", **acts())


def test_an_accepted_further_record_shows_in_the_profile(enter, cast, acts):
    known = make_customer("王女士", "13812345678", store=cast.lake)
    made = enter(link_to=known)
    assert made.outcome is Outcome.WAITING
    assert known.contact_points.count() == 1
    review.accept_entry(entry=made.record, **acts())
    known.refresh_from_db()
    assert (known.name, known.contact_points.count()) == ("王小明", 2)


def test_a_refused_entry_is_gone_and_leaves_no_pair_waiting(enter, cast, acts):
    make_customer("李四", "13812345678", store=cast.lake)
    made = enter(as_new=True)
    review.refuse_entry(entry=made.record, reason="重复录入", **acts())
    made.customer.refresh_from_db()
    assert made.customer.state == State.REMOVED
    assert MatchPair.objects.get().state == "OUTDATED"
    assert not [one for one in Event.objects.all() if "重复录入" in str(one.data)]


def test_nobody_looks_through_their_own_entry(enter, cast, acts):
    made = enter()
    with pytest.raises(PermissionRefused):
        review.accept_entry(entry=made.record, **acts("clerk"))
    review.set_reviewed_roles(roles=[], **acts("owner"))
    assert not ReviewedRole.objects.exists()
