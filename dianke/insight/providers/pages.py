"""Where the room stands in the navigation, and the words of its events."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.events.registry import register_kind, register_rows
from dianke.insight.models import FIGURES, VIEW, SavedReport, SnapshotRun
from dianke.insight.operations.sending import FAILED, READY
from dianke.web import navigation
from dianke.web.navigation import Page, Place
from dianke.work.registry import NoticeKind, register_notice_kind


def register() -> None:
    """Called once, when the app is ready."""
    register_kind("insight.refresh_asked", _("Figures and values are brought up to date"), permission=VIEW)
    register_kind(
        "insight.values_written", _("Values of %(customers)s customers worked out"), permission=VIEW
    )
    register_kind(
        "insight.refresh_failed", _("Figures and values could not be brought up to date"), permission=VIEW
    )
    register_rows("insight.snapshotrun", SnapshotRun.objects.visible_to, "", noun=_("Snapshot"))
    _reports()
    navigation.register(
        Page(
            "insight.boards",
            pgettext_lazy("place", "Dashboards"),
            "insight:boards",
            Place.INSIGHT,
            "sales.view_reports",
            "layout-dashboard",
            5,
            words=_("dashboard today live sales trend stores staff goods"),
        )
    )
    navigation.register(
        Page(
            "insight.reports",
            pgettext_lazy("place", "Reports"),
            "insight:reports",
            Place.INSIGHT,
            FIGURES,
            "report-analytics",
            20,
            words=_("report builder figures pivot chart schedule excel"),
        )
    )
    navigation.register(
        Page(
            "insight.report_new",
            _("New report"),
            "insight:report-new",
            Place.INSIGHT,
            FIGURES,
            "plus",
            is_command=True,
        )
    )
    navigation.register(
        Page(
            "insight.customers",
            _("Customer value"),
            "insight:customers",
            Place.INSIGHT,
            VIEW,
            "chart-dots",
            30,
            words=_("rfm recency frequency groups retention cohorts champions lost slipping away"),
        )
    )
    navigation.register(
        Page(
            "insight.recommendations",
            _("Recommendations"),
            "insight:recommendations",
            Place.INSIGHT,
            VIEW,
            "bulb",
            50,
            words=_("basket bought together cross-selling proposals"),
        )
    )
    navigation.register(
        Page(
            "insight.people",
            _("Customers by value"),
            "insight:people",
            Place.INSIGHT,
            VIEW,
            "list-details",
            40,
            words=_("spent orders last purchase interval"),
        )
    )


def _reports() -> None:
    register_kind("insight.report_saved", _("Report “%(name)s” saved"), permission=FIGURES)
    register_kind("insight.report_changed", _("Report “%(name)s” changed"), permission=FIGURES)
    register_kind("insight.report_deleted", _("Report “%(name)s” deleted"), permission=FIGURES)
    register_kind("insight.report_restored", _("Report “%(name)s” brought back"), permission=FIGURES)
    register_kind("insight.report_scheduled", _("Report “%(name)s” is sent regularly"), permission=FIGURES)
    register_kind("insight.report_stopped", _("Report “%(name)s” is sent no more"), permission=FIGURES)
    register_kind(
        "insight.report_due", _("Report “%(name)s” goes out to %(count)s people"), permission=FIGURES
    )
    register_kind("insight.report_delivered", _("Report “%(name)s” handed over"), permission=FIGURES)
    register_rows(
        "insight.savedreport",
        SavedReport.objects.visible_to,
        "name",
        noun=pgettext_lazy("kept question", "Report"),
    )
    register_notice_kind(
        NoticeKind(
            READY, _("A report was made for me"), _("“%(name)s” is ready: %(days)s"), "report-analytics"
        )
    )
    register_notice_kind(
        NoticeKind(
            FAILED,
            _("A report could not be made for me"),
            _("“%(name)s” could not be made: %(why)s"),
            "report-analytics",
        )
    )
