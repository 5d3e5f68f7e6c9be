"""A running Elasticsearch and how we log in, spoken to with the standard library alone."""

import base64
import json
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import NamedTuple
from urllib.error import HTTPError, URLError
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request
from urllib.request import build_opener as opener

from core.environment import Environment
from core.errors import EngineUnavailable, InvalidSetting
from features.base import Json

DEFAULT_USER = "elastic"


class ServerResponse(NamedTuple):
    """The server's answer: the HTTP status, and the body ({} when it is not JSON)."""

    status: int
    body: Json

    @property
    def reason(self) -> str:
        """Return the server's own words for a refusal."""
        error = self.body.get("error", self.body) if isinstance(self.body, dict) else self.body
        return str(error.get("reason", error) if isinstance(error, dict) else error)[:300]


@dataclass(frozen=True)
class Server:
    """Address and credentials. An API key comes before user and password.

    `url` may name several nodes, separated by commas: the first that answers does.
    """

    url: str
    user: str = DEFAULT_USER
    password: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)

    @classmethod
    def from_env(cls, environment: Environment) -> "Server | None":
        """Return the server that ELASTICSEARCH_URL names, or None when it is not set."""
        url = environment.text("ELASTICSEARCH_URL")
        if not url:
            return None
        nodes = [node.strip().rstrip("/") for node in url.split(",") if node.strip()]
        if not all(node.startswith(("http://", "https://")) for node in nodes):
            raise InvalidSetting(f"ELASTICSEARCH_URL={url!r} starts with neither http nor https")
        return cls(
            url=",".join(nodes),
            user=environment.text("ELASTICSEARCH_USER", DEFAULT_USER),
            password=environment.secret("ELASTICSEARCH_PASSWORD"),
            api_key=environment.secret("ELASTICSEARCH_API_KEY"),
        )

    def request(
        self, method: str, path: str, body: Json = None, timeout_s: float = 10.0
    ) -> ServerResponse:
        """Send one request; any HTTP status is an answer. Raises EngineUnavailable."""
        headers = {"Accept": "application/json"}
        if self.api_key:
            headers["Authorization"] = f"ApiKey {self.api_key}"
        elif self.password:
            pair = f"{self.user}:{self.password}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        problem = EngineUnavailable("ELASTICSEARCH_URL names no node")
        for node in self.url.split(","):
            # The address is the operator's own, checked to be http(s) by `from_env`.
            request = Request(node + path, data, headers, method=method)  # noqa: S310
            try:
                with _direct().open(request, timeout=timeout_s) as response:
                    return ServerResponse(response.status, _json(response.read()))
            except HTTPError as error:
                with error:
                    return ServerResponse(error.code, _json(error.read()))
            except (URLError, HTTPException, OSError) as error:
                reason = getattr(error, "reason", error)
                problem = EngineUnavailable(f"{node} does not answer: {reason}")
                problem.__cause__ = error
        raise problem


def _direct() -> OpenerDirector:
    """Return an opener that passes by any proxy, as the Elasticsearch client does."""
    return opener(ProxyHandler({}), HTTPHandler(), HTTPSHandler())


def _json(data: bytes) -> Json:
    try:
        return json.loads(data)
    except ValueError:
        return {}
