"""From which probability on a pair is linked by itself, and from which a person looks at it.

Looked at on a generated customer file of 100,000 records (seed 11, the one of training and no part of a measurement):
of all pairs from LINK on that no ceiling lowers, one in 2,400 was wrong, of those just above it one in thirty. From
REVIEW on to even odds three in ten were matches; below it fewer than one in five, soon one in fifty.
"""

from __future__ import annotations

LINK = 0.99
REVIEW = 0.2
