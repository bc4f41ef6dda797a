"""What every test shares: a shut network, and tiny whole studies copied to work on."""

import ipaddress
import shutil
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STUDIES = ROOT / "tests" / "studies"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest --update` writes the expected files anew; read the difference."""
    parser.addoption("--update", action="store_true", help="Write what is expected anew.")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether expected files are to be written anew."""
    return bool(request.config.getoption("--update"))


# A job in the background of a shell ignores Ctrl-C, and its children would inherit that; tests that
# interrupt a build need what a person at a terminal has.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: object) -> None:
        if self.family != socket.AF_UNIX:
            assert isinstance(address, tuple)
            host = str(address[0])
            if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
                raise AssertionError(f"a test asked for the network: {address}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", only_here)


@pytest.fixture
def study_copy(tmp_path: Path) -> Callable[[str], Path]:
    """Copies the study tests/studies/NAME to a folder of its own and returns that."""

    def copy(name: str) -> Path:
        target = tmp_path / name
        shutil.copytree(STUDIES / name, target)
        return target

    return copy
