"""Jobs of the page kit."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from dianke.access.models import User
from dianke.access.queries import actor_for
from dianke.web.exporting import write_export
from dianke.web.models import Export

EXPORTS_KEPT = timedelta(days=7)


@app.task(name="web.run_export", queue="exports", pass_context=False)
def run_export(export_id: int) -> None:
    """Write a long export for the person who asked, with the permissions they have now."""
    export = Export.objects.get(pk=export_id)
    now = timezone.now()
    write_export(export, actor=actor_for(User.objects.get(pk=export.user_id), now=now), now=now)


@app.periodic(cron="20 3 * * *")
@app.task(name="web.remove_old_exports", queue="nightly", pass_context=False)
def remove_old_exports(timestamp: int) -> None:
    """Delete export files after a week; the record of the export stays."""
    limit = timezone.now() - EXPORTS_KEPT
    folder = Path(settings.MEDIA_ROOT) / "exports"
    for export in Export.objects.filter(requested_at__lt=limit).only("pk", "format"):
        (folder / f"{export.pk}.{export.format}").unlink(missing_ok=True)
