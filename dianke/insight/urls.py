"""Addresses of the room."""

from django.urls import path

from dianke.insight.views import boards, customers, proposals, reports
from dianke.insight.views.buyers import Buyers
from dianke.insight.views.listing import CustomerValues
from dianke.insight.views.report_listing import Reports
from dianke.web.list_views import list_view

app_name = "insight"

urlpatterns = [
    path("insight/boards/", boards.boards, name="boards"),
    path("insight/boards/today/", boards.today, name="boards-today"),
    path("insight/boards/past/", boards.past, name="boards-past"),
    path("insight/customers/", customers.customers, name="customers"),
    path("insight/customers/retention/", customers.retention, name="retention"),
    path("insight/customers/state/", customers.state, name="state"),
    path("insight/customers/people/", list_view(CustomerValues), name="people"),
    path("insight/customers/<int:pk>/declined/<int:product_id>/", proposals.decline, name="decline"),
    path("insight/customers/<int:pk>/allowed/<int:product_id>/", proposals.allow, name="allow"),
    path("insight/recommendations/", proposals.recommendations, name="recommendations"),
    path("insight/recommendations/categories/", proposals.categories, name="unproposed"),
    path("insight/buyers/", list_view(Buyers, "insight/buyers.html"), name="buyers"),
    path("insight/reports/", list_view(Reports), name="reports"),
    path("insight/reports/new/", reports.new, name="report-new"),
    path("insight/reports/<int:pk>/", reports.report, name="report"),
    path("insight/reports/<int:pk>/edit/", reports.edit, name="report-edit"),
    path("insight/reports/<int:pk>/file/", reports.report_file, name="report-file"),
    path("insight/reports/<int:pk>/schedule/", reports.schedule, name="report-schedule"),
    path("insight/reports/<int:pk>/stop/", reports.stop, name="report-stop"),
    path("insight/reports/<int:pk>/delete/", reports.delete, name="report-delete"),
    path("insight/reports/<int:pk>/restore/", reports.restore, name="report-restore"),
    path("insight/refresh/", customers.refresh, name="refresh"),
]
