"""What is kept of an uploaded picture, and what is refused."""

from __future__ import annotations

import base64
from io import BytesIO

import pytest
from PIL import Image, ImageFile
from PIL.ExifTags import Base as Exif

from dianke.catalog.operations import pictures
from dianke.catalog.operations.pictures import picture_of

#: A red picture of 64 × 48 as iPhones write it.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAA"
    "AAAAACJpbG9jAAAAAERAAAEAAQAAAAABoQABAAAAAAAAABoAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAA"
    "AA5waXRtAAAAAAABAAAA/WlwcnAAAADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNw"
    "AAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFz"
    "wIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAA"
    "Av////AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAACJtZGF0AAAAFigBrxmA70mlv//f"
    "4x/19q/4prWmPm4="
)


def drawn(size=(400, 300), *, form="JPEG", mode="RGB", colour=(200, 30, 30), **more) -> bytes:
    out = BytesIO()
    Image.new(mode, size, colour).save(out, form, **more)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


def test_a_large_picture_is_kept_in_two_sizes():
    made = picture_of(drawn((4000, 3000)))
    assert made.content_type == "image/jpeg"
    assert opened(made.large).size == (1600, 1200)
    assert opened(made.small).size == (320, 240)


def test_a_small_picture_is_not_blown_up():
    made = picture_of(drawn((200, 100), form="WEBP"))
    assert opened(made.large).size == opened(made.small).size == (200, 100)


def test_place_and_device_are_left_out_and_the_picture_stands_upright():
    exif = Image.Exif()
    exif[Exif.Orientation] = 6
    exif[Exif.Make] = "Phone"
    exif.get_ifd(0x8825)[1] = "N"
    content = drawn((400, 300), exif=exif, comment=b"somebody")
    assert b"Phone" in content
    made = picture_of(content)
    for kept in (made.large, made.small):
        image = opened(kept)
        assert not image.getexif()
        assert "comment" not in image.info
        assert b"Phone" not in kept
    assert opened(made.large).size == (300, 400)


def test_transparency_stays_and_what_is_opaque_becomes_jpeg():
    clear = picture_of(drawn(mode="RGBA", form="PNG", colour=(0, 0, 0, 0)))
    assert clear.content_type == "image/webp"
    assert opened(clear.small).mode == "RGBA"
    assert picture_of(drawn(mode="RGBA", form="PNG", colour=(9, 9, 9, 255))).content_type == "image/jpeg"


@pytest.mark.parametrize(
    ("mode", "form", "colour"),
    [("L", "PNG", 90), ("P", "PNG", 3), ("CMYK", "JPEG", (0, 200, 200, 0)), ("1", "PNG", 1)],
)
def test_every_kind_of_colour_becomes_one_that_screens_show(mode, form, colour):
    assert opened(picture_of(drawn(mode=mode, form=form, colour=colour)).large).mode == "RGB"


def test_heic_of_a_phone_is_read():
    image = opened(picture_of(HEIC).large)
    assert (image.format, image.size) == ("JPEG", (64, 48))
    assert image.getpixel((9, 9))[0] > 150


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", pictures.PictureMissing),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", pictures.PictureKindRefused),
        (b"%PDF-1.7 not a picture", pictures.PictureKindRefused),
        (drawn(form="GIF", mode="P", colour=1), pictures.PictureKindRefused),
        (drawn(form="TIFF"), pictures.PictureKindRefused),
        (drawn((900, 900))[:700], pictures.PictureBroken),
        (drawn((300, 300), form="PNG")[:-30], pictures.PictureBroken),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 60, (pictures.PictureKindRefused, pictures.PictureBroken)),
    ],
)
def test_what_is_no_whole_picture_is_refused_by_name(content, error, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # as makers of PDFs leave it behind
    with pytest.raises(error) as told:
        picture_of(content, name="戒指.jpg")
    if content:
        assert "戒指.jpg" in str(told.value)


def test_a_bomb_is_refused_before_it_is_unpacked():
    bomb = drawn((9000, 9000), mode="1", form="PNG", colour=1)
    assert len(bomb) < 100_000
    with pytest.raises(pictures.PictureTooManyPixels):
        picture_of(bomb)


def test_more_bytes_than_allowed_are_refused():
    with pytest.raises(pictures.PictureTooLarge):
        picture_of(b"\xff\xd8\xff" + b"0" * (pictures.LARGEST_MB * 1024 * 1024))
