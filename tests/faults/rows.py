"""All rows, in the order of the table."""

import kill_rows
import rotation_rows


def place(row):
    """By number, then by letter."""
    digits = "".join(filter(str.isdigit, row.name))
    return int(digits), row.name[len(digits) :]


ROWS = tuple(sorted((*rotation_rows.ROWS, *kill_rows.ROWS), key=place))
