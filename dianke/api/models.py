"""What the API kit keeps: stored answers of idempotency keys and the token buckets of rate limits."""

from __future__ import annotations

from django.db import models


class IdempotentAnswer(models.Model):
    """The first answer under a key of a caller. `status` is null while the first request runs."""

    scope = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    request_hash = models.BinaryField()
    locked_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=100, default="")
    body = models.BinaryField(default=b"")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotent_answer_once")]
        indexes = [models.Index(fields=["locked_at"], name="idempotent_answers_by_age")]


class Bucket(models.Model):
    """A token bucket: `tokens` as of `updated_at`."""

    key = models.CharField(max_length=120, primary_key=True)
    tokens = models.FloatField()
    is_granted = models.BooleanField(default=True)
    updated_at = models.DateTimeField()
