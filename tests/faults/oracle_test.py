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

    def test_the_code_stands_in_the_line(self):
        for number in (0, 1, 12345):
            for size in (0, 400):
                code = oracle.FIRST_CODE + oracle.code_index(number)
                self.assertTrue(oracle.line(number, size).endswith(b" (0, %d)\n" % code))
        self.assertEqual(len(oracle.line(3, 400)), 400)


if __name__ == "__main__":
    unittest.main(verbosity=0)
