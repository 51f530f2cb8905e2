from __future__ import annotations

from dianke.customers.models import ContactPoint, Customer
from dianke.customers.tests.cast import make_customer


def test_a_made_customer_is_found_by_name_phone_and_number(cast):
    made = make_customer("王小明", "138 1234 5678", store=cast.lake, birthday=(1990, 3, 5), tags=["VIP"])
    assert list(Customer.objects.filter(search_words__found_by="wxm")) == [made]
    assert list(Customer.objects.filter(search_words__found_by=made.member_number[:6])) == [made]
    assert ContactPoint.objects.holding("PHONE", "+8613812345678").get().customer == made
