"""Reads the experiments from a TOML file: that of LOOKALIKE_EXPERIMENTS, or the state folder's.

[[experiment]]
id = "more-colour"
start = 2026-12-01T00:00:00Z
end = 2026-12-15T00:00:00Z
share = 0.5                 # of all clients; default: 1
before_days = 14            # the time before that CUPED looks at; default: 14

[[experiment.variant]]      # the first is the control
id = "control"

[[experiment.variant]]
id = "colour"
weight = 1                  # default: 1
weights = { colour = 0.3 }
recall = 0.95
model = "next"
visual = false
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from app.experiments.experiment import Experiment, Overrides, Variant
from core.environment import Environment
from core.errors import InvalidSetting
from core.setting import Setting
from features.base import Json
from mappings.search.weights import MAX_WEIGHT

SETTING = "LOOKALIKE_EXPERIMENTS"
SETTINGS = (
    Setting(
        SETTING,
        "`experiments.toml` in the state folder, if it is there",
        "TOML file of experiments on the ranking (docs/EXPERIMENTS.md); read by the web server",
    ),
)

FILE_NAME = "experiments.toml"
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
EXPERIMENT_KEYS = frozenset({"id", "start", "end", "share", "before_days", "variant"})
VARIANT_KEYS = frozenset({"id", "weight", "weights", "recall", "model", "visual"})
MOST_DAYS_BEFORE = 90
FEWEST_VARIANTS, MOST_VARIANTS = 2, 10


def experiments_file(environment: Environment) -> Path:
    """Return the file that experiments are declared in; the state folder's need not be there."""
    named = environment.text(SETTING)
    return Path(named) if named else environment.state_dir() / FILE_NAME


def load_experiments(environment: Environment) -> tuple[Experiment, ...]:
    """Return the experiments by their start; none without a file.

    Raises InvalidSetting, which names the experiment and the key.
    """
    path = experiments_file(environment)
    if not environment.text(SETTING) and not path.exists():
        return ()
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidSetting(f"{SETTING}={path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidSetting(f"{SETTING}={path} is not TOML: {error}") from error
    return parse_experiments(content)


def parse_experiments(content: Mapping[str, Json]) -> tuple[Experiment, ...]:
    """Return the experiments of a file's content by their start. Raises InvalidSetting."""
    entries = content.get("experiment", [])
    if set(content) - {"experiment"} or not isinstance(entries, list):
        raise InvalidSetting(f"{SETTING}: write each experiment as a table, [[experiment]]")
    experiments = sorted((_experiment(entry) for entry in entries), key=lambda item: item.start)
    _refuse_doubles("experiments", [item.id for item in experiments])
    for earlier, later in pairwise(experiments):
        if later.start < earlier.end:
            raise InvalidSetting(
                f"{SETTING}: {earlier.id} and {later.id} run at the same time; a client can be in "
                f"one experiment only: start {later.id} at {earlier.end.isoformat()} or later"
            )
    return tuple(experiments)


def _experiment(entry: Json) -> Experiment:
    name = _name("an experiment", entry)
    _refuse_unknown(name, entry, EXPERIMENT_KEYS)
    start, end = (_moment(name, entry, key) for key in ("start", "end"))
    if end <= start:
        raise InvalidSetting(f"{SETTING}: {name}: end is not after start")
    variants = entry.get("variant", [])
    if not isinstance(variants, list) or not FEWEST_VARIANTS <= len(variants) <= MOST_VARIANTS:
        raise InvalidSetting(
            f"{SETTING}: {name}: needs {FEWEST_VARIANTS} to {MOST_VARIANTS} variants, each as "
            "[[experiment.variant]]; the first is the control"
        )
    parsed = tuple(_variant(name, variant) for variant in variants)
    _refuse_doubles(f"variants of {name}", [variant.id for variant in parsed])
    days = _number(name, entry, "before_days", 14, 0, MOST_DAYS_BEFORE)
    share = _number(name, entry, "share", 1, 0, 1)
    return Experiment(name, start, end, parsed, share, timedelta(days=days))


def _variant(experiment: str, entry: Json) -> Variant:
    name = _name(f"a variant of {experiment}", entry)
    where = f"{experiment}: {name}"
    _refuse_unknown(where, entry, VARIANT_KEYS)
    weight = _number(where, entry, "weight", 1, 0, MAX_WEIGHT)
    if weight == 0:
        raise InvalidSetting(f"{SETTING}: {where}: a weight of 0 has no clients; leave it out")
    visual, model = entry.get("visual", True), entry.get("model")
    if not isinstance(visual, bool):
        raise InvalidSetting(f"{SETTING}: {where}: visual is true or false, not {visual!r}")
    if model is not None and not (isinstance(model, str) and model):
        raise InvalidSetting(f"{SETTING}: {where}: model is a name, not {model!r}")
    recall = _number(where, entry, "recall", 1, 0.5, 1) if "recall" in entry else None
    return Variant(name, weight, Overrides(dict(_weights(where, entry)), recall, model, visual))


def _weights(where: str, entry: Mapping[str, Json]) -> Iterator[tuple[str, float]]:
    weights = entry.get("weights", {})
    if not isinstance(weights, Mapping):
        raise InvalidSetting(f"{SETTING}: {where}: write weights as {{ colour = 0.3 }}")
    for name in weights:
        yield name, _number(f"{where}: weights", weights, name, 1, 0, MAX_WEIGHT)


def _name(what: str, entry: Json) -> str:
    name = entry.get("id") if isinstance(entry, Mapping) else None
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise InvalidSetting(
            f"{SETTING}: {what} has the id {name!r}; give it one of 1 to 64 small letters, digits, "
            "'.', '_' and '-'"
        )
    return name


def _moment(where: str, entry: Mapping[str, Json], key: str) -> datetime:
    value = entry.get(key)
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise InvalidSetting(
            f"{SETTING}: {where}: {key} is a time with its zone, such as 2026-12-01T00:00:00Z, not "
            f"{value!r}"
        )
    return value.astimezone(UTC)


def _number(
    where: str, entry: Mapping[str, Json], key: str, default: float, low: float, high: float
) -> float:
    value = entry.get(key, default)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not low <= value <= high:
        raise InvalidSetting(
            f"{SETTING}: {where}: {key} is a number from {low:g} to {high:g}, not {value!r}"
        )
    return float(value)


def _refuse_unknown(where: str, entry: Mapping[str, Json], keys: frozenset[str]) -> None:
    if unknown := sorted(set(entry) - keys):
        raise InvalidSetting(
            f"{SETTING}: {where}: unknown key {unknown[0]!r}; there are {', '.join(sorted(keys))}"
        )


def _refuse_doubles(what: str, names: Sequence[str]) -> None:
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise InvalidSetting(f"{SETTING}: two {what} have the id {doubled[0]!r}; rename one")
