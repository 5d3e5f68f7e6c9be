"""Gunicorn's configuration. Command-line options override it."""

import os

from core.environment import Environment
from core.server_log import log_formatter

environment = Environment.current()

wsgi_app = "app.wsgi:application"
host = environment.text("LOOKALIKE_HOST", "127.0.0.1")
bind = f"{host}:{environment.integer('PORT', 8000, 1, 65_535)}"
workers = environment.integer("LOOKALIKE_WORKERS", min(4, os.cpu_count() or 1), 1, 64)
worker_class = "gthread"
threads = environment.integer("LOOKALIKE_THREADS", 8, 1, 256)
timeout = 60
graceful_timeout = 10
keepalive = 5
# Each worker loads the model after the fork: LiteRT's threads do not survive one.
preload_app = False
control_socket_disable = True
logconfig_dict = {
    "version": 1,
    "formatters": {"chosen": {"()": log_formatter}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "chosen"}},
    "root": {"level": "INFO", "handlers": ["stderr"]},
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["stderr"], "propagate": False}},
}
