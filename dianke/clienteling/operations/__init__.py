"""Every write of the contact list."""

from dianke.clienteling.operations.dealing import make_lists
from dianke.clienteling.operations.outcomes import note_outcome, send_words, take_back
from dianke.clienteling.operations.rules import change_reason, change_rules

__all__ = ["change_reason", "change_rules", "make_lists", "note_outcome", "send_words", "take_back"]
