"""Pictures as they are kept: told by their content, turned upright, made smaller, rid of everything that is no picture.

What a phone writes beside the picture (place, time, device) never gets past this module: the bytes that leave it are
encoded anew from the pixels. Sizes are in pixels, files in bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from threading import Lock

import pi_heif
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms, ImageFile, ImageOps, UnidentifiedImageError

from dianke.core.errors import InvalidInput

pi_heif.register_heif_opener()

LARGEST_MB = 20
#: Phones take pictures of up to 50 million pixels; more is decoded by nobody who means well.
MOST_PIXELS = 50_000_000
#: The longer side of the picture people look at, and of the one in lists.
LARGE, SMALL = 1600, 320
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")


class PictureMissing(InvalidInput):
    code = "picture_missing"
    message = _("Choose a picture first, or take one.")
    default_field = "pictures"


class PictureTooLarge(InvalidInput):
    code = "picture_too_large"
    message = _("“%(name)s” has more than %(limit)s MB. Make it smaller, or take it again with less detail.")
    default_field = "pictures"


class PictureTooManyPixels(InvalidInput):
    code = "picture_too_many_pixels"
    message = _("“%(name)s” has more than %(limit)s million pixels. Make it smaller and add it again.")
    default_field = "pictures"


class PictureKindRefused(InvalidInput):
    code = "picture_kind_refused"
    message = _("“%(name)s” is no JPEG, PNG, WebP or HEIC picture. Save it as one of these and add it again.")
    default_field = "pictures"


class PictureBroken(InvalidInput):
    code = "picture_broken"
    message = _("“%(name)s” cannot be read to its end: it is damaged. Take or copy the picture again.")
    default_field = "pictures"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in the two sizes that are kept, both of the same `content_type`: JPEG, or WebP where parts of it are
    transparent."""

    content_type: str
    large: bytes
    small: bytes


def picture_of(content: bytes, *, name: str = "") -> Picture:
    """What is kept of an uploaded file; `name` only says in errors which one is meant.

    Raises `PictureMissing`, `PictureTooLarge`, `PictureTooManyPixels`, `PictureKindRefused`, `PictureBroken`.
    """
    if not content:
        raise PictureMissing()
    if len(content) > LARGEST_MB * 1024 * 1024:
        raise PictureTooLarge(name=name, limit=LARGEST_MB)
    try:
        upright = _upright(content, name)
        large = _plain(upright)
    except InvalidInput:
        raise
    except UnidentifiedImageError:
        raise PictureKindRefused(name=name) from None
    except Image.DecompressionBombError:
        raise PictureTooManyPixels(name=name, limit=MOST_PIXELS // 1_000_000) from None
    except Exception:  # decoders fail in whatever way broken bytes lead them to
        raise PictureBroken(name=name) from None
    small = large.copy()
    small.thumbnail((SMALL, SMALL))
    content_type = "image/webp" if large.mode == "RGBA" else "image/jpeg"
    return Picture(content_type, _encoded(large), _encoded(small))


#: Makers of PDFs let pictures be cut off, for the whole process; here they may not, while one is read.
_whole = Lock()


@contextmanager
def _to_the_end() -> Iterator[None]:
    with _whole:
        before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


def _upright(content: bytes, name: str) -> Image.Image:
    with _to_the_end(), Image.open(BytesIO(content), formats=FORMATS) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise PictureTooManyPixels(name=name, limit=MOST_PIXELS // 1_000_000)
        # The box is a square, so the picture may be made smaller before it is turned: a JPEG is then decoded small.
        opened.thumbnail((LARGE, LARGE), reducing_gap=2)
        turned: Image.Image = ImageOps.exif_transpose(opened)
        turned.load()
        return turned


def _plain(image: Image.Image) -> Image.Image:
    """Red, green, blue (and transparency where there is some) as every screen understands them; nothing besides."""
    profile = image.info.get("icc_profile")
    is_clear = image.has_transparency_data
    if profile and not is_clear and image.mode in ("RGB", "CMYK"):
        with suppress(ImageCms.PyCMSError, OSError):  # a profile that is none changes no colours
            image = _in_srgb(image, profile)
    image = image.convert("RGBA" if is_clear else "RGB")
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    plain = Image.new(image.mode, image.size)
    plain.paste(image)
    return plain


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    target = ImageCms.createProfile("sRGB")
    found = ImageCms.profileToProfile(
        image, ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.ImageCmsProfile(target), outputMode="RGB"
    )
    return found or image


def _encoded(image: Image.Image) -> bytes:
    out = BytesIO()
    if image.mode == "RGBA":
        image.save(out, "WEBP", quality=85, method=4)
    else:
        image.save(out, "JPEG", quality=85, optimize=True, progressive=True)
    return out.getvalue()
