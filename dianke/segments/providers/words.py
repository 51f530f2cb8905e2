"""What the room's events and rows are called."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dianke.events.registry import register_kind, register_rows
from dianke.segments.models import VIEW, Segment

_EVENTS = {
    "segment_made": _("Segment “%(name)s” made with %(count)s people"),
    "segment_changed": _("Segment “%(name)s” changed"),
    "segment_copied": _("Segment “%(name)s” made from another"),
    "segment_converted": _("Segment “%(name)s” turned into a fixed list, or back into rules"),
    "segment_archived": _("Segment “%(name)s” put away"),
    "segment_restored": _("Segment “%(name)s” brought back"),
    "segment_refreshed": _("Segment “%(name)s” worked out: %(count)s people, %(came)s came, %(left)s left"),
    "segments_started": _("%(count)s ready-made segments added"),
}


def register() -> None:
    """Called once, when the apps are ready."""
    for code, label in _EVENTS.items():
        register_kind(f"segments.{code}", label, permission=VIEW)
    register_rows(
        "segments.segment", Segment.objects.visible_to, "name", url_name="segments:segment", permission=VIEW
    )
