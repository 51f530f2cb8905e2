"""Pages as PDF, for mails and files: orders, copies of personal data, later statements and receipts.

A page is written as it stands: nothing is fetched from anywhere, so that what a customer or supplier wrote into a text
cannot make the server call out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import TemporarilyUnavailable


class PdfUnavailable(TemporarilyUnavailable):
    code = "pdf_unavailable"
    message = _("This computer cannot write PDF files. Open the printable page and print it as PDF.")


def as_pdf(html: str, *, style: Path) -> bytes:
    """A page as PDF with the style sheet of its paper. Raises `PdfUnavailable` where the text libraries are missing."""
    try:
        from weasyprint import CSS, HTML
    except (ImportError, OSError) as error:
        raise PdfUnavailable from error

    def refuse(url: str, *args: Any, **kwargs: Any) -> Any:
        raise ValueError(f"a page on paper fetches nothing: {url}")

    written: bytes = HTML(string=html, url_fetcher=refuse).write_pdf(
        stylesheets=[CSS(string=style.read_text("utf-8"))]
    )
    return written
