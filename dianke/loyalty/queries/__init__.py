"""Every read of the room that spans tables."""

from dianke.loyalty.queries.context import read_context
from dianke.loyalty.queries.returning import ReturnPreview, preview_return
from dianke.loyalty.queries.standing import Standing, cluster_of, standing_of

__all__ = ["ReturnPreview", "Standing", "cluster_of", "preview_return", "read_context", "standing_of"]
