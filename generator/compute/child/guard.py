"""Guards on a script: no network, no other processes, writes only in its scratch folder.

Where the system can enforce it (Landlock and seccomp on Linux, the sandbox of macOS), native code
is bound as well. An audit hook sees what Python does and says it with the path and a hint; it also
tells the trace what is read.
"""

import os
import site
import sys
import sysconfig
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType
from typing import Any

from generator.compute.child import landlock, seatbelt, seccomp
from generator.compute.child.trace import Trace
from generator.errors import StudyError

_NETWORK = frozenset(
    {
        "socket.connect",
        "socket.bind",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.gethostbyaddr",
        "socket.sendto",
        "socket.sendmsg",
    }
)
# What another process reads is in no key, and it may outlive the script.
_PROCESSES = frozenset(
    {
        "subprocess.Popen",
        "os.system",
        "os.exec",
        "os.posix_spawn",
        "os.spawn",
        "os.fork",
        "os.forkpty",
        "pty.spawn",
    }
)
# Event → the arguments that are changed paths, and those that are open folders (or -1) which
# these paths are relative to.
_CHANGES = {
    "os.mkdir": ((0,), (2,)),
    "os.rmdir": ((0,), (1,)),
    "os.remove": ((0,), (1,)),
    "os.truncate": ((0,), ()),
    "os.chmod": ((0,), (2,)),
    "os.chown": ((0,), (3,)),
    "os.utime": ((0,), (3,)),
    "os.setxattr": ((0,), ()),
    "os.rename": ((0, 1), (2, 3)),
    "os.link": ((1,), (2, 3)),
    "os.symlink": ((1,), (2,)),
}
_SIGNALS = frozenset({"os.kill", "os.killpg"})
_READS = frozenset({"open", "os.listdir", "os.scandir", "sqlite3.connect"})
_EVENT = 3  # frames from the methods below to the one that the event comes from
_SEEN = _READS | _NETWORK | _PROCESSES | _CHANGES.keys()
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Python's own import system lists every folder of sys.path, which is not the script's reading.
_IMPORTER = "<frozen importlib"
# Libraries read the system's files: time zones, processor, shared objects.
_SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc", "/proc", "/sys", "/dev", "/opt", "/System",
           "/Library")  # fmt: skip
# Of these the system lets native code read all but /etc, where secrets are, and /proc, where the
# environment of other processes is: there only what libraries look for when they start.
_PARTS = {
    "/etc": ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "timezone", "alternatives",
             "fonts", "magic", "mime.types", "os-release", "locale.alias", "OpenCL",
             "ssl/openssl.cnf", "matplotlibrc", "nsswitch.conf", "host.conf"),
    "/proc": ("self", "cpuinfo", "meminfo", "stat", "sys", "version", "filesystems", "loadavg",
              "uptime", "driver"),
}  # fmt: skip
# What may be written besides: /dev/shm would keep it.
_STREAMS = ("/dev/null/", "/dev/tty/", "/dev/stdout/", "/dev/stderr/", "/dev/fd/")
# Modules that open and list for whoever calls them.
_FOR_OTHERS = tuple(os.sep + name for name in ("pathlib.py", "glob.py", "os.py"))
_FOR_OTHERS += ("<frozen os>", str(Path(__file__).with_name("beside.py")))


def _gpus() -> list[Path]:
    """The files by which drivers of NVIDIA and AMD are talked to."""
    devices = Path("/dev")
    return [*devices.glob("nvidia*"), *(devices / name for name in ("dri", "kfd"))]


