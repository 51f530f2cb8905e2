"""The component tags: what they draw, and that they never let markup through."""

from __future__ import annotations

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation

from dianke.web import charts
from dianke.web.components import Fact, Stat, Step, Tab

EVIL = "<script>alert(1)</script>"


def draw(template: str, **context: object) -> str:
    with translation.override("zh-hans"):
        return Template(template).render(Context(context))


@pytest.mark.parametrize(
    "template",
    [
        '{% icon "user" label=evil %}',
        '{% status "good" evil %}',
        "{% avatar evil %}",
        "{% person evil note=evil url=evil %}",
        "{% copy evil %}",
        "{% masked evil evil %}",
        "{% button evil evil data_x=evil %}",
        "{% card title=evil note=evil %}{{ evil }}{% endcard %}",
        "{% alert 'bad' title=evil %}{{ evil }}{% endalert %}",
        "{% menu evil %}{{ evil }}{% endmenu %}",
        "{% stats stats %}",
        "{% facts facts %}",
        "{% steps steps %}",
        "{% tabs tabs %}",
        "{% progress 1 2 evil %}",
        "{% sparkline numbers evil %}",
        "{% empty 'users' evil action=evil url=evil %}",
        "{% chart chart %}",
    ],
)
def test_no_tag_lets_markup_through(template: str) -> None:
    drawn = draw(
        template,
        evil=EVIL,
        numbers=[1, 2],
        stats=[Stat(EVIL, EVIL, exact=EVIL, note=EVIL, url=EVIL, versus=EVIL)],
        facts=[Fact(EVIL, EVIL, url=EVIL)],
        steps=[Step(EVIL, note=EVIL)],
        tabs=[Tab(EVIL, EVIL)],
        chart=charts.bar(
            "c",
            title=EVIL,
            subtitle=EVIL,
            unit=EVIL,
            categories=[EVIL],
            series={EVIL: [1]},
            category_label=EVIL,
        ),
    )
    assert EVIL not in drawn
    assert "alert(1)" in drawn or "avatar" in template


def test_blocks_take_expressions_and_keep_their_body() -> None:
    assert draw("{% card title=name %}<b>{{ name }}</b>{% endcard %}", name="甲").count("甲") == 2
    with pytest.raises(TemplateSyntaxError):
        Template("{% card title %}{% endcard %}")


def test_an_alert_that_is_bad_is_announced_at_once() -> None:
    assert 'role="alert"' in draw('{% alert "bad" %}x{% endalert %}')
    assert 'role="status"' in draw('{% alert "" %}x{% endalert %}')


def test_a_status_has_one_of_the_five_tones() -> None:
    with pytest.raises(TemplateSyntaxError):
        draw('{% status "green" "x" %}')


def test_change_is_good_or_bad_news_by_what_rose() -> None:
    assert "is-good" in draw("{% change 12 %}")
    assert "is-bad" in draw("{% change 12 False %}")
    assert "is-bad" in draw("{% change percent %}", percent=-8)
    assert "持平" in draw("{% change 0 %}")
    assert draw("{% change None %}") == ""


def test_a_button_is_a_link_when_it_goes_somewhere() -> None:
    link = draw('{% button "新建" "/new/" kind="primary" icon_name="plus" opens="dialog" key="n" %}')
    assert link.startswith('<a class="btn btn-primary" href="/new/" data-open="dialog" data-key="n">')
    assert draw('{% button "保存" %}').startswith('<button type="submit" class="btn">')


def test_a_missing_fact_says_so() -> None:
    assert "未填" in draw("{% facts facts %}", facts=[Fact("微信", "")])
    assert ">0<" in draw("{% facts facts %}", facts=[Fact("次数", 0)])


def test_the_title_of_a_page_stands_in_the_tab_and_in_the_heading() -> None:
    from django.template import engines

    page = engines["django"].from_string(
        "{% extends 'web/print.html' %}{% block title %}{{ x }}{% endblock %}"
        "{% block content %}<h1>{% repeat_block title %}</h1>{% endblock %}"
    )
    with translation.override("zh-hans"):
        drawn = page.render({"x": "甲 & 乙"})
    assert "<title>甲 &amp; 乙 · 店客</title>" in drawn
    assert "<h1>甲 &amp; 乙</h1>" in drawn


# --- charts ----------------------------------------------------------------------------------------------------------
def test_a_chart_without_a_unit_is_refused() -> None:
    with pytest.raises(charts.ChartMisused):
        charts.line("c", title="t", subtitle="s", unit=" ", categories=["a"], series={"x": [1]})


def test_series_and_categories_must_fit() -> None:
    with pytest.raises(charts.ChartMisused):
        charts.bar("c", title="t", subtitle="s", unit="元", categories=["a", "b"], series={"x": [1]})
    with pytest.raises(charts.ChartMisused):
        charts.bar(
            "c", title="t", subtitle="s", unit="元", categories=["a"], series={str(n): [1] for n in range(7)}
        )


def test_a_donut_is_for_few_parts_of_a_whole() -> None:
    with pytest.raises(charts.ChartMisused):
        charts.donut("c", title="t", subtitle="s", unit="元", parts={str(n): 1 for n in range(6)})
    with pytest.raises(charts.ChartMisused):
        charts.donut("c", title="t", subtitle="s", unit="元", parts={"a": 5, "b": -1})
    with pytest.raises(charts.ChartMisused):
        charts.stacked_bar("c", title="t", subtitle="s", unit="元", categories=["a"], series={"x": [-1]})


def test_a_chart_brings_its_figures_as_a_table_and_its_options_as_data() -> None:
    figure = charts.line(
        "c",
        title="升了",
        subtitle="每日实收",
        unit="元",
        categories=["周一", "周二"],
        series={"本周": [1200, None]},
    )
    drawn = draw("{% chart figure %}", figure=figure)
    assert '<td class="num">1,200</td>' in drawn
    assert '<td class="num">–</td>' in drawn
    assert '<script id="c" type="application/json">' in drawn
