"""Which kind of machine this is, as far as the last bits of a result go."""

import platform

# Every processor of this kind with AVX2 gives the same bytes: see `compute.child.seeds`.
PORTABLE = "Linux x86-64"


def machine() -> str:
    """The system and the kind of processor: "Linux x86-64", "Darwin arm64"."""
    processor = platform.machine()
    return f"{platform.system()} {'x86-64' if processor in ('x86_64', 'AMD64') else processor}"
