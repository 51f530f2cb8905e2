"""What the API kit keeps: stored answers of idempotency keys and the token buckets of rate limits."""

from __future__ import annotations

from django.db import models

from dianke.core.encrypted_fields import EncryptedTextField, Sealed


class IdempotentAnswer(Sealed):
    """The first answer under a key of a caller. `status` is null until there is one; `body` is encrypted, as answers
    may carry personal data."""

    scope = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    request_hash = models.BinaryField()
    created_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=100, default="")
    body = EncryptedTextField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotent_answer_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotent_answers_by_age")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"


class Bucket(models.Model):
    """A token bucket: `tokens` as of `updated_at`."""

    key = models.CharField(max_length=120, primary_key=True)
    tokens = models.FloatField()
    is_granted = models.BooleanField(default=True)
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["updated_at"], name="buckets_by_age")]

    def __str__(self) -> str:
        return self.key
