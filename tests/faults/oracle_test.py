# SPDX-License-Identifier: Apache-2.0
"""The oracle sees what it is there to see: run before any row is believed."""

import random
import unittest

import oracle


class OracleTest(unittest.TestCase):
    def verdict(self, numbers, lines):
        got = [0] * oracle.CODES
        for number in numbers:
            got[oracle.code_index(number)] += 1
        return oracle.judge(oracle.truth(0, lines), got)

    def test_all_lines_once_in_any_order(self):
        numbers = list(range(40000))
        random.Random(1).shuffle(numbers)
        self.assertTrue(self.verdict(numbers, 40000).exact())

    def test_one_line_lost(self):
        self.assertEqual(self.verdict(range(1, 2000), 2000), oracle.Verdict(2000, 1, 0))

    def test_one_line_repeated(self):
        self.assertEqual(self.verdict([*range(2000), 7], 2000), oracle.Verdict(2000, 0, 1))

    def test_a_stretch_lost_shows_beside_as_long_a_stretch_repeated(self):
        for length, start in ((5, 0), (128, 256), (1000, 4000)):
            got = [n for n in range(10000) if not start <= n < start + length] + list(range(8000, 8000 + length))
            verdict = self.verdict(got, 10000)
            self.assertGreater(verdict.lost, 0, length)
            self.assertGreater(verdict.repeated, 0, length)

    def test_lines_of_the_copy_gap_may_be_counted_or_not(self):
        want, gap = oracle.truth(0, 2000), [500, 501, 1700]
        for got in ([], [500], gap):
            counts = oracle.counts_of([n for n in range(2000) if n not in gap] + got)
            self.assertTrue(oracle.judge(want, counts, gap).exact(), got)
        others = oracle.counts_of(n for n in range(2000) if n not in (500, 501, 1701))
        self.assertEqual(oracle.judge(want, others, gap).lost, 1)

    def test_a_stretch_that_is_lost_is_found_again(self):
        want = oracle.truth(0, 20000)
        for first, length in ((0, 12), (7777, 30), (19990, 10)):
            got = oracle.counts_of(n for n in range(20000) if not first <= n < first + length)
            self.assertEqual(oracle.stretches(want, got, 20000), [first])
        self.assertEqual(oracle.stretches(want, want, 20000), [])

    def test_the_number_of_a_line_is_read_from_it(self):
        data = b"".join(oracle.line(number, size) for number, size in ((0, 0), (7, 400), (12345, 0)))
        self.assertEqual(oracle.numbers(data), [0, 7, 12345])
        self.assertEqual(oracle.numbers(data[:-1]), [0, 7])

    def test_the_code_stands_in_the_line(self):
        for number in (0, 1, 12345):
            for size in (0, 400):
                code = oracle.FIRST_CODE + oracle.code_index(number)
                self.assertTrue(oracle.line(number, size).endswith(b" (0, %d)\n" % code))
        self.assertEqual(len(oracle.line(3, 400)), 400)


if __name__ == "__main__":
    unittest.main(verbosity=0)
