"""Addresses of levels and points."""

from django.urls import path

from dianke.loyalty.views import members, portal, programme

app_name = "loyalty"
urlpatterns = [
    path("loyalty/", programme.programme, name="programme"),
    path("loyalty/begin/", programme.programme_begin, name="programme-begin"),
    path("loyalty/programme/<slug:part>/", programme.programme_part, name="programme-part"),
    path("loyalty/levels/new/", programme.level_new, name="level-new"),
    path("loyalty/levels/<int:pk>/", programme.level, name="level"),
    path("loyalty/levels/<int:pk>/archive/", programme.level_archive, name="level-archive"),
    path("loyalty/rules/new/", programme.rule_new, name="rule-new"),
    path("loyalty/rules/<int:pk>/", programme.rule, name="rule"),
    path("loyalty/gifts/new/", programme.gift_new, name="gift-new"),
    path("loyalty/gifts/<int:pk>/", programme.gift, name="gift"),
    path("loyalty/rewards/new/", programme.reward_new, name="reward-new"),
    path("loyalty/rewards/<int:pk>/", programme.reward, name="reward"),
    path("loyalty/members/<int:pk>/", members.statement, name="statement"),
    path("loyalty/members/<int:pk>/postings/<int:posting_pk>/", members.posting, name="posting"),
    path("loyalty/members/<int:pk>/adjust/", members.adjust, name="adjust"),
    path("loyalty/members/<int:pk>/level/", members.grant, name="grant"),
    path("loyalty/members/<int:pk>/redeem/", members.redeem, name="redeem"),
    path("loyalty/grants/<int:pk>/withdraw/", members.grant_withdraw, name="grant-withdraw"),
    path(
        "loyalty/redemptions/<int:pk>/hand-over/",
        members.redemption_act,
        {"act": "hand-over"},
        name="redemption-hand-over",
    ),
    path(
        "loyalty/redemptions/<int:pk>/cancel/",
        members.redemption_act,
        {"act": "cancel"},
        name="redemption-cancel",
    ),
    path("m/invite/", portal.invite, name="invite"),
    path("m/invited/", portal.invited, name="invited-code"),
    path("m/invited/<str:code>/", portal.invited, name="invited"),
]
