"""The settings of the ledger, and where its file is."""

from pathlib import Path

from core.environment import Environment
from core.setting import Setting
from indexer.ledger.ledger import Ledger

SETTINGS = (
    Setting(
        "LOOKALIKE_TOMBSTONE_DAYS",
        "7",
        "days for which a deleted product is remembered, so that an older change that arrives late "
        "does not bring it back; 7 or more",
    ),
)

FOLDER = "ledger"
"""Name of the folder within LOOKALIKE_STATE_DIR."""


def tombstone_days(environment: Environment) -> int:
    """Return for how many days a deleted product is remembered; raises InvalidSetting."""
    return environment.integer("LOOKALIKE_TOMBSTONE_DAYS", 7, 7, 3650)


def open_ledger(environment: Environment, alias: str) -> Ledger:
    """Return the ledger of the catalogue behind an alias; its file is made when first written."""

    return Ledger(ledger_path(environment.state_dir(), alias), tombstone_days(environment))


def ledger_path(state_dir: Path, alias: str) -> Path:
    """Return the file of a catalogue's ledger."""
    return state_dir / FOLDER / f"{alias}.sqlite3"
