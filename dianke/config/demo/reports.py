"""Reports of the demo: what an owner asks every week, shared; one of them goes out on Mondays."""

from __future__ import annotations

from typing import Any

from dianke.config.demo.family import Family
from dianke.insight.operations.reports import save_report, schedule_report
from dianke.insight.rules.occurrences import Rhythm

REPORTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (
        "每月门店销售",
        "各店每月卖了多少，同一把尺子",
        {"measures": ["net"], "by": ["month", "store"], "period": "365d", "chart": "stacked"},
    ),
    (
        "热销商品前二十",
        "备货和陈列时看",
        {
            "measures": ["net", "quantity", "orders"],
            "by": ["product"],
            "period": "90d",
            "top": 20,
            "chart": "bar",
        },
    ),
    (
        "什么时候最忙",
        "排班时看：星期与时段的订单数",
        {"measures": ["orders"], "by": ["weekday", "hour"], "period": "90d", "chart": "heat"},
    ),
    (
        "新老顾客走势",
        "新客来得够不够，老客还在不在",
        {
            "measures": ["new_customers", "returning_customers"],
            "by": ["week"],
            "period": "90d",
            "chart": "line",
        },
    ),
    (
        "员工业绩",
        "每人净销售额、订单和客单价",
        {"measures": ["net", "orders", "average"], "by": ["staff"], "period": "30d", "chart": "bar"},
    ),
)
#: The report that is sent on Mondays.
WEEKLY = "员工业绩"


class Reports:
    """Saves the reports of the data."""

    def __init__(self, family: Family) -> None:
        self.family = family
        self.count = 0

    def keep(self) -> None:
        """Saved by the founder for everybody; one is sent to the founder."""
        owner, now = self.family.owner, self.family.now
        for name, note, spec in REPORTS:
            values = {"name": name, "note": note, "spec": spec, "is_shared": True}
            row = save_report(values=values, actor=owner, now=now)
            self.count += 1
            if name == WEEKLY and owner.user_id is not None:
                rhythm = Rhythm("WEEKLY", 1, 1, 8)
                schedule_report(
                    report=row, rhythm=rhythm, recipient_ids=[owner.user_id], actor=owner, now=now
                )
