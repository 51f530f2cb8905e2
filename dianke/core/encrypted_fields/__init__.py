"""Model fields whose column holds only sealed bytes, opened when they are read and not before.

    class ContactPoint(Sealed):
        customer_key = models.ForeignKey("core.DataKey", models.PROTECT)
        phone = EncryptedTextField(subject="customer_key", max_length=30)
        phone_exact = BlindIndexField(source="phone", normalise=normalised_phone)
        phone_last4 = BlindIndexField(source="phone", index="last4", bits=13, normalise=last_four)

    ContactPoint(customer_key=key, phone="13800138000").save()
    ContactPoint.objects.filter(**ContactPoint.blind("phone", "138 0013 8000"))

`row.phone` decrypts on first access; `row.phone_sealed` is the column. Lists therefore pay only for what they
show (load the keys with `select_related("customer_key")`). Blind indexes follow their source by themselves.
"""

from dianke.core.encrypted_fields.blind_indexes import (
    BlindIndexField,
    folded,
    index_many,
    index_texts,
    last_four,
    last_six,
)
from dianke.core.encrypted_fields.kinds import EncryptedDateField, EncryptedJSONField, EncryptedTextField
from dianke.core.encrypted_fields.rows import (
    Sealed,
    SealedQuerySet,
    encrypt_many,
    encrypted_fields_of,
    sealed_models,
    tables_with_own_key,
    value_opener,
)
from dianke.core.encrypted_fields.sealing import Ciphertext, EncryptedField

__all__ = [
    "BlindIndexField",
    "Ciphertext",
    "EncryptedDateField",
    "EncryptedField",
    "EncryptedJSONField",
    "EncryptedTextField",
    "Sealed",
    "SealedQuerySet",
    "encrypt_many",
    "encrypted_fields_of",
    "folded",
    "index_many",
    "index_texts",
    "last_four",
    "last_six",
    "sealed_models",
    "tables_with_own_key",
    "value_opener",
]
