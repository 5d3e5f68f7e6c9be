"""The feature service as Ray Serve replicates it: `features.service.ray_serve:application`.

A replica is a service of its own: its lanes order the calls that Serve gives to it.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from ray import serve
from starlette.requests import Request
from starlette.responses import Response

from core.environment import Environment
from features.service.building import build_service
from features.service.service import ServiceRequest
from features.service.settings import ServiceSettings


class FeatureDeployment:
    """One replica, with the settings of its process."""

    def __init__(self) -> None:
        environment = Environment.current()
        self._service = build_service(environment)
        threads = ServiceSettings.from_env(environment).threads
        self._threads = ThreadPoolExecutor(threads, "answer")

    async def __call__(self, request: Request) -> Response:
        """Answer as `features.service.wsgi` does."""
        body = await request.body()
        asked = ServiceRequest(
            request.method, request.url.path, dict(request.headers), len(body), lambda: body
        )
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._threads, self._service.answer, asked)
        headers = {**answer.headers, "Content-Type": answer.content_type}
        return Response(answer.body, answer.status, headers)


application = serve.deployment(FeatureDeployment).bind()
