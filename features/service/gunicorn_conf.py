"""Gunicorn's configuration of the feature service. Command-line options override it."""

from core.environment import Environment
from features.service.settings import ServiceSettings

environment = Environment.current()

wsgi_app = "features.service.wsgi:create()"
host = environment.text("LOOKALIKE_FEATURE_HOST", "127.0.0.1")
bind = f"{host}:{environment.integer('LOOKALIKE_FEATURE_PORT', 8100, 1, 65_535)}"
# The lanes' order holds within a process, and a GPU holds the model once.
workers = 1
worker_class = "gthread"
threads = ServiceSettings.from_env(environment).threads
timeout = 120
graceful_timeout = 30
keepalive = 60
preload_app = False
control_socket_disable = True
