"""torch's matrix products, roots and angles by numpy: the same bytes on every x86-64, and fast.

Torch has them from MKL. Its products are the same on processors of Intel and of AMD only with
MKL_CBWR=COMPATIBLE, whose instructions are those of 2001: on an AVX-512 Xeon, 256 × 256 takes
1.7 ms instead of 0.3 ms, through here 0.6 ms by OpenBLAS, which `seeds` holds at its Haswell
code. MKL's square root and inverse angles differ even so: they start from an approximation that
every processor has its own of. Derivatives are torch's own, which takes them above what is
replaced here.
"""

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

# Keeps the registrations alive: torch takes them back when the library is collected.
_kept: list[Any] = []


def settle() -> None:
    """From now on products, square roots and inverse angles on the CPU are numpy's.

    Those of float32 and float64 alone; anything else, and all that is wrong, stays torch's.
    """
    import numpy
    import torch

    taken = (torch.float32, torch.float64)
    matmul, from_numpy = numpy.matmul, torch.from_numpy

    # Written for few steps: they are called a hundred thousand times by a training.
    def plain(rank: int, theirs: Any) -> Callable[..., Any]:
        def ours(keys: Any, one: Any, other: Any) -> Any:
            dtype = one.dtype
            if dtype in taken and other.dtype is dtype and one.ndim == rank:
                first, second = one.shape, other.shape
                if first[-1] == second[-2] and (rank == 2 or first[0] == second[0]):
                    return from_numpy(matmul(one.detach().numpy(), other.detach().numpy()))
            return theirs.call_boxed(keys, one, other)

        return ours

    def added(rank: int, theirs: Any) -> Callable[..., Any]:
        def ours(keys: Any, to: Any, one: Any, other: Any, *, beta: Any = 1, alpha: Any = 1) -> Any:
            dtype = one.dtype
            if dtype in taken and other.dtype is dtype and to.dtype is dtype and one.ndim == rank:
                first, second = one.shape, other.shape
                if (
                    first[-1] == second[-2]
                    and (rank == 2 or first[0] == second[0])
                    and _broadcasts(to.shape, (*first[:-1], second[-1]))
                ):
                    result = matmul(one.detach().numpy(), other.detach().numpy())
                    if alpha != 1:
                        result *= result.dtype.type(alpha)
                    if beta == 1:
                        result += to.detach().numpy()
                    elif beta != 0:  # a beta of 0 ignores even NaN
                        result += to.detach().numpy() * result.dtype.type(beta)
                    return from_numpy(result)
            return theirs.call_boxed(keys, to, one, other, beta=beta, alpha=alpha)

        return ours

    def root(ufunc: Any, theirs: Any, *, out: Any = torch.empty_like) -> Callable[..., Any]:
        def ours(keys: Any, x: Any, *exponent: Any) -> Any:
            if x.dtype not in taken or exponent not in ((), (0.5,)):
                return theirs.call_boxed(keys, x, *exponent)
            result = out(x)
            with numpy.errstate(all="ignore"):  # what has no root is NaN, as torch has it
                ufunc(x.detach().numpy(), out=result.detach().numpy())
            return result

        return ours

    def root_into(ufunc: Any, theirs: Any) -> Callable[..., Any]:
        def ours(keys: Any, x: Any, *, out: Any) -> Any:
            if x.dtype not in taken or out.dtype is not x.dtype or out.shape != x.shape:
                return theirs.call_boxed(keys, x, out=out)
            with numpy.errstate(all="ignore"):
                ufunc(x.detach().numpy(), out=out.detach().numpy())
            return out

        return ours

    ours: dict[str, Callable[[Any], Callable[..., Any]]] = {
        "mm": partial(plain, 2),
        "bmm": partial(plain, 3),
        "addmm": partial(added, 2),
        "baddbmm": partial(added, 3),
        "pow.Tensor_Scalar": partial(root, numpy.sqrt),
        "pow_.Scalar": partial(root, numpy.sqrt, out=_itself),
    }
    for name in ("sqrt", "acos", "asin", "atan", "tan"):
        ufunc = getattr(numpy, name.replace("a", "arc", 1) if name[0] == "a" else name)
        ours |= {
            name: partial(root, ufunc),
            f"{name}_": partial(root, ufunc, out=_itself),
            f"{name}.out": partial(root_into, ufunc),
        }
    library: Any = torch.library.Library("aten", "IMPL")  # type: ignore[no-untyped-call]
    with warnings.catch_warnings():
        # That a kernel takes another's place is what is wanted.
        warnings.filterwarnings("ignore", message="(?s).*Overriding a previously registered kernel")
        for name, make in ours.items():
            theirs = torch.library.get_kernel(f"aten::{name}", "CPU")
            library.impl(name, make(theirs), "CPU", with_keyset=True)
    _kept.append(library)


def _itself(tensor: Any) -> Any:
    return tensor


def _broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    """Whether a tensor of `shape` can be added to one of shape `to` without changing that."""
    if shape == to[-len(shape) :]:
        return True
    return len(shape) <= len(to) and all(
        size in (1, whole) for size, whole in zip(reversed(shape), reversed(to), strict=False)
    )
