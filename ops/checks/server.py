"""Does Elasticsearch answer, take our credentials, and speak our client's language?"""

from importlib.metadata import version

from core.errors import EngineUnavailable
from ops.checks.finding import Finding, Situation
from ops.server import Server, ServerResponse


def check(situation: Situation) -> Finding:
    """Ask the server who it is."""
    server = situation.server
    if server is None:
        return Finding(
            "server",
            "the local node does not run; `make run` or `python -m ops node start` starts it",
        )
    try:
        answer = server.request("GET", "/", timeout_s=5)
    except EngineUnavailable as error:
        cure = "start it, or unset ELASTICSEARCH_URL to use the local node"
        return Finding("server", str(error), cure)
    return check_credentials(server, answer) or check_version(server, answer)


def check_credentials(server: Server, answer: ServerResponse) -> Finding | None:
    """Tell wrong credentials from other refusals; None when the server took them."""
    if answer.status == 200:
        return None
    if answer.status not in (401, 403):
        text = f"{server.url} answers with HTTP {answer.status}: {answer.reason}"
        return Finding("server", text, "see its log; check that ELASTICSEARCH_URL is right")
    if server.api_key:
        text, setting = f"{server.url} does not take this API key", "ELASTICSEARCH_API_KEY"
    elif server.password:
        text = f"{server.url} says the password of {server.user!r} is wrong"
        setting = "ELASTICSEARCH_USER and ELASTICSEARCH_PASSWORD"
    else:
        text = f"{server.url} wants credentials, and none are given"
        setting = "ELASTICSEARCH_API_KEY, or ELASTICSEARCH_USER and ELASTICSEARCH_PASSWORD"
    return Finding("server", text, f"correct {setting}; for the local node: make down, make run")


def check_version(server: Server, answer: ServerResponse) -> Finding:
    """Compare the server's major version with the client's."""
    try:
        number = str(answer.body["version"]["number"])
    except (KeyError, TypeError):
        cure = "correct ELASTICSEARCH_URL"
        return Finding("server", f"{server.url} is no Elasticsearch", cure)
    client = version("elasticsearch")
    major = client.partition(".")[0]
    if number.partition(".")[0] == major:
        return Finding("server", f"Elasticsearch {number} at {server.url}")
    return Finding(
        "server",
        f"{server.url} is Elasticsearch {number}, but our client is {client}",
        f"use a server of major {major}",
    )
