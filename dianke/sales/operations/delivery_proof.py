"""Signatures and photos of deliveries: encoded anew, sealed with the customer's key and kept outside the database, so
that erasing the customer erases them in every backup too."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

from dianke.catalog.operations.pictures import picture_of
from dianke.core.actor import Actor
from dianke.core.data_keys import open_data_key
from dianke.core.errors import InvalidInput, NotFound
from dianke.core.ids import uuid7
from dianke.events.operations import step
from dianke.sales.models import Delivery, DeliveryProof

TABLE = "sales_deliveryproof"
LARGEST_SIGNATURE = 512 * 1024
SIGNATURE_SIDE = 1600


class ProofGone(NotFound):
    code = "delivery_proof_gone"
    message = _("This picture was erased, or it is not among those you may see.")


class SignatureBroken(InvalidInput):
    code = "delivery_signature_broken"
    message = _("The signature did not come through. Have it signed once more.")
    default_field = "signature"


def place_of(proof: DeliveryProof) -> Path:
    """Where the sealed bytes lie."""
    name = proof.uuid.hex
    return Path(settings.MEDIA_ROOT) / "deliveries" / name[-2:] / name


def read_proof(proof: DeliveryProof) -> bytes:
    """The picture in the clear. Raises `ProofGone`, `DataKeyDestroyed`, `SealBroken`."""
    if proof.erased_at is not None:
        raise ProofGone
    try:
        sealed = place_of(proof).read_bytes()
    except FileNotFoundError:
        raise ProofGone from None
    return open_data_key(proof.key).open(sealed, table=TABLE, field="content", row=proof.uuid)


@step
def keep_proof(delivery: Delivery, kind: str, content: bytes, actor: Actor, now: datetime) -> Path:
    """Seal one picture and write its row; where it lies, for who takes back what failed."""
    if kind == DeliveryProof.Kind.SIGNATURE:
        content_type, plain = "image/png", _signature(content)
    else:
        picture = picture_of(content)
        content_type, plain = picture.content_type, picture.large
    proof = DeliveryProof(
        uuid=uuid7(),
        key=delivery.key,
        delivery=delivery,
        kind=kind,
        content_type=content_type,
        size=len(plain),
        added_at=now,
        added_by_id=actor.user_id,
    )
    place = place_of(proof)
    sealed = open_data_key(delivery.key).seal(plain, table=TABLE, field="content", row=proof.uuid)
    _write(place, sealed)
    try:
        proof.save()
    except BaseException:
        place.unlink(missing_ok=True)
        raise
    return place


@contextmanager
def kept_or_deleted() -> Iterator[list[Path]]:
    """What was written inside goes again when the operation fails."""
    places: list[Path] = []
    try:
        yield places
    except BaseException:
        _delete(places)
        raise


@step
def erase_deliveries(customer_ids: Collection[int], now: datetime) -> int:
    """Blank where deliveries of these customers went and who took them, and delete their pictures; how many rows."""
    rows = Delivery.objects.filter(customer__in=customer_ids)
    proofs = DeliveryProof.objects.filter(delivery__customer__in=customer_ids, erased_at=None)
    places = [place_of(proof) for proof in proofs]
    count = rows.update(street=None, receiver=None, phone=None, note=None, taken_by=None)
    count += proofs.update(erased_at=now, size=0, content_type="")
    transaction.on_commit(lambda: _delete(places))
    return count


@step
def delete_pictures() -> None:
    """The pictures of all deliveries, once the transaction holds. Their rows are removed by who calls."""
    places = [place_of(proof) for proof in DeliveryProof.objects.filter(erased_at=None)]
    transaction.on_commit(lambda: _delete(places))


def _delete(places: Iterable[Path]) -> None:
    for place in places:
        place.unlink(missing_ok=True)


def _signature(content: bytes) -> bytes:
    """What was drawn, as a plain black and white picture without anything beside it."""
    if len(content) > LARGEST_SIGNATURE:
        raise SignatureBroken
    try:
        with Image.open(BytesIO(content), formats=("PNG",)) as opened:
            if max(opened.size) > SIGNATURE_SIDE or min(opened.size) < 2:
                raise SignatureBroken
            drawn = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError):
        raise SignatureBroken from None
    paper = Image.new("RGB", drawn.size, "white")
    paper.paste(drawn, mask=drawn.getchannel("A"))
    darkest, lightest = paper.convert("L").getextrema()
    if darkest == lightest:
        raise SignatureBroken
    out = BytesIO()
    paper.convert("L").save(out, "PNG", optimize=True)
    return out.getvalue()


def _write(path: Path, sealed: bytes) -> None:
    """Complete or not at all: written beside and moved into place."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
