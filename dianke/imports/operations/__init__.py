"""Every write of the room: files come in, runs are steered by people, jobs note how far they are."""

from dianke.imports.operations.files import discard_run, forget_files, read_anew, upload_file
from dianke.imports.operations.progress import (
    apply_rows,
    end_check,
    fail_run,
    finish_check,
    finish_run,
    finish_undo,
    settle_rows,
    undo_rows,
)
from dianke.imports.operations.steering import (
    RunMovedOn,
    check_run,
    request_cancel,
    start_run,
    start_undo,
)

__all__ = [
    "RunMovedOn",
    "apply_rows",
    "check_run",
    "discard_run",
    "end_check",
    "fail_run",
    "finish_check",
    "finish_run",
    "finish_undo",
    "forget_files",
    "read_anew",
    "request_cancel",
    "settle_rows",
    "start_run",
    "start_undo",
    "undo_rows",
    "upload_file",
]
