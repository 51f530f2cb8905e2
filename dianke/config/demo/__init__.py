"""The demo: one believable family business that shows everything, and the doors to load and remove it.

    load(trade=None, now=None)     everything, or the stores of one trade; one transaction
    stages(trade=None, now=…)      the same, yielding what it is doing, for the page of the first start
    remove(), forget_demo()        back to the first start; the log stays
    demo_people_exist(), demo_logins(), logins()

The data are in the TOML files beside this one; days in them count from today, so the demo is always current and, for a
given `now`, always the same. Everything is made through operations, at the times it is said to have happened.
"""

from dianke.config.demo.loading import DemoRefused, TradeUnknown, load, stages
from dianke.config.demo.people import PASSWORD, demo_logins, demo_people_exist, logins
from dianke.config.demo.removal import forget_demo, remove

__all__ = [
    "PASSWORD",
    "DemoRefused",
    "TradeUnknown",
    "demo_logins",
    "demo_people_exist",
    "forget_demo",
    "load",
    "logins",
    "remove",
    "stages",
]
