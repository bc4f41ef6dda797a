"""Which files this process may touch, enforced by Linux from now on, for native code too.

Source: the kernel's Documentation/userspace-api/landlock.rst; numbers from include/uapi/linux/
landlock.h. Two packages wrap these three calls: one has had only pre-releases, the other is ten
times as long as what is needed here.
"""

import ctypes
import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on every architecture
_VERSION = 1  # flag of the first call: say which version of the interface there is
_BENEATH = 1  # a rule for a folder and all below it, or for a file
_NO_NEW_PRIVS = 38  # of prctl

_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
# Removing and making entries of every kind: folders, files, links, sockets, devices.
_ENTRIES = sum(1 << bit for bit in range(4, 13))
_REFER, _TRUNCATE = 1 << 13, 1 << 14  # since versions 2 and 3
_OF_FILES = _WRITE_FILE | _READ_FILE | _TRUNCATE
_TCP = 0b11  # bind, connect: since version 4
_SCOPES = 0b11  # abstract sockets and signals that leave this process: since version 6


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Rule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """The version of Landlock that this kernel offers; 0 if none, or if it is switched off."""
    if sys.platform != "linux":
        return 0
    return max(0, _call(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION)))


def restrict(readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """Let this process open what is below these folders and files alone; it cannot be undone.

    writable: may be read, written, made and removed. What is open already stays open. Nothing
    listens or connects by TCP, and no signal leaves, where the kernel knows how.
    Returns whether the kernel took it.
    """
    known = version()
    if not known:
        return False
    reads = _READ_FILE | _READ_DIR
    writes = _WRITE_FILE | _ENTRIES
    writes |= _REFER if known >= 2 else 0
    writes |= _TRUNCATE if known >= 3 else 0
    ruleset = _Ruleset(reads | writes, _TCP if known >= 4 else 0, _SCOPES if known >= 6 else 0)
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    rules = _call(_CREATE, ctypes.byref(ruleset), ctypes.c_size_t(size), ctypes.c_uint32(0))
    if rules < 0:
        return False
    try:
        for path in readable:
            _allow(rules, path, reads)
        for path in writable:
            _allow(rules, path, reads | writes)
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
            return False
        return _call(_RESTRICT, ctypes.c_int(rules), ctypes.c_uint32(0)) == 0
    finally:
        os.close(rules)


def _allow(rules: int, path: Path, access: int) -> None:
    """Add a rule for `path`; what isn't there needs none."""
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(parent).st_mode):
            access &= _OF_FILES
        rule = _Rule(access, parent)
        none = ctypes.c_uint32(0)
        _call(_ADD, ctypes.c_int(rules), ctypes.c_int(_BENEATH), ctypes.byref(rule), none)
    finally:
        os.close(parent)


def _call(number: int, *arguments: object) -> int:
    syscall = ctypes.CDLL(None, use_errno=True).syscall
    syscall.restype = ctypes.c_long
    answer: int = syscall(ctypes.c_long(number), *arguments)
    return answer
