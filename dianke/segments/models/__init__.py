"""The tables of the room: segments with whom they held last, and what was bought, kept narrow for counting."""

from dianke.segments.models.purchases import Purchase, PurchasePlace
from dianke.segments.models.segments import MANAGE, VIEW, Segment, SegmentCount, SegmentMember

__all__ = ["MANAGE", "VIEW", "Purchase", "PurchasePlace", "Segment", "SegmentCount", "SegmentMember"]
