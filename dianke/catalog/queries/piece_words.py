"""How a single piece is named on paper, so that it is known again: by its tag and its certificate."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dianke.catalog.models import Piece


def piece_words(piece: Piece) -> str:
    """ "Tag B0312, certificate GIA 2141438171"."""
    if not piece.certificate_number:
        return _("Tag %(tag)s") % {"tag": piece.tag}
    certificate = f"{piece.certificate_issuer} {piece.certificate_number}".strip()
    return _("Tag %(tag)s, certificate %(certificate)s") % {"tag": piece.tag, "certificate": certificate}
