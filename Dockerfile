# The application, the indexer and the set-up steps of docker-compose.yml, in one image.

FROM python:3.11-slim AS build

WORKDIR /source
RUN python -m venv /opt/lookalike/venv
ENV PATH=/opt/lookalike/venv/bin:$PATH \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1

# Exactly the locked packages.
COPY constraints.txt ./
RUN python -m pip install --require-hashes --no-deps --requirement constraints.txt

COPY pyproject.toml setup.cfg README.md LICENSE ./
COPY app app
COPY bench bench
COPY core core
COPY features features
COPY indexer indexer
COPY mappings mappings
COPY ops ops
RUN python -m pip install --no-deps --no-build-isolation .

# Converted here, so that a container is ready as soon as it has started.
WORKDIR /
RUN LOOKALIKE_CACHE_DIR=/opt/lookalike/cache python -m features.embedding.convert


FROM python:3.11-slim

RUN apt-get update \
 && apt-get install --yes --no-install-recommends tesseract-ocr tesseract-ocr-jpn \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 1000 --no-create-home --home-dir /var/lib/lookalike --shell /usr/sbin/nologin lookalike \
 && install --directory --owner lookalike --group lookalike --mode 0700 \
      /keys/app /keys/indexer /keys/setup /var/lib/lookalike

COPY --from=build /opt/lookalike/venv /opt/lookalike/venv
COPY --from=build --chown=lookalike:lookalike /opt/lookalike/cache /opt/lookalike/cache

ENV PATH=/opt/lookalike/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LOOKALIKE_CACHE_DIR=/opt/lookalike/cache \
    LOOKALIKE_STATE_DIR=/var/lib/lookalike

USER lookalike
WORKDIR /var/lib/lookalike
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/livez', timeout=3)"]

# A container's own folders are slow to sync; gunicorn's heartbeat file belongs in memory.
CMD ["gunicorn", "-c", "python:app.gunicorn_conf", "--worker-tmp-dir", "/dev/shm", "app.wsgi:application"]
