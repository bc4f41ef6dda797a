"""What this process may ask of Linux from now on: no network, no other process, no other's memory.

A filter in the kernel's classic BPF, for native code too. Source: Documentation/userspace-api/
seccomp_filter.rst; numbers of calls from the kernel's syscall tables.
"""

import ctypes
import errno
import platform
import struct
import sys

_PRCTL_SECCOMP, _FILTER, _NO_NEW_PRIVS = 22, 2, 38
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in what a filter is shown
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_THREAD = 0x10000  # of clone: a thread of this process, no other process
_OTHER_INTERFACE = 0x40000000  # calls of the x32 interface, which go by other numbers

# Machine → its mark, then the numbers of: clone; socket, connect, bind; fork, vfork, execve,
# execveat; ptrace, process_vm_readv and _writev; unshare, setns; mount, umount2, pivot_root,
# chroot, open_by_handle_at; init_module, finit_module, delete_module, kexec_load; reboot,
# swapon, swapoff, sethostname, setdomainname, settimeofday, clock_settime; bpf.
_MACHINES = {
    "x86_64": (
        0xC000003E,
        56,
        (41, 42, 49, 57, 58, 59, 322, 101, 310, 311, 272, 308, 165, 166, 155, 161, 304, 175, 313,
         176, 246, 169, 167, 168, 170, 171, 164, 227, 321),
    ),
    "aarch64": (
        0xC00000B7,
        220,
        (198, 203, 200, 221, 281, 117, 270, 271, 97, 268, 40, 39, 41, 51, 265, 105, 273, 106, 104,
         142, 224, 225, 161, 162, 170, 112, 280),
    ),
}  # fmt: skip
_CLONE3 = 435  # its flags lie in memory, where no filter sees them: libc falls back to clone
_IO_URING = (425, 426, 427)  # would ask for the rest behind the filter's back


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def known() -> bool:
    """Whether there is a filter for this machine."""
    return sys.platform == "linux" and platform.machine() in _MACHINES and sys.maxsize > 2**32


def restrict() -> bool:
    """Refuse these calls from now on; it cannot be undone. Returns whether the kernel took it."""
    if not known():
        return False
    code = _program(*_MACHINES[platform.machine()])
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return int(libc.prctl(_PRCTL_SECCOMP, _FILTER, ctypes.byref(program), 0, 0)) == 0


def _program(mark: int, clone: int, refused: tuple[int, ...]) -> bytes:
    """The filter as instructions of eight bytes: code, jump if so, jump if not, operand."""
    lines: list[tuple[int, int, int, int]] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, mark),
        (_RETURN, 0, 0, _ERRNO | errno.EPERM),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _OTHER_INTERFACE),
        (_RETURN, 0, 0, _ERRNO | errno.EPERM),
        (_EQUAL, 0, 1, _CLONE3),
        (_RETURN, 0, 0, _ERRNO | errno.ENOSYS),
    ]
    for number in (*refused, *_IO_URING):
        lines += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ERRNO | errno.EACCES)]
    lines += [
        (_EQUAL, 0, 3, clone),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_ANY_BIT, 1, 0, _THREAD),
        (_RETURN, 0, 0, _ERRNO | errno.EACCES),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)
