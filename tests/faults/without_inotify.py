# SPDX-License-Identifier: Apache-2.0
"""Runs a command whose inotify calls fail, as on a system without it or with all its watches used up.

    python3 without_inotify.py inotify_init1|inotify_add_watch COMMAND...

A seccomp filter, which anyone may set for himself, answers that one system call with an error: inotify_init1 with ENOSYS,
inotify_add_watch with ENOSPC.
"""

import ctypes
import errno
import os
import struct
import sys

NUMBERS = {  # asm/unistd_64.h; asm-generic/unistd.h
    ("x86_64", "inotify_init1"): 294,
    ("x86_64", "inotify_add_watch"): 254,
    ("aarch64", "inotify_init1"): 26,
    ("aarch64", "inotify_add_watch"): 27,
}
ERRORS = {"inotify_init1": errno.ENOSYS, "inotify_add_watch": errno.ENOSPC}

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, FAIL_WITH = 0x7FFF0000, 0x00050000


def denying(call):
    """The command line's beginning that does it."""
    return (sys.executable, os.path.abspath(__file__), call)


def deny(call):
    number = NUMBERS[os.uname().machine, call]
    program = b"".join(
        struct.pack("=HBBI", *instruction)
        for instruction in (
            (LOAD_WORD, 0, 0, 0),  # the system call's number
            (JUMP_IF_EQUAL, 0, 1, number),
            (RETURN, 0, 0, FAIL_WITH | ERRORS[call]),
            (RETURN, 0, 0, ALLOW),
        )
    )
    code = ctypes.create_string_buffer(program)
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0):
        raise OSError(ctypes.get_errno(), "the seccomp filter is refused")


if __name__ == "__main__":
    deny(sys.argv[1])
    os.execvp(sys.argv[2], sys.argv[2:])
