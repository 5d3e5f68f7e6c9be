"""The file in which requests that are being worked on are kept, beside the ledger."""

from pathlib import Path

from indexer.ledger.database import Database

LAYOUT = 1

SCHEMA = """
CREATE TABLE jobs (
    id TEXT PRIMARY KEY, arrival INTEGER NOT NULL, is_waited INTEGER NOT NULL,
    requests TEXT NOT NULL, created_at REAL NOT NULL, finished_at REAL, failure TEXT
);
CREATE INDEX unfinished_jobs ON jobs (arrival) WHERE finished_at IS NULL;
CREATE TABLE uploads (job TEXT NOT NULL, data BLOB NOT NULL);
CREATE INDEX uploads_by_job ON uploads (job);
CREATE TABLE results (
    job TEXT NOT NULL, number INTEGER NOT NULL, result TEXT NOT NULL, PRIMARY KEY (job, number)
) WITHOUT ROWID;
CREATE TABLE answers (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, created_at REAL NOT NULL, status INTEGER,
    headers TEXT, body BLOB
) WITHOUT ROWID;
"""


def open_database(folder: Path, alias: str) -> Database:
    """Return the file of a catalogue's requests; it is made when first written."""
    return Database(folder / f"{alias}.live.sqlite3", SCHEMA, LAYOUT)
