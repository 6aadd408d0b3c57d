"""Rows of the matrix that other tests prove, and those that nothing does."""

from row import Elsewhere

ROWS = (
    Elsewhere("30", "half a line, then the file is deleted", "in row 29"),
    Elsewhere("50", "broker down at the start", "tests/e2e/broker_away.sh"),
)
