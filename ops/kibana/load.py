"""Puts the saved objects into a running Kibana.

Earlier versions of these objects are replaced; all others stay as they are.
"""

import base64
import json
from dataclasses import dataclass, field
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from core.environment import Environment
from core.errors import EngineRefused, EngineUnavailable, InvalidSetting
from core.setting import Setting
from ops.kibana.dashboards.catalogue import INDEX
from ops.kibana.objects import PUBLIC_URL, ndjson

SETTINGS = (
    Setting(
        "LOOKALIKE_KIBANA_URL",
        "`http://127.0.0.1:5601`",
        "the Kibana that dashboards are loaded into",
    ),
    Setting(
        "LOOKALIKE_PUBLIC_URL",
        "`http://localhost:8000`",
        "address under which a browser finds the thumbnails shown in Kibana",
    ),
)


IMPORT = "/api/saved_objects/_import?overwrite=true"
BOUNDARY = "lookalike-saved-objects"


@dataclass(frozen=True)
class KibanaSettings:
    """Where Kibana is, who imports, and where its users' browsers find our pictures."""

    url: str
    user: str
    public_url: str
    password: str = field(repr=False)
    index: str = INDEX

    @classmethod
    def from_env(cls, environment: Environment) -> "KibanaSettings":
        """Read variables; raises InvalidSetting where an address is none."""
        url = environment.text("LOOKALIKE_KIBANA_URL", "http://127.0.0.1:5601").rstrip("/")
        if not url.startswith(("http://", "https://")):
            raise InvalidSetting(f"LOOKALIKE_KIBANA_URL={url!r} starts with neither http nor https")
        return cls(
            url=url,
            user=environment.text("ELASTICSEARCH_USER", "elastic"),
            public_url=environment.text("LOOKALIKE_PUBLIC_URL", PUBLIC_URL),
            password=environment.secret("ELASTICSEARCH_PASSWORD"),
            index=environment.text("LOOKALIKE_INDEX", INDEX),
        )


def load(settings: KibanaSettings, timeout_s: float = 60.0) -> int:
    """Import every object and return how many there are.

    Raises EngineUnavailable where Kibana does not answer, EngineRefused where it takes not all.
    """
    pair = base64.b64encode(f"{settings.user}:{settings.password}".encode()).decode()
    headers = {
        "Authorization": f"Basic {pair}",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "kbn-xsrf": "lookalike",
    }
    body = _form(ndjson(settings.public_url, settings.index))
    # The address is the operator's own, checked to be http(s) by `from_env`.
    request = Request(settings.url + IMPORT, body, headers, method="POST")  # noqa: S310
    try:
        with urlopen(request, timeout=timeout_s) as response:  # noqa: S310
            answer = json.load(response)
    except HTTPError as error:
        with error:
            reason = error.read(500).decode("utf-8", "replace")
        raise EngineRefused(f"Kibana refuses the import ({error.code}): {reason}") from error
    except (URLError, HTTPException, OSError, ValueError) as error:
        raise EngineUnavailable(f"Kibana at {settings.url} does not answer: {error}") from error
    if not answer.get("success"):
        raise EngineRefused(f"Kibana did not take every object: {answer.get('errors')}")
    return int(answer["successCount"])


def _form(content: str) -> bytes:
    head = (
        f"--{BOUNDARY}\r\n"
        'Content-Disposition: form-data; name="file"; filename="lookalike.ndjson"\r\n'
        "Content-Type: application/ndjson\r\n\r\n"
    )
    return f"{head}{content}\r\n--{BOUNDARY}--\r\n".encode()
