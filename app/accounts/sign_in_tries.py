"""Slows down guessing of passwords: after a few failures each try has to wait longer.

Tries are counted per account and per address, on disk and under a lock, so that the count is exact
across workers and restarts. A try counts as failed from its beginning, so that parallel tries are
counted too; success takes it back. Names and addresses are stored only as keyed hashes, because
people type passwords into the wrong field.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from math import ceil
from pathlib import Path

from app.accounts.errors import TooManyTries
from core.atomic_file import PRIVATE_MODE, write
from core.locks import file_lock
from features.base import Json

MAX_AGE_S = 3600.0
MAX_STORED = 10_000


@dataclass(frozen=True)
class WaitPolicy:
    """`free` failures cost nothing; the wait then doubles from a second up to `longest_s`."""

    free: int
    longest_s: float

    def wait_s(self, failures: int) -> float:
        """Return the wait after this many failures."""
        # 2**20 s is beyond any longest wait.
        over = min(failures - self.free, 20)
        return min(2.0**over, self.longest_s) if over >= 0 else 0.0


ACCOUNT = WaitPolicy(free=4, longest_s=60)
"""Short, so that failing on purpose does not lock a reviewer out for long. At a try a minute, a
password of 12 characters is not guessed."""

ADDRESS = WaitPolicy(free=20, longest_s=600)
"""Many reviewers may share an office's address, or that of a proxy."""


class SignInTries:
    """The failed sign-ins of the last hour, in a file of `folder`."""

    def __init__(self, folder: Path, key: bytes, clock: Callable[[], float] = time.time) -> None:
        self._path = folder / "sign-in-tries.json"
        self._lock = folder / "sign-in-tries.lock"
        self._key = key
        self._clock = clock

    def begin(self, name: str, address: str) -> None:
        """Count a try; raises TooManyTries, without counting it, during a wait."""
        keys = self._keys(name, address)
        with file_lock(self._lock):
            now, tries = self._clock(), self._load()
            waits = [
                tries[key][1] + policy.wait_s(tries[key][0]) - now
                for key, policy in keys.items()
                if key in tries
            ]
            if (wait := max(waits, default=0.0)) > 0:
                raise TooManyTries(
                    "too many failed sign-ins: wait, then try again", max(1, ceil(wait))
                )
            for key in keys:
                tries[key] = [tries.get(key, [0, now])[0] + 1, now]
            self._save(tries, now)

    def succeed(self, name: str, address: str) -> None:
        """Take the try back: the account starts anew, the address has one failure fewer."""
        account, place = self._keys(name, address)
        with file_lock(self._lock):
            tries = self._load()
            tries.pop(account, None)
            if place in tries:
                tries[place][0] -= 1
            self._save(tries, self._clock())

    def _keys(self, name: str, address: str) -> dict[str, WaitPolicy]:
        return {
            self._digest(f"account {name}"): ACCOUNT,
            self._digest(f"address {network(address)}"): ADDRESS,
        }

    def _digest(self, text: str) -> str:
        return hmac.digest(self._key, text.encode(), hashlib.sha256).hex()[:32]

    def _load(self) -> dict[str, list[Json]]:
        try:
            stored: dict[str, list[Json]] = json.loads(self._path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return stored

    def _save(self, tries: dict[str, list[Json]], now: float) -> None:
        fresh = {
            key: [failures, last]
            for key, (failures, last) in tries.items()
            if failures > 0 and now - last < MAX_AGE_S
        }
        if len(fresh) > MAX_STORED:
            # Those with most failures stay: a flood of names must not displace an attacker's own.
            worst = sorted(fresh, key=lambda key: fresh[key][0], reverse=True)[:MAX_STORED]
            fresh = {key: fresh[key] for key in worst}
        write(self._path, json.dumps(fresh).encode(), PRIVATE_MODE)


def network(address: str) -> str:
    """Return the network that tries are counted by: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    return str(ip_network(f"{parsed}/64", strict=False)) if parsed.version == 6 else str(parsed)
