# SPDX-License-Identifier: Apache-2.0
"""What a row of the table is, and what running it gives."""

import dataclasses
import os
import random
from collections.abc import Callable

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


@dataclasses.dataclass(frozen=True)
class Outcome:
    """The figure that was measured, and whether it keeps the row's limit."""

    figure: str
    good: bool


@dataclasses.dataclass(frozen=True)
class Run:
    """What a row is given: an empty directory of its own, and whether there is time."""

    directory: str
    full: bool
    random: random.Random

    def pick(self, short, full):
        return full if self.full else short

    def seconds(self, limit):
        """A limit of time: in short mode, with everything at once, the machine is not the exporter's alone."""
        return self.pick(5 * limit, limit)


@dataclasses.dataclass(frozen=True)
class Row:
    """One fault of the matrix; `name` is its number, with a letter where it takes several runs."""

    name: str
    fault: str
    limit: str
    body: Callable[[Run], Outcome]
    times: int = 1  # runs in full mode
    alone: bool = False  # it measures time or memory: nothing runs beside it in full mode
    in_short: bool = True
    in_full: bool = True


@dataclasses.dataclass(frozen=True)
class Elsewhere:
    """A fault that another test of this project proves: `words` are in `file`, a path from its root."""

    name: str
    fault: str
    file: str
    words: str

    def exists(self):
        try:
            with open(os.path.join(ROOT, self.file)) as file:
                return self.words in file.read()
        except FileNotFoundError:
            return False


@dataclasses.dataclass(frozen=True)
class Unproven:
    """A fault that nothing proves here."""

    name: str
    fault: str
    why: str
