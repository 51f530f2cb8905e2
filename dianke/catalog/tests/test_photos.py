"""Photos of products, variants and pieces: added, shown, put in order, taken away and brought back."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from dianke.catalog.models import Photo
from dianke.catalog.operations import photos
from dianke.catalog.operations.photos import place_of
from dianke.catalog.operations.pictures import Picture, picture_of
from dianke.catalog.queries.photos import main_photos
from dianke.catalog.tests.goods import only_variant
from dianke.catalog.tests.shop_window import Window, make_window
from dianke.core.actor import SYSTEM, PermissionRefused
from dianke.events.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def window(cast) -> Window:
    return make_window(cast)


@pytest.fixture
def who(now):
    return {"actor": SYSTEM, "now": now}


def drawn(size=(40, 30), form="JPEG") -> bytes:
    out = BytesIO()
    Image.new("RGB", size, (10, 120, 90)).save(out, form)
    return out.getvalue()


def picture() -> Picture:
    return picture_of(drawn())


def sent(name="1.jpg", content=None, content_type="image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, drawn() if content is None else content, content_type)


def url(name: str, *args: object) -> str:
    return reverse(f"catalog:{name}", args=args)


def order(of) -> list[int]:
    return list(of.photos.filter(removed_at=None).order_by("position", "pk").values_list("pk", flat=True))


# --- operations ------------------------------------------------------------------------------------------------------
def test_photos_stand_behind_those_that_are_there_and_leave_one_event(window, who):
    first = photos.add_photos(of=window.ring, pictures=[picture()], **who)
    more = photos.add_photos(of=window.ring, pictures=[picture(), picture()], **who)
    assert order(window.ring) == [each.pk for each in (*first, *more)]
    assert Event.objects.filter(kind="catalog.photos_added").count() == 2
    for photo in more:
        assert photos.read_photo(photo)
        assert photos.read_photo(photo, is_small=True)
        assert place_of(photo, is_small=False).stat().st_mode & 0o077 == 0


def test_a_photo_of_a_piece_is_also_of_its_product_and_stands_for_it_until_there_is_a_better_one(window, who):
    of_piece = photos.add_photos(of=window.piece, pictures=[picture()], **who)[0]
    assert of_piece.product == window.ring
    assert main_photos([window.ring.pk]) == {window.ring.pk: of_piece}
    own = photos.add_photos(of=window.ring, pictures=[picture()], **who)[0]
    assert main_photos([window.ring.pk, window.oil.pk]) == {window.ring.pk: own}


def test_photos_are_moved_among_their_own_only(window, who):
    red = window.shirt.variants.first()
    one, two, three = photos.add_photos(of=window.shirt, pictures=[picture()] * 3, **who)
    of_red = photos.add_photos(of=red, pictures=[picture()], **who)[0]
    photos.move_photo(photo=three, position=0, **who)
    own = [pk for pk in order(window.shirt) if pk != of_red.pk]
    assert own == [three.pk, one.pk, two.pk]
    photos.move_photo(photo=three, position=99, **who)
    assert [pk for pk in order(window.shirt) if pk != of_red.pk] == [one.pk, two.pk, three.pk]
    before = Event.objects.count()
    photos.move_photo(photo=three, position=2, **who)
    assert Event.objects.count() == before


def test_a_photo_that_was_taken_away_comes_back_where_it_stood(window, who):
    one, two, three = photos.add_photos(of=window.oil, pictures=[picture()] * 3, **who)
    photos.remove_photo(photo=two, **who)
    assert order(window.oil) == [one.pk, three.pk]
    assert photos.read_photo(two)
    photos.restore_photo(photo=two, **who)
    assert order(window.oil) == [one.pk, two.pk, three.pk]


def test_after_a_month_it_is_gone_for_good(window, who, now, django_capture_on_commit_callbacks):
    kept, gone = photos.add_photos(of=window.oil, pictures=[picture()] * 2, **who)
    photos.remove_photo(photo=gone, **who)
    early = now + photos.KEPT - timedelta(hours=1)
    assert photos.drop_removed_photos(actor=SYSTEM, now=early) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert photos.drop_removed_photos(actor=SYSTEM, now=now + photos.KEPT + timedelta(hours=1)) == 1
    assert list(Photo.objects.all()) == [kept]
    assert not place_of(gone, is_small=False).exists()
    assert not place_of(gone, is_small=True).exists()
    with pytest.raises(photos.PhotoGone):
        photos.restore_photo(photo=gone, **who)


def test_a_thing_has_so_many_photos_and_no_more(window, who, media):
    photos.add_photos(of=window.oil, pictures=[picture()] * photos.MOST_PHOTOS, **who)
    files = len(list(media.rglob("*")))
    with pytest.raises(photos.TooManyPhotos):
        photos.add_photos(of=window.oil, pictures=[picture()], **who)
    assert len(list(media.rglob("*"))) == files
    photos.add_photos(of=window.ring, pictures=[picture()], **who)


def test_what_cannot_be_written_leaves_no_file_behind(window, who, media):
    broken = Picture("image/gif", b"x", b"y")
    with pytest.raises(Exception, match="catalog_photo_is_picture"):
        photos.add_photos(of=window.oil, pictures=[broken], **who)
    assert not [path for path in media.rglob("*") if path.is_file()]


def test_a_clerk_adds_no_photos(window, cast, now):
    with pytest.raises(PermissionRefused):
        photos.add_photos(of=window.oil, pictures=[picture()], actor=cast.actor("clerk"), now=now)


# --- pages -----------------------------------------------------------------------------------------------------------
def test_pictures_of_a_phone_stand_in_list_product_and_piece(window, signed_in):
    client = signed_in("manager")
    answer = client.post(
        url("photos-of-product", window.ring.pk), {"pictures": [sent("1.jpg"), sent("2.jpg")]}
    )
    assert (answer.status_code, answer["Location"]) == (303, url("product", window.ring.pk))
    client.post(url("photos-of-piece", window.piece.pk), {"pictures": [sent()]})
    red = window.shirt.variants.first()
    client.post(url("photos-of-variant", red.pk), {"pictures": [sent()]})
    main = window.ring.photos.filter(piece=None).order_by("position").first()
    small = url("photo-small", main.uuid)
    assert small in client.get(url("products")).content.decode()
    assert url("photo", main.uuid) in client.get(url("product", window.ring.pk)).content.decode()
    of_piece = window.piece.photos.get()
    assert url("photo", of_piece.uuid) in client.get(url("piece", window.piece.pk)).content.decode()
    assert url("photo-small", of_piece.uuid) in client.get(url("product", window.ring.pk)).content.decode()
    of_red = red.photos.get()
    assert url("photo-small", of_red.uuid) in client.get(url("product", window.shirt.pk)).content.decode()
    for name in ("product", "photos"):
        assert client.get(url(name, window.shirt.pk)).status_code == 200


@pytest.mark.parametrize(
    "files",
    [
        [],
        [("notes.jpg", b"this is text")],
        [("good.jpg", None), ("bad.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 40)],
        [("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")],
        [(f"{number}.jpg", None) for number in range(13)],
    ],
)
def test_what_is_no_picture_is_refused_and_none_of_the_others_kept(window, signed_in, files):
    sending = {"pictures": [sent(name, content) for name, content in files]}
    answer = signed_in("manager").post(url("photos-of-product", window.oil.pk), sending)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not Photo.objects.exists()


def test_a_picture_is_kept_by_the_browser_and_by_nobody_between(window, signed_in, who):
    photo = photos.add_photos(of=window.oil, pictures=[picture()], **who)[0]
    for name in ("photo", "photo-small"):
        answer = signed_in("clerk").get(url(name, photo.uuid))
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
        assert "private" in answer["Cache-Control"]
        assert "immutable" in answer["Cache-Control"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        again = signed_in("clerk").get(url(name, photo.uuid), headers={"If-None-Match": answer["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert signed_in("clerk").post(url("photo-removal", photo.uuid)).status_code == 403
    photos.remove_photo(photo=photo, **who)
    assert signed_in("clerk").get(url("photo", photo.uuid)).status_code == 404


def test_photos_are_arranged_and_taken_away_with_a_way_back(window, signed_in, who):
    one, two = photos.add_photos(of=window.oil, pictures=[picture()] * 2, **who)
    client = signed_in("manager")
    client.post(url("photo-position", two.uuid), {"position": "0"})
    assert order(window.oil) == [two.pk, one.pk]
    client.post(url("photo-removal", two.uuid))
    assert order(window.oil) == [one.pk]
    page = client.get(url("photos", window.oil.pk)).content.decode()
    assert url("photo-return", two.uuid) in page  # the notice with its undo
    client.post(url("photo-return", two.uuid))
    assert order(window.oil) == [two.pk, one.pk]


# --- programs --------------------------------------------------------------------------------------------------------
def test_a_program_adds_moves_and_removes_photos(window, signed_in, api):
    path = f"/api/v1/products/{window.ring.pk}/photos"
    client = signed_in("manager")
    made = client.post(path, {"file": sent("a.png", drawn(form="PNG")), "piece_id": window.piece.pk})
    assert made.status_code == 201, made.content
    assert (made.json()["piece_id"], made.json()["content_type"]) == (window.piece.pk, "image/jpeg")
    own = client.post(path, {"file": sent()}).json()
    second = client.post(path, {"file": sent()}).json()
    assert [each["id"] for each in api("clerk", "GET", f"/products/{window.ring.pk}/photos")[1]] == [
        own["id"], second["id"], made.json()["id"],
    ]  # fmt: skip
    assert api("manager", "PUT", f"/photos/{second['id']}/position", {"position": 0})[1]["position"] == 0
    content = signed_in("clerk").get(f"/api/v1/photos/{own['id']}/content?size=small")
    assert (content.status_code, content["Content-Type"]) == (200, "image/jpeg")
    assert api("manager", "DELETE", f"/photos/{own['id']}")[0] == 204
    assert signed_in("clerk").get(f"/api/v1/photos/{own['id']}/content").status_code == 404
    assert api("manager", "POST", f"/photos/{own['id']}/restore")[0] == 200


def test_a_program_is_told_what_is_wrong_with_a_photo(window, signed_in, api):
    path = f"/api/v1/products/{window.ring.pk}/photos"
    assert signed_in("clerk").post(path, {"file": sent()}).status_code == 403
    manager = signed_in("manager")
    bad = manager.post(path, {"file": sent("a.jpg", b"text")})
    assert (bad.status_code, bad.json()["code"]) == (422, "picture_kind_refused")
    other = manager.post(path, {"file": sent(), "variant_id": only_variant(window.oil).pk})
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "variant_id")
    both = {"variant_id": only_variant(window.ring).pk, "piece_id": window.piece.pk}
    assert manager.post(path, {"file": sent(), **both}).status_code == 422
    assert api("manager", "DELETE", "/photos/01890000-0000-7000-8000-000000000000")[0] == 404
    assert not Photo.objects.exists()
