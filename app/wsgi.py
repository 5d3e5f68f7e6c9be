"""The WSGI application that gunicorn serves: `app.wsgi:application`."""

import atexit
import logging
import os

from app.factory import create_app
from app.hma.settings import HmaSettings
from app.services import build_services
from app.settings import AppSettings
from core.environment import Environment
from core.server_log import log_to_stderr
from features.regions import finders
from features.registry import load, load_next
from features.remote.messages import Lane

log_to_stderr()
logging.getLogger("elastic_transport").setLevel(logging.ERROR)
environment = Environment.current()
registry = load(environment, Lane.REALTIME)
next_versions = load_next(environment, registry)
regions = finders.load(environment)
services = build_services(AppSettings.from_env(environment), registry, next_versions, regions)
atexit.register(services.close)
application = create_app(services, HmaSettings.from_env(environment))
# A command of `flask` ends at once: what earlier processes left to deliver is for the server.
if os.environ.get("FLASK_RUN_FROM_CLI") != "true":
    for log in (services.search_log, services.shared.shop_log):
        if log is not None:
            log.start()
    services.shared.decision_log.start()
    if services.webhook is not None:
        services.webhook.start()
    if services.settings.live.token:
        services.shared.live.start()
