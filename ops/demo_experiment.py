"""The experiment that the simulated shoppers take part in, so that a report can be looked at.

It has ended when it is declared, so no search of a real shopper is changed by it.
"""

from datetime import datetime, timedelta

from app.experiments.experiment import Experiment
from app.experiments.experiment_file import experiments_file, load_experiments
from core import atomic_file
from core.environment import Environment

NAME = "demo-traffic"
WORDS, PICTURES = "words-alone", "pictures-too"

DECLARATION = """\
# Made by `make demo-traffic`: the shoppers of this experiment are simulated.
# Delete it, or write experiments of your own (docs/EXPERIMENTS.md).
[[experiment]]
id = "{name}"
start = {start}
end = {end}
before_days = 0

[[experiment.variant]]
id = "{words}"
visual = false

[[experiment.variant]]
id = "{pictures}"
"""


def declare(environment: Environment, until: datetime, days: int) -> tuple[Experiment | None, bool]:
    """Return the experiment of the simulated days, and whether it was declared just now.

    None where the shop has declared experiments of its own: those are left alone. Raises
    InvalidSetting for a file of experiments that is wrong.
    """
    known = {experiment.id: experiment for experiment in load_experiments(environment)}
    if known:
        return known.get(NAME), False
    start = (until - timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)
    text = DECLARATION.format(
        name=NAME,
        start=start.isoformat(timespec="seconds"),
        end=until.isoformat(timespec="seconds"),
        words=WORDS,
        pictures=PICTURES,
    )
    atomic_file.write(experiments_file(environment), text.encode())
    return {one.id: one for one in load_experiments(environment)}[NAME], True
