"""Errors of the local node."""

from core.errors import LookalikeError


class NodeFailed(LookalikeError):
    """The local Elasticsearch node cannot be fetched, started or stopped."""

    code = "node_failed"
