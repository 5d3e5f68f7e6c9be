"""Errors of a load on a cluster."""

from core.errors import LookalikeError


class ClusterUnavailable(LookalikeError):
    """The Ray cluster cannot be reached, or gave up a batch."""

    code = "cluster_unavailable"
