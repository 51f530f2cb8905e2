"""Pictures a person chose or took."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from dianke.catalog.operations.photos import MOST_PHOTOS
from dianke.catalog.operations.pictures import LARGEST_MB, Picture, PictureMissing, picture_of
from dianke.core.errors import InvalidInput
from dianke.web.forms import KitForm

#: iPhones hand out JPEG where HEIC is not asked for.
ACCEPTED = "image/jpeg,image/png,image/webp"


class SeveralFiles(forms.FileInput):
    """Several files in one field; the browser says which are pictures, the content decides."""

    allow_multiple_selected = True


class PicturesField(forms.FileField):
    """Cleaned to pictures that are ready to be kept, in the order they were chosen."""

    def clean(self, data: Any, initial: Any = None) -> list[Picture]:
        files = [file for file in (data or []) if isinstance(file, UploadedFile)]
        if not files:
            raise ValidationError(str(PictureMissing()))
        if len(files) > MOST_PHOTOS:
            raise ValidationError(_("At most %(limit)s pictures at once.") % {"limit": MOST_PHOTOS})
        try:
            return [_read(file) for file in files]
        except InvalidInput as error:
            raise ValidationError(str(error)) from error


def _read(file: UploadedFile[Any]) -> Picture:
    # One byte more than allowed is enough to be refused; the rest is never read into memory.
    return picture_of(file.read(LARGEST_MB * 1024 * 1024 + 1), name=(file.name or "")[-60:])


class PhotosForm(KitForm):
    """Chosen from the device; on a phone also taken with the camera, which is a second field of the same kind."""

    pictures = PicturesField(
        label=_("Pictures"),
        help_text=_("JPEG, PNG, WebP or HEIC, several at once, at most 20 MB each."),
        widget=SeveralFiles(attrs={"accept": f"{ACCEPTED},image/heic,image/heif"}),
        max_length=None,
    )
    wide = ("pictures",)
