"""Which GPU a script computed on, as the libraries that it imported tell."""

import sys
from typing import Any


def accelerator_used() -> str:
    """The names of the GPUs that torch, JAX or CuPy were set to work on; "" if none was."""
    names = [*_torch(sys.modules.get("torch")), *_jax(sys.modules.get("jax"))]
    if (cupy := sys.modules.get("cupy")) is not None and cupy.cuda.runtime.getDeviceCount():
        names.append(cupy.cuda.runtime.getDeviceProperties(0)["name"].decode())
    return ", ".join(dict.fromkeys(names))


def _torch(torch: Any) -> list[str]:
    if torch is None:
        return []
    if torch.cuda.is_initialized():  # by the first tensor that goes there
        return [torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available() and torch.mps.current_allocated_memory():
        return ["Apple GPU (MPS)"]
    return []


def _jax(jax: Any) -> list[str]:
    if jax is None:
        return []
    return [device.device_kind for device in jax.devices() if device.platform != "cpu"]
