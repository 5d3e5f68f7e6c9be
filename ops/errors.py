"""Errors of the local node and of what runs around it."""

from core.errors import LookalikeError


class NodeFailed(LookalikeError):
    """The local Elasticsearch node cannot be fetched, started or stopped."""

    code = "node_failed"


class StageFailed(LookalikeError):
    """A stage of bringing everything up has failed; what it printed says more."""

    code = "stage_failed"
