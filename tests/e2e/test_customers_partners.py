"""Two partners of one shop, one customer: who does not keep the customer learns that they exist and nothing more."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Site
from tests.e2e.shelf import enter_customer
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e

KEEPER, OTHER = "zhouyaqin", "chenmeiling"
NAME, NUMBER = "温如玉", "15410030011"


def test_another_partner_sees_nothing_of_a_kept_customer_until_it_is_shared(
    site: Site, chromium: Browser
) -> None:
    pk = site.run(enter_customer(NAME, NUMBER, "HZ01", partner=KEEPER)).strip()
    with site.enter(chromium, KEEPER) as keeper:
        keeper.go(f"/customers/?q={NUMBER}")
        expect(keeper.row(NAME)).to_have_count(1)
        answer = keeper.page.goto(f"{site.url}/customers/{pk}/")
        assert answer is not None
        assert answer.status == 200
    with site.enter(chromium, OTHER) as other:
        page = other.page
        for word in (NAME, NUMBER, NUMBER[-4:], "wenruyu"):
            other.go(f"/customers/?q={word}")
            expect(other.row(NAME)).to_have_count(0)
            other.go(f"/search/?q={word}")
            expect(other.main.locator(f"a[href='/customers/{pk}/']")).to_have_count(0)
        expect(page.locator("#export-form [type=submit]")).to_have_count(0)
        for path in ("", "timeline/", "paper/", "card/", "tags/"):
            answer = page.goto(f"{site.url}/customers/{pk}/{path}")
            assert answer is not None
            assert answer.status == 404, path
        other.go("/customers/new/")
        page.locator("#id_phone").press_sequentially(NUMBER, delay=20)
        expect(page.locator("#ce-hints .ce-hint")).to_contain_text(
            zh("Exists already, kept by another partner. Ask them, or the owner, to share the customer.")
        )
        assert NAME not in page.content()
        assert f"/customers/{pk}/" not in page.content()
    # The owner of the shop lets the other partner help with this one customer.
    with site.enter(chromium, "OWNER") as owner:
        owner.go(f"/customers/{pk}/helpers/new/")
        owner.main.locator("[name=user]").select_option(label="陈美玲")
        owner.main.locator("form.dk-form [type=submit]").click()
        owner.page.wait_for_url(f"**/customers/{pk}/**")
    with site.enter(chromium, OTHER) as other:
        other.go(f"/customers/?q={NUMBER}")
        expect(other.row(NAME)).to_have_count(1)
        answer = other.page.goto(f"{site.url}/customers/{pk}/")
        assert answer is not None
        assert answer.status == 200


def test_a_partner_exports_nothing(site: Site, chromium: Browser) -> None:
    with site.enter(chromium, OTHER) as other:
        answer = other.page.request.post(
            f"{site.url}/lists/customers.customers/export/", form={"format": "csv"}
        )
        assert answer.status in (403, 404)
