from django.apps import AppConfig


class MatchingConfig(AppConfig):
    name = "dianke.matching"
    label = "matching"
