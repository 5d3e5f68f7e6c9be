"""A feature service on a port of this machine, with features that a test chooses."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.serving import make_server

from features.registry import Registry
from features.service.service import FeatureService
from features.service.settings import ServiceSettings
from features.service.wsgi import wsgi_application


@contextmanager
def served(
    features: Registry, settings: ServiceSettings | None = None, port: int = 0
) -> Iterator[str]:
    """Serve the features while the block runs; yield the address."""
    service = FeatureService(features, settings or ServiceSettings())
    server = make_server("127.0.0.1", port, wsgi_application(service), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        service.close()
