"""Every write of the room."""

from dianke.segments.operations.purchases import fold_purchases
from dianke.segments.operations.refreshing import refresh_due, refresh_segment
from dianke.segments.operations.segments import (
    archive_segment,
    change_segment,
    convert_segment,
    copy_segment,
    make_segment,
    restore_segment,
    start_segments,
)

__all__ = [
    "archive_segment",
    "change_segment",
    "convert_segment",
    "copy_segment",
    "fold_purchases",
    "make_segment",
    "refresh_due",
    "refresh_segment",
    "restore_segment",
    "start_segments",
]
