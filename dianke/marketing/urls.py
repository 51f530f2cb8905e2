"""Addresses of campaigns."""

from django.urls import path

from dianke.marketing.views import calendar, campaigns, comparing, links

app_name = "marketing"
urlpatterns = [
    path("campaigns/", campaigns.campaign_list, name="campaigns"),
    path("campaigns/new/", campaigns.campaign_new, name="campaign-new"),
    path("campaigns/calendar/", calendar.month, name="calendar"),
    path("campaigns/compare/", comparing.compare, name="compare"),
    path("campaigns/compare.xlsx", comparing.compare_file, name="compare-file"),
    path("campaigns/members/", campaigns.member_list, name="members"),
    path("campaigns/orders/", campaigns.order_list, name="orders"),
    path("campaigns/<int:pk>/", campaigns.campaign_page, name="campaign"),
    path("campaigns/<int:pk>/step/<str:step>/", campaigns.campaign_step, name="campaign-step"),
    path("campaigns/<int:pk>/reach/", campaigns.campaign_reach, name="campaign-reach"),
    path("campaigns/<int:pk>/progress/", campaigns.campaign_progress, name="campaign-progress"),
    path("campaigns/<int:pk>/history/", campaigns.campaign_history, name="campaign-history"),
    path("campaigns/<int:pk>/result.xlsx", comparing.result_file, name="result-file"),
    path("campaigns/<int:pk>/submit/", campaigns.campaign_submit, name="campaign-submit"),
    path("campaigns/<int:pk>/take-back/", campaigns.campaign_take_back, name="campaign-take-back"),
    path("campaigns/<int:pk>/pause/", campaigns.campaign_pause, name="campaign-pause"),
    path("campaigns/<int:pk>/resume/", campaigns.campaign_resume, name="campaign-resume"),
    path("campaigns/<int:pk>/stop/", campaigns.campaign_stop, name="campaign-stop"),
    path("campaigns/<int:pk>/copy/", campaigns.campaign_copy, name="campaign-copy"),
    path("l/<str:token>", links.follow, name="link"),
]
