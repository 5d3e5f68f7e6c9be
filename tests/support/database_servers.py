"""Real database servers for the tests: PostgreSQL, MariaDB, and FerretDB for MongoDB's protocol."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from core.environment import Environment
from core.locks import file_lock
from tests.support import unprivileged

FOLDERS = ("/usr/sbin", "/usr/lib/postgresql/18/bin", "/usr/lib/postgresql/17/bin",
           "/usr/lib/postgresql/16/bin", "/usr/lib/postgresql/15/bin")  # fmt: skip
"""Where Debian and Ubuntu keep servers that are not on everybody's path."""

USER, PASSWORD = "shop", "s3cret/pass@word"

BUILD_S = 900


def program(*names: str) -> str:
    """Return the path of the first of these programs that is installed."""
    path = os.pathsep.join((os.environ.get("PATH", ""), *FOLDERS))
    for name in names:
        if found := shutil.which(name, path=path):
            return found
    pytest.fail(f"{names[0]} is not installed: run `sh ops/system-packages.sh test python3`")


def _answers(address: str) -> bool:
    engine = create_engine(address)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    finally:
        engine.dispose()
    return True


@contextmanager
def postgresql() -> Iterator[str]:
    """Give the address of a PostgreSQL server, as a reader takes it: with user and password."""
    with unprivileged.private_folder("lookalike-postgresql-") as folder:
        data, secret = folder / "data", folder / "secret"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        port = unprivileged.free_port()
        unprivileged.run([program("initdb"), "-D", data, "-U", USER, "--auth=scram-sha-256",
                          f"--pwfile={secret}", "-E", "UTF8", "--no-sync"])  # fmt: skip
        command = [program("postgres"), "-D", data, "-p", str(port), "-k", folder,
                   "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]  # fmt: skip
        address = f"postgresql://{USER}:s3cret%2Fpass%40word@127.0.0.1:{port}/postgres"
        driver = address.replace("postgresql:", "postgresql+psycopg:", 1)
        log = folder / "log"
        with unprivileged.running(command, partial(_answers, driver), log):
            yield address


@contextmanager
def mariadb() -> Iterator[str]:
    """Give the address of a MariaDB server, as `postgresql` does."""
    with unprivileged.private_folder("lookalike-mariadb-") as folder:
        data, start = folder / "data", folder / "start.sql"
        port = unprivileged.free_port()
        unprivileged.run([program("mariadb-install-db", "mysql_install_db"), "--no-defaults",
                          f"--datadir={data}", "--auth-root-authentication-method=normal",
                          "--skip-test-db"])  # fmt: skip
        start.write_text(
            # A statement a line. An anonymous user of this machine comes before any of '%'.
            "CREATE DATABASE shop CHARACTER SET utf8mb4;\n"
            f"CREATE USER '{USER}'@'localhost' IDENTIFIED BY '{PASSWORD}';\n"
            f"GRANT ALL ON shop.* TO '{USER}'@'localhost';\n"
        )
        start.chmod(0o644)
        command = [program("mariadbd", "mysqld"), "--no-defaults", f"--datadir={data}",
                   f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder / 'socket'}",
                   f"--pid-file={folder / 'pid'}", f"--init-file={start}"]  # fmt: skip
        address = f"mariadb://{USER}:s3cret%2Fpass%40word@127.0.0.1:{port}/shop"
        driver = address.replace("mariadb:", "mysql+pymysql:", 1)
        with unprivileged.running(command, partial(_answers, driver), folder / "log"):
            yield address


@contextmanager
def mongodb() -> Iterator[str]:
    """Give the address of a server that speaks MongoDB's protocol, without change streams."""
    import pymongo

    server = mongo_server()
    with unprivileged.private_folder("lookalike-mongo-") as folder:
        port = unprivileged.free_port()
        address = f"mongodb://127.0.0.1:{port}/shop"

        def is_ready() -> bool:
            with pymongo.MongoClient[dict[str, object]](
                address, serverSelectionTimeoutMS=200
            ) as client:
                try:
                    client.admin.command("ping")
                except pymongo.errors.PyMongoError:
                    return False
            return True

        command = [server, f"127.0.0.1:{port}", folder]
        with unprivileged.running(command, is_ready, folder / "log"):
            yield address


def mongo_server() -> Path:
    """Return the program, built once from Go packages (80 s of a core) and kept in the cache."""
    folder = Path(__file__).parent / "mongo_server"
    sources = [folder / name for name in ("main.go", "go.mod", "go.sum")]
    built = Environment.current().cache_dir() / "mongo-server"
    with file_lock(built.with_suffix(".lock")):
        newest = max(source.stat().st_mtime for source in sources)
        if not built.exists() or built.stat().st_mtime < newest:
            command = [program("go"), "build", "-trimpath", "-o", built, "."]
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=BUILD_S, check=False
            )
            if done.returncode:
                pytest.fail(f"the server for MongoDB's protocol cannot be built:\n{done.stderr}")
            built.chmod(0o755)
    return built
