# SPDX-License-Identifier: Apache-2.0
"""Rows of the matrix that other tests prove, and those that nothing proves."""

from row import Elsewhere, Unproven

CHECKPOINT = "tests/checkpoint/checkpoint_file_test.cc"
SESSION = "tests/subscribe/broker_session_test.cc"
RECONNECT = "tests/subscribe/reconnect_test.cc"
JSON = "tests/profile/match/json_members_test.cc"

BOUNDS = "tests/subscribe/bounds_test.cc"
HTTP = "tests/http/server_test.cc"
GUARD = "tests/http/guard_test.cc"
SOAK = "tests/subscribe/soak.cc"

ROWS = (
    Elsewhere("14b", "the checkpoint's writer fails or is killed at each step", CHECKPOINT, "SurvivesAKillAtAnyMoment"),
    Elsewhere("15c", "order of write, fsync, rename, fsync of the directory", CHECKPOINT, "SyncsEachStepBeforeTheNext"),
    Elsewhere("15d", "damaged checkpoint files, byte by byte", CHECKPOINT, "RejectsEveryDamagedFile"),
    Unproven("15e", "power cut", "no machine whose power may be cut; the order of the system calls is tested"),
    Unproven("24b", "real NFS", "none here; a system without inotify is row 24"),
    Unproven("27b", "ESTALE", "only EIO is tried"),
    Elsewhere("30", "half a line, then the file is deleted", "tests/faults/file_rows.py", "def half_line"),
    Unproven("36c", "a new name of a glob, renamed within 250 ms", "lost, as exporter/tail/file_tail.h says"),
    Elsewhere("50", "broker down at the start", "tests/e2e/broker_away.sh", "no broker: ready, because it serves"),
    Elsewhere("53", "a relay drops everything", RECONNECT, "DetectsANetworkThatDropsEverything"),
    Elsewhere("55", "wrong password", "tests/subscribe/mqtt_source_test.cc", "ReportsAWrongPasswordAndRetriesSlowly"),
    Elsewhere("56", "the ACL denies reading, the SUBACK grants", BOUNDS, "ReportsASilentSubscription"),
    Elsewhere("57", "SUBACK 0x80 and above", RECONNECT, "ReportsARefusedFilterWithItsCode"),
    Elsewhere("59", "sent again with DUP", SESSION, "ReturnsARedeliveredMessageOnce"),
    Elsewhere("59b", "the same, to the next process", SESSION, "TheNextProcessRecognisesRedeliveredMessages"),
    Elsewhere("61", "session expired", SESSION, "CountsAnExpiredSession"),
    Elsewhere("64", "deep JSON", JSON, "RefusesHostileObjectsOrReadsThemUnambiguously"),
    Elsewhere("65", "wide JSON, keys twice, numbers, surrogates", JSON, "RefusesHostileObjectsOrReadsThemUnambiguously"),
    Elsewhere("67", "a flood under TSan (lane tsan)", BOUNDS, "ReceivesOrCountsEveryMessageOfAFlood"),
    Elsewhere("68", "reconnect soak: a few rounds in each lane, more by hand", SOAK, "mqtt_soak [ROUNDS"),
    Elsewhere("77", "a page throws", HTTP, "DoesNotSendTheTextOfAnException"),
    Elsewhere("78", "paths outside of the root, encoded, absolute", GUARD, "AnswersUnusualButValidRequests"),
    Elsewhere("79", "malformed requests", "tests/fuzz/fuzz_http_request.cc", "check_answer"),
)
