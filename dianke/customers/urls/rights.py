"""Requests about data, the processing register, birthdays and care rules."""

from django.urls import path

from dianke.customers.views import care, processing, rights

urlpatterns = [
    path("customers/requests/", rights.request_list, name="requests"),
    path("customers/requests/new/", rights.request_new, name="request-new"),
    path("customers/requests/<int:pk>/", rights.request_page, name="request"),
    path("customers/requests/<int:pk>/identity/", rights.identity, name="request-identity"),
    path("customers/requests/<int:pk>/answer/", rights.answer, name="request-answer"),
    path("customers/requests/<int:pk>/refusal/", rights.refusal, name="request-refusal"),
    path("customers/requests/<int:pk>/withdrawal/", rights.withdrawal, name="request-withdrawal"),
    path("customers/requests/<int:pk>/copies/<str:format>/", rights.copies, name="request-copies"),
    path("customers/requests/<int:pk>/erasure/", rights.erasure, name="request-erasure"),
    path("customers/requests/<int:pk>/certificate/", rights.certificate, name="request-certificate"),
    path("customers/register/", processing.activity_list, name="processing"),
    path("customers/register/new/", processing.activity_form, name="processing-new"),
    path("customers/register/paper/", processing.activity_paper, name="processing-paper"),
    path("customers/register/<int:pk>/", processing.activity_form, name="processing-edit"),
    path("customers/register/<int:pk>/review/", processing.activity_review, name="processing-review"),
    path("customers/register/<int:pk>/removal/", processing.activity_remove, name="processing-remove"),
    path("customers/dates/", care.dates, name="dates"),
    path("customers/dates/<int:pk>/task/", care.plan, name="date-task"),
    path("settings/care-rules/", care.rule_list, name="care-rules"),
    path("settings/care-rules/new/", care.rule_form, name="care-rule-new"),
    path("settings/care-rules/<int:pk>/", care.rule_form, name="care-rule"),
    path("settings/care-rules/<int:pk>/state/", care.rule_switch, name="care-rule-state"),
]
