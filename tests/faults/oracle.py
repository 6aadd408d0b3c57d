# SPDX-License-Identifier: Apache-2.0
"""The oracle: what a log holds, as a vector of counts per reason code, and how far counters are off.

Line n of every log that this directory writes is a CONNACK with a code that depends on nothing but n, mixed so that a
stretch of lines leaves a fingerprint in the vector. So counters alone distinguish lines lost (fewer than were written) from
lines repeated (more), code by code; a loss hides behind a repetition only if both hit the same codes equally often.
Whether a line is lost or repeated never depends on the order in which it was read.
"""

import dataclasses
import functools
import re

FIRST_CODE = 0x80
CODES = 128  # 0x80 to 0xFF: bytes that MQTT does not know are counted under their hex as well


@functools.lru_cache(maxsize=1 << 18)
def code_index(number):
    """Which of the codes line `number` carries: splitmix64's finaliser, so that neighbours are unrelated."""
    x = (number + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return (x ^ (x >> 31)) % CODES


def line(number, bytes_at_least=0):
    """The line as Mosquitto's log_type debug writes it; longer ones have a longer client id."""
    head, tail = f"1795322239: Sending CONNACK to c{number}", f" (0, {FIRST_CODE + code_index(number)})\n"
    return (head + "x" * (bytes_at_least - len(head) - len(tail)) + tail).encode()


NUMBER = re.compile(rb"Sending CONNACK to c(\d+)x* \(0, \d+\)\n")


def numbers(data):
    """Of the whole lines in these bytes."""
    return [int(found) for found in NUMBER.findall(data)]


def truth(first, last):
    """Counts per code of lines first to last - 1."""
    counts = [0] * CODES
    for number in range(first, last):
        counts[code_index(number)] += 1
    return counts


def counts_of(lines):
    """Counts per code of the lines with these numbers."""
    counts = [0] * CODES
    for number in lines:
        counts[code_index(number)] += 1
    return counts


@dataclasses.dataclass(frozen=True)
class Verdict:
    """Lines lost and lines repeated, of `wanted`."""

    wanted: int
    lost: int
    repeated: int

    def __str__(self):
        return f"{self.lost} lost, {self.repeated} repeated of {self.wanted:,}"

    def exact(self):
        return self.lost == 0 and self.repeated == 0


def judge(want, got, gap=()):
    """How `got` differs from `want`. The lines of `gap` may be counted or not: no file has them."""
    free = counts_of(gap)
    return Verdict(
        wanted=sum(want),
        lost=sum(max(0, w - f - g) for w, f, g in zip(want, free, got)),
        repeated=sum(max(0, g - w) for w, g in zip(want, got)),
    )


def stretches(want, got, last):
    """Where lines that are missing may be: the first numbers of all stretches of lines 0 to `last` - 1 that have exactly
    the codes of what is missing. Empty if nothing is, or if it is more than one stretch."""
    missing = [max(0, w - g) for w, g in zip(want, got)]
    length = sum(missing)
    if not 0 < length <= last:
        return []
    window, found = truth(0, length), []
    for first in range(last - length + 1):
        if window == missing:
            found.append(first)
        window[code_index(first)] -= 1
        window[code_index(first + length)] += 1
    return found
