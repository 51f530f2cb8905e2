"""Pages of the room: the list, the upload, and one page per run that shows what its state asks for."""

from dianke.imports.views.lists import run_list
from dianke.imports.views.runs import cancel, discard, errors, run_page, start, undo
from dianke.imports.views.uploading import columns, reading, template, upload

__all__ = [
    "cancel",
    "columns",
    "discard",
    "errors",
    "reading",
    "run_list",
    "run_page",
    "start",
    "template",
    "undo",
    "upload",
]
