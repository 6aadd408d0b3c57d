# SPDX-License-Identifier: Apache-2.0
"""All rows, in the order of the table."""

import bound_rows
import elsewhere
import failing_rows
import file_rows
import http_rows
import kill_rows
import mqtt_load_rows
import mqtt_rows
import rotation_rows
import soak
import state_rows


def place(row):
    """By number, then by letter."""
    digits = "".join(filter(str.isdigit, row.name))
    return int(digits or 1000), row.name[len(digits) :]


ROWS = tuple(
    sorted(
        (
            *rotation_rows.ROWS,
            *file_rows.ROWS,
            *failing_rows.ROWS,
            *kill_rows.ROWS,
            *state_rows.ROWS,
            *bound_rows.ROWS,
            *http_rows.ROWS,
            *mqtt_rows.ROWS,
            *mqtt_load_rows.ROWS,
            *elsewhere.ROWS,
            *soak.ROWS,
        ),
        key=place,
    )
)
