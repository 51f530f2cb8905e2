"""Jobs of the page kit."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone, translation
from procrastinate.contrib.django import app

from dianke.access.models import User
from dianke.access.queries import actor_for
from dianke.core.clock import daily
from dianke.web import shell
from dianke.web.exporting import exports_folder, write_export
from dianke.web.models import Export

EXPORTS_KEPT = timedelta(days=7)


@app.task(name="web.run_export", queue="exports", pass_context=False)
def run_export(export_id: int) -> None:
    """Write a long export for the person who asked, in their language, with the permissions they have now."""
    export = Export.objects.get(pk=export_id)
    now = timezone.now()
    user = User.objects.get(pk=export.user_id)
    with translation.override(user.language), shell.local_time():
        write_export(export, actor=actor_for(user, now=now), now=now)


@app.periodic(cron=daily("3:20"))
@app.task(name="web.remove_old_exports", queue="nightly", pass_context=False)
def remove_old_exports(timestamp: int) -> None:
    """Delete export files after a week; the record of the export stays."""
    limit = (timezone.now() - EXPORTS_KEPT).timestamp()
    folder = exports_folder()
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
