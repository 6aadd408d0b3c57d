"""The oracle: what a log holds, as a vector of counts per reason code, and how far counters are off.

Line n of every log that this folder writes is a CONNACK with a code that depends on nothing but n, mixed so that a
stretch of lines leaves a fingerprint in the vector. So counters alone tell lines lost (fewer than were written) from
lines repeated (more), code by code; a loss hides behind a repetition only if both hit the same codes equally often.
Whether a line is lost or repeated never depends on the order in which it was read.
"""

import dataclasses
import functools

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


def truth(first, last):
    """Counts per code of lines first to last - 1."""
    counts = [0] * CODES
    for number in range(first, last):
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


def judge(want, got):
    return Verdict(
        wanted=sum(want),
        lost=sum(max(0, w - g) for w, g in zip(want, got)),
        repeated=sum(max(0, g - w) for w, g in zip(want, got)),
    )
