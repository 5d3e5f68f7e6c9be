"""What shoppers ask most, from the search log: a rebuild is compared by it."""

from core.environment import Environment
from core.errors import LookalikeError
from mappings.engine.connection import EngineSettings, connect
from mappings.events.event_documents import DATA_STREAM
from mappings.events.popular_queries import popular_body, read_popular

MOST = 50


def asked_queries(environment: Environment) -> list[str]:
    """Return the queries asked most, at most MOST; [] where the log cannot be read."""
    try:
        answer = connect(EngineSettings.from_env(environment)).search(DATA_STREAM, popular_body(1))
    except LookalikeError:
        return []
    return read_popular(answer, 1)[:MOST]
