"""A field of one's own: defined once, then in the form, on the record, in the list and among the filters."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Site
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e


def test_a_field_of_ones_own_appears_in_form_record_list_and_filter(site: Site, chromium: Browser) -> None:
    with site.enter(chromium, "OWNER") as owner:
        page = owner.page
        owner.go("/settings/fields/?model=work.task")
        page.get_by_role("link", name=zh("New field"), exact=True).first.click()
        form = page.locator("form:has([name=label])")
        form.locator("[name=label]").fill("跟进方式")
        form.locator("[name=type]").select_option("CHOICE")
        form.locator("[name=in_list]").check()
        form.locator("[name=in_filter]").check()
        form.locator("[type=submit]").last.click()
        assert owner.error_of("options", form).inner_text(), (
            "choices without choices are refused beside the field"
        )
        expect(form.locator("[name=label]")).to_have_value("跟进方式")
        form.locator("[name=options]").fill("打电话\n上门\n微信")
        form.locator("[type=submit]").last.click()
        page.wait_for_url("**/settings/fields/?*")
        owner.reads("跟进方式")

        owner.go("/tasks/new/")
        page.fill("[name=title]", "问问沙发用得怎么样")
        page.get_by_label("跟进方式").select_option(label="上门")
        page.locator("main form [type=submit]").last.click()
        page.wait_for_url("**/tasks/*/")
        owner.reads("上门")
        owner.go("/tasks/?q=问问沙发")
        expect(page.get_by_role("columnheader", name="跟进方式")).to_be_visible()
        expect(owner.row("问问沙发")).to_contain_text("上门")
        owner.go("/tasks/")
        page.locator(".dk-filters > summary").click()
        page.locator(".dk-filters").get_by_label("跟进方式").select_option(label="上门")
        page.locator(".dk-filters [type=submit]").click()
        expect(owner.main.locator("tbody tr")).to_have_count(1)
        expect(owner.row("问问沙发")).to_have_count(1)
