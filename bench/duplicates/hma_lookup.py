"""Measure how many hashes `/hma/m/lookup` looks up a second in a large bank, and how fast.

The bank holds hashes alone, as an imported list does. Every answer is compared with brute force.
"""

import json
import os
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import click
import numpy as np

from app.settings import AppSettings
from app.trust.banks.entry import BLOCKED, EntryDetails, content_id, new_entry
from bench.duplicates.hash_population import HashPopulation, HashQuestion, make_population
from bench.instruments.bulk_writing import write_in_batches
from bench.instruments.closed_load import send_requests
from bench.instruments.web_server import RunningServer, UploadClient, run_server
from bench.options import with_output_options
from bench.report import Report, at_least, at_most, reporting
from bench.statistics.metrics import mean, percentile
from bench.workspace import open_catalogue, open_workspace
from core.environment import Environment
from features.pdq import Pdq, stored_value
from features.registry import Registry
from mappings.engine.connection import connect
from mappings.trust.banks import BankIndex

AT_ONCE = 4_000
WARM_UP = 200
DETAILS = EntryDetails("made by the bench", list="made")
AT = datetime(2026, 1, 1, tzinfo=UTC)


@click.command("hma-lookup")
@click.option("--hashes", type=click.IntRange(100), default=1_000_000, show_default=True)
@click.option("--duplicates", type=click.FloatRange(0, 0.9), default=0.3, show_default=True)
@click.option("--queries", type=click.IntRange(10), default=5_000, show_default=True)
@click.option("--clients", type=click.IntRange(1), default=8, show_default=True)
@click.option("--seed", type=int, default=7, show_default=True)
@with_output_options
def command(
    hashes: int,
    duplicates: float,
    queries: int,
    clients: int,
    seed: int,
    keep: bool,
    markdown: bool,
) -> None:
    """Fill the blocked bank with hashes and look others up over HTTP."""
    with reporting("hma-lookup", markdown=markdown) as report, open_workspace(keep=keep) as space:
        alias = space.environment.text("LOOKALIKE_INDEX")
        settings = {"LOOKALIKE_DESK_INDEX": alias, "LOOKALIKE_FEATURES": Pdq.name}
        environment = Environment({**space.environment.values, **settings})
        stored = unique(make_population(hashes, duplicates, seed))
        report.sizes |= {"hashes": len(stored.hashes), "queries": queries, "clients": clients}
        open_catalogue(environment, Registry([Pdq()])).prepare()
        report.add("fill.rate", fill_bank(environment, stored), "hashes/s")
        questions = stored.questions(queries, seed)
        with run_server(environment, workers=os.cpu_count() or 1) as site:
            report_answers(report, site, stored, questions[:WARM_UP])
            paths = [lookup_path(question) for question in questions]
            send_requests(site, paths[:WARM_UP], clients)
            for count, name in ((1, "one_client"), (clients, "all_clients")):
                times = send_requests(site, paths, count)
                is_goal = count == clients
                rate = len(times.ms) / times.lasted_s
                report.add(f"{name}.rate", rate, "lookups/s", at_least(300) if is_goal else None)
                report.add(f"{name}.p50", percentile(times.ms, 50), "ms")
                p99 = percentile(times.ms, 99)
                report.add(f"{name}.p99", p99, "ms", at_most(60) if is_goal else None)


def unique(stored: HashPopulation) -> HashPopulation:
    """Return the population with each hash once: a bank holds no hash twice."""
    _, places = np.unique(stored.hashes, axis=0, return_index=True)
    places.sort()
    in_clusters = int((places < stored.duplicates).sum())
    return HashPopulation(stored.hashes[places], stored.sellers[places], in_clusters, 1)


def fill_bank(environment: Environment, stored: HashPopulation) -> float:
    """Write every hash as an entry of the blocked bank; return how many a second."""
    settings = AppSettings.from_env(environment)
    gateway = connect(settings.engine)
    index = BankIndex(gateway, Registry([Pdq()]), settings.desk.banks)
    index.prepare()
    began = time.perf_counter()

    def write(start: int, end: int) -> Mapping[str, str]:
        rows = stored.hashes[start:end].astype(">u8")
        documents = []
        for row in rows:
            bits = row.tobytes().hex()
            entry = new_entry(BLOCKED, bits, DETAILS, "bench", AT, has_picture=False)
            documents.append(entry.document({Pdq.name: stored_value(bits, quality=100)}))
        return index.create(documents)

    write_in_batches(write, len(stored.hashes), AT_ONCE)
    index.refresh()
    rate = len(stored.hashes) / (time.perf_counter() - began)
    gateway.merge(settings.desk.banks, 5 * 2**30)
    return rate


def report_answers(
    report: Report, site: RunningServer, stored: HashPopulation, questions: Sequence[HashQuestion]
) -> None:
    """Report the share of questions whose answer is exactly that of brute force."""
    client = UploadClient(site)
    right = []
    for question in questions:
        body = json.loads(client.get(lookup_path(question)))
        answer = {each["bank_content_id"]: each["distance"] for each in body.get("BLOCKED", [])}
        truth = {}
        for number, distance in stored.within(question.with_turns(1)).items():
            bits = stored.hashes[number].astype(">u8").tobytes().hex()
            truth[content_id(f"bank:{BLOCKED}-{bits}")] = str(distance)
        right.append(answer == truth)
    client.close()
    report.add("exact", mean(right), "share", at_least(1))


def lookup_path(question: HashQuestion) -> str:
    """Return the path that looks a question's first hash up."""
    bits = question.with_turns(1).value()["bits"]
    return f"/hma/m/lookup?signal_type=pdq&signal={bits}"
