"""Makes the log tamper-evident: committed events are sealed in blocks into a hash chain, and signed
checkpoints of the chain are kept in a file outside the database. `verify` tells what was changed since.
Format and proof: docs/algorithms/event-log.md.
"""

from dianke.events.sealing.chain import Lag, SealRefused, lag, seal, seal_all
from dianke.events.sealing.verification import Finding, FindingCode, verify

__all__ = ["Finding", "FindingCode", "Lag", "SealRefused", "lag", "seal", "seal_all", "verify"]
