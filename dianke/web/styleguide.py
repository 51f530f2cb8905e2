"""The living style page for administrators: every component, in the state a designer forgets too.

The samples are Chinese shop data, like the demo merchant's, and are not translated; only the headings are.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from dianke.access.guards import requires
from dianke.core.money import Money
from dianke.web import charts, responses
from dianke.web.components import Crumb, Entry, Fact, Stat, Step, Tab

LONG_NAME = "阿卜杜热西提·买买提艾力"
LONG_COMPANY = "上海云锦天成家居艺术与整体空间设计装饰工程（集团）股份有限公司静安寺旗舰体验店分公司"
VIEWS = (
    ("basics", gettext_lazy("Basics")),
    ("input", gettext_lazy("Input")),
    ("data", gettext_lazy("Data")),
    ("charts", gettext_lazy("Charts")),
)


@require_http_methods(["GET", "POST"])
@requires("web.view_styleguide")
def styleguide(request: HttpRequest) -> HttpResponse:
    """One tab per family of components; a POST shows what happens after a write."""
    if request.method == "POST":
        if not request.POST.get("phone", "").strip():
            return render(request, "web/styleguide/form.html", {"is_wrong": True}, status=422)
        return responses.done(
            request, _("Customer created"), to=request.path, undo_url=request.path + "?undo=1"
        )
    if "form" in request.GET:
        return render(request, "web/styleguide/form.html", {})
    if "record" in request.GET:
        return render(request, "web/styleguide/record.html", _data(request))
    if "warn" in request.GET:
        messages.warning(request, _("Two customers share this phone. Compare them before you go on."))
    shown = request.GET.get("view", "basics")
    shown = shown if shown in dict(VIEWS) else "basics"
    context = {
        "view": shown,
        "tabs": [Tab(label, f"?view={code}", code == shown) for code, label in VIEWS],
        "crumb_list": [Crumb(_("Settings"), request.path)],
        "long_name": LONG_NAME,
        "long_company": LONG_COMPANY,
        **_data(request),
    }
    return render(request, f"web/styleguide/{shown}.html", context)


def _data(request: HttpRequest) -> dict[str, Any]:
    now = request.now  # type: ignore[attr-defined]
    return {
        "stats": [
            Stat("今日营业额", "¥18,640.00", change=12, versus="比上周六", url="?view=charts"),
            Stat("到店客户", "46", unit="人", change=-8, versus="比上周六", url="?view=data"),
            Stat("退款", "¥1,280.00", change=35, versus="比上周六", is_good_up=False),
            Stat("储值余额", "¥126.4万", exact="¥1,264,380.50", note="1,208 位会员"),
            Stat("待跟进", "7", unit="位", note="2 位已逾期"),
        ],
        "stages": [
            Step("已下单", is_done=True, at=now - timedelta(days=12), note="李晓雯"),
            Step("付定金", is_done=True, at=now - timedelta(days=11), note="李晓雯"),
            Step("生产中", is_current=True, at=now - timedelta(days=3), note="工厂"),
            Step("送货安装"),
            Step("已完成"),
        ],
        "entries": [
            Entry(
                now - timedelta(minutes=12),
                "核销一次面部护理",
                "ticket",
                "good",
                "周敏",
                "剩余 7 次，2027年3月1日到期",
            ),
            Entry(
                now - timedelta(hours=20),
                "跟进：下周来试戴三款戒指",
                "message",
                "wait",
                "李晓雯",
                url="?view=data",
            ),
            Entry(now - timedelta(days=3), "退货一件，退款 ¥580.00", "arrow-back-up", "bad", "王建国"),
            Entry(now - timedelta(days=400), "建档", "user-plus", "", LONG_NAME),
        ],
        "fact_list": [
            Fact("姓名", LONG_NAME),
            Fact("工作单位", LONG_COMPANY),
            Fact("会员等级", "金卡", url="?view=basics"),
            Fact("微信", ""),
        ],
        "rows": [
            ("陈美玲", "138****6621", "good", "活跃", Money("48620.00", "CNY"), now - timedelta(hours=3)),
            (LONG_NAME, "139****0087", "wait", "待跟进", Money("1280.50", "CNY"), now - timedelta(days=1)),
            ("欧阳雪", "186****4410", "bad", "欠款", Money("-3600.00", "CNY"), now - timedelta(days=9)),
            (
                LONG_COMPANY,
                "021****8800",
                "off",
                "已停用",
                Money("1264380.00", "CNY"),
                now - timedelta(days=430),
            ),
            ("Michael Anderson", "177****2035", "", "新客", Money("0", "CNY"), now - timedelta(minutes=4)),
        ],
        "total": Money("1310680.50", "CNY"),
        "birthday": date(1990, 10, 20),
        "trend": [Decimal(value) for value in (12, 14, 13, 18, 17, 22, 21, 26)],
        "now": now,
        "course": charts.line(
            "sample-line",
            title="周末营业额比平日高四成",
            subtitle="静安店每日实收，含储值消费，不含充值",
            unit="元",
            categories=["11-15", "11-16", "11-17", "11-18", "11-19", "11-20", "11-21"],
            series={
                "本周": [Decimal(v) for v in (16200, 9400, 8800, 10100, 9900, 15200, 18640)],
                "上周": [Decimal(v) for v in (15100, 9000, 9200, 8700, 10400, 14100, 16640)],
            },
        ),
        "compare": charts.bar(
            "sample-bar",
            title="徐汇店客单价最高",
            subtitle="近 30 天实收除以成交单数",
            unit="元/单",
            categories=["徐汇店", "静安店", "浦东店", "虹桥店"],
            series={"客单价": [Decimal(v) for v in (1286, 940, 655, 512)]},
            lying=True,
        ),
        "parts": charts.stacked_bar(
            "sample-stack",
            title="老客贡献过半",
            subtitle="每月实收按客户来源",
            unit="万元",
            categories=["7月", "8月", "9月", "10月", "11月"],
            series={
                "老客": [Decimal(v) for v in (32, 35, 41, 44, 38)],
                "转介绍": [Decimal(v) for v in (12, 11, 15, 18, 16)],
                "新客": [Decimal(v) for v in (18, 14, 16, 15, 12)],
            },
        ),
        "share": charts.donut(
            "sample-donut",
            title="微信支付占六成",
            subtitle="本月实收按支付方式",
            unit="元",
            parts={
                "微信": Decimal(186400),
                "支付宝": Decimal(74200),
                "储值": Decimal(39800),
                "现金": Decimal(8600),
            },
        ),
    }
