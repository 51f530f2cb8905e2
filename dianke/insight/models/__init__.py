"""Tables of the room: what was worked out about customers, where they answer, what to propose to them, and the reports
people keep."""

from dianke.insight.models.contact import ContactPreference
from dianke.insight.models.proposals import (
    PROPOSE,
    DeclinedProposal,
    ProductPair,
    Proposal,
    UnproposedCategory,
)
from dianke.insight.models.reports import FIGURES, ReportDelivery, ReportSchedule, SavedReport
from dianke.insight.models.values import (
    VIEW,
    CustomerMetrics,
    CustomerMetricsQuerySet,
    SnapshotRun,
    SnapshotRunQuerySet,
    ValueGroup,
)

__all__ = [
    "FIGURES",
    "PROPOSE",
    "VIEW",
    "ContactPreference",
    "CustomerMetrics",
    "CustomerMetricsQuerySet",
    "DeclinedProposal",
    "ProductPair",
    "Proposal",
    "ReportDelivery",
    "ReportSchedule",
    "SavedReport",
    "SnapshotRun",
    "SnapshotRunQuerySet",
    "UnproposedCategory",
    "ValueGroup",
]