class Refused(PermissionError):
    """The script did what it must not do. An OSError, so that libraries take their other way."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Guard:
    """Refuses what a script must not do and tells `trace` what it reads, once installed.

    writable: where a script may write besides its scratch folder. ours: where the compiler itself
    writes in this process, which the system must allow, and the script is refused all the same.
    accelerator: native code may talk to the machine's GPUs.
    """

    def __init__(
        self,
        trace: Trace,
        scratch: Path,
        writable: Iterable[Path],
        ours: Iterable[Path],
        *,
        accelerator: bool = False,
    ) -> None:
        self._trace = trace
        self._devices = [Path("/dev/null"), Path("/dev/tty"), *(_gpus() if accelerator else ())]
        folders = [scratch, *writable]
        self._kept = [*folders, *ours]
        folders += [folder.resolve() for folder in folders]
        self._writable = tuple(str(folder) + os.sep for folder in folders)
        readable = [trace.root, Path(sys.prefix), Path(sys.base_prefix)]
        readable += [Path(__file__).resolve().parents[2]]
        readable += [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")]
        readable += [Path(folder) for folder in (*sys.path, *site.getsitepackages()) if folder]
        readable += [folder.resolve() for folder in readable]
        self._places = readable
        self._readable = (
            *self._writable,
            *sorted({str(folder) + os.sep for folder in readable}),
            *(folder + os.sep for folder in _SYSTEM),
        )

    def install(self, killing: Callable[[], object] = lambda: None) -> None:
        """Guard this process from now on. It cannot be undone.

        killing: called before the script sends a signal, which may end this process.
        """

        # One hook, as short as can be: four plots ask 25,000 times for some `id`, and every time
        # is an event.
        def hook(
            event: str, arguments: tuple[Any, ...], seen: frozenset[str] = _SEEN | _SIGNALS
        ) -> None:
            if event in seen:
                if event in _SIGNALS:
                    killing()
                    if arguments[0] != os.getpid():
                        raise Refused(
                            "a script may not send signals to other processes",
                            "let other processes be; a script ends by returning",
                        )
                elif not self._trace.paused:
                    self._act(event, arguments)

        self._enforce()
        sys.addaudithook(hook)

    def _enforce(self) -> None:
        """Bind native code, too, as far as this system can."""
        system = [Path(folder) for folder in _SYSTEM if folder not in _PARTS]
        system += [Path(folder, name) for folder, names in _PARTS.items() for name in names]
        landlock.restrict([*self._places, *system], [*self._kept, *self._devices])
        seccomp.restrict()
        seatbelt.restrict(self._places, [folder.resolve() for folder in self._kept])

    def _act(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            self._opened(*arguments)
        elif event in ("os.listdir", "os.scandir"):
            self._listed(arguments[0])
        elif event in _CHANGES:
            paths, folders = _CHANGES[event]
            for place, path in enumerate(paths):
                folder = arguments[folders[min(place, len(folders) - 1)]] if folders else -1
                self._check_write(_below(folder, arguments[path]))
        elif event in _NETWORK:
            raise Refused(
                "a script has no network, it reads files of the study alone",
                "download the file once, keep it in the report's folder and read it from there",
            )
        elif event in _PROCESSES:
            raise Refused(
                "a script may not start other processes",
                "do it in Python, in this process; a library's own workers are switched off by "
                "its option for one job",
            )
        elif event == "sqlite3.connect":
            self._check_database(arguments[0])

    def _opened(self, path: Any, mode: str | None, flags: int) -> None:
        if isinstance(path, int) or path is None:
            return
        if flags & _WRITES:
            self._check_write(path)
        elif not sys._getframe(_EVENT).f_code.co_filename.startswith(_IMPORTER):
            self._check_read(path, own=self._is_own(sys._getframe(_EVENT)))
            self._trace.read(path)

    def _listed(self, path: Any) -> None:
        if not isinstance(path, int) and not sys._getframe(_EVENT).f_code.co_filename.startswith(
            _IMPORTER
        ):
            path = "." if path is None else path
            if self._is_own(sys._getframe(_EVENT)):
                self._check_read(os.path.join(os.fsdecode(path), ""), own=True)
            self._trace.listed(path)

    def _is_own(self, frame: FrameType | None) -> bool:
        """Whether it is the author's own code that opens or lists, not a library for itself."""
        while frame is not None and frame.f_code.co_filename.endswith(_FOR_OTHERS):
            frame = frame.f_back
        return frame is not None and self._trace.place(frame.f_code.co_filename, 1) is not None

    def _check_database(self, path: Any) -> None:
        if isinstance(path, int) or not os.path.exists(path):
            if os.fsdecode(path) not in (":memory:", ""):
                self._check_write(path)
            return
        self._check_read(path, own=True)
        self._trace.read(path)

    def _check_write(self, path: Any) -> None:
        if isinstance(path, int):
            return
        full = os.path.abspath(os.fsdecode(path))
        # Where it leads, but for its last name, which may be a link that is itself removed.
        real = os.path.join(os.path.realpath(os.path.dirname(full)), os.path.basename(full))
        allowed = (*self._writable, *_STREAMS)
        if not ((full + os.sep).startswith(allowed) and (real + os.sep).startswith(allowed)):
            # Another folder on another machine: what is the study's is named from its root.
            shown = self._trace.label_of(full) or full
            raise Refused(
                f"writes {shown}: a script writes only in its scratch folder, the current one",
                "give results to run.value, run.table or run.figure; a passing file gets a name "
                "without a folder",
            )

    def _check_read(self, path: Any, *, own: bool) -> None:
        full = os.path.abspath(os.fsdecode(path))
        known = self._readable if not own else (*self._readable[: -len(_SYSTEM)], *_STREAMS)
        if not (full + os.sep).startswith(known):
            message = f"reads {full}, which lies outside the study: nobody else would have it"
            hint = "copy it into the report's folder, or pin it in models.toml: run.model(name)"
            if own:  # glob and os.walk pass over an OSError: they would find nothing
                raise StudyError(message, None, hint)
            raise Refused(message, hint)


def _below(folder: Any, path: Any) -> Any:
    """`path` in the open `folder` that it is relative to; as it is if there is none (-1)."""
    if not isinstance(folder, int) or folder < 0 or isinstance(path, int):
        return path
    try:
        return os.path.join(os.readlink(f"/proc/self/fd/{folder}"), os.fsdecode(path))
    except OSError:  # no such list of open files here
        return path
