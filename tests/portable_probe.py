"""Prints a digest of what each operation of torch, numpy and libm gives: see verify_portable."""

import hashlib
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from generator.compute.child import products

SIZES = ((64, 64, 64), (33, 47, 21), (1, 64, 64), (5, 300, 7), (256, 256, 256), (30, 576, 600))
TORCH = (
    "acos asin atan cos sin tan tanh exp log log2 log10 log1p expm1 erf erfc erfinv sqrt rsqrt "
    "sinh cosh asinh atanh lgamma digamma sigmoid reciprocal square exp2 std var norm mean sum"
)
NUMPY = (
    "exp log sin cos tan tanh arctan arcsin arccos sinh cosh arcsinh exp2 log2 log10 expm1 log1p "
    "cbrt sqrt square reciprocal sum mean std var cumsum sort argsort"
)
LIBM = "exp log sin cos tan tanh atan asin acos sinh cosh exp2 log2 log10 expm1 log1p cbrt sqrt erf"


def digest(value: Any) -> str:
    """Twelve hexadecimal digits of the bytes of a tensor, an array, a number or several."""
    if isinstance(value, tuple | list):
        return hashlib.sha256("".join(map(digest, value)).encode()).hexdigest()[:12]
    if isinstance(value, torch.Tensor):
        value = value.detach().resolve_conj().numpy()
    return hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()[:12]


def trained(dtype: torch.dtype) -> list[torch.Tensor]:
    """The parameters of a small network after a few steps of each of two optimisers."""
    net = torch.nn.Sequential(
        torch.nn.Linear(33, 65), torch.nn.GELU(), torch.nn.LayerNorm(65), torch.nn.Linear(65, 9)
    ).to(dtype)
    x, labels = torch.randn(47, 33, dtype=dtype), torch.arange(47) % 9
    for kind in (torch.optim.AdamW, torch.optim.SGD):
        optimiser: Any = kind(net.parameters(), lr=0.01)
        for _ in range(5):
            optimiser.zero_grad()
            loss: Any = functional.cross_entropy(net(x), labels)
            loss.backward()
            optimiser.step()
    return list(net.parameters())


def torch_operations(dtype: torch.dtype) -> Iterator[tuple[str, Any]]:
    """Operation and its result, for tensors of `dtype`."""
    torch.manual_seed(0)
    x = torch.rand(20_000, dtype=dtype) * 0.98 + 0.01
    wide = torch.randn(20_000, dtype=dtype) * 20
    for name in TORCH.split():
        yield name, (getattr(x, name)(), getattr(wide, name)())
    grid = x.view(200, 100)
    for m, k, n in SIZES:
        a, b, c = (torch.randn(size, dtype=dtype) for size in ((m, k), (k, n), (n, k)))
        yield (
            f"products {m}×{k}×{n}",
            (a @ b, functional.linear(a, c, c[:, 0]), a.T @ a, a @ b[:, 0]),
        )
    three = torch.randn(8, 20, 64, dtype=dtype)
    four = three[None]
    yield "bmm", three @ three.transpose(1, 2)
    yield "attention", functional.scaled_dot_product_attention(four, four, four)
    yield "dot", x @ x.flip(0)
    yield "pow", (x**0.37, x**0.5, x**x, x**3)
    yield "softmax", (grid.softmax(1), grid.log_softmax(1), grid.logsumexp(1))
    yield (
        "activations",
        [
            functional.gelu(wide),
            functional.gelu(wide, approximate="tanh"),
            functional.silu(wide),
        ],
    )
    yield (
        "norms",
        (
            functional.layer_norm(grid, (100,)),
            functional.rms_norm(grid, (100,)),
            functional.normalize(grid),
        ),
    )
    yield "distances", (torch.cdist(grid, grid[:50]), torch.cosine_similarity(grid, -grid))
    yield "sums", (x.cumsum(0), x[:50].cumprod(0), grid.sum(0), grid.mean(1))
    yield "order", (wide.sort()[0], wide.topk(99)[1], grid.median(1)[0])
    yield "random", (torch.randn(999, dtype=dtype), torch.multinomial(x[:90], 500, True))
    for size in (5, 40):
        a = torch.randn(size, size, dtype=dtype)
        yield f"svd {size}", torch.linalg.svd(a)
        yield f"eigh {size}", torch.linalg.eigh(a @ a.T)
        yield f"solve {size}", torch.linalg.solve(a, a.T)
        yield f"qr {size}", torch.linalg.qr(a)
        yield f"inverse {size}", torch.linalg.inv(a)
    yield "fft", torch.view_as_real(torch.fft.fft(x[:300]))
    yield "convolution", functional.conv1d(x[:400].view(2, 4, 50), x[:96].view(8, 4, 3))
    yield "training", trained(dtype)


def numpy_operations(dtype: Any) -> Iterator[tuple[str, Any]]:
    """Operation and its result, for arrays of `dtype`."""
    draw = np.random.default_rng(0)
    x = (draw.random((1000, 33)) * 0.98 + 0.01).astype(dtype)
    for name in NUMPY.split():
        yield name, getattr(np, name)(x)
    yield "power", (x ** dtype(0.37), x**x, np.hypot(x, x[::-1]), np.arctan2(x, x[::-1]))
    yield "products", (x @ x.T, x @ x[0], np.einsum("ij,kj->ik", x[:90], x[:80]))
    for size in (5, 40):
        a = draw.standard_normal((size, size)).astype(dtype)
        yield f"svd {size}", list(np.linalg.svd(a))
        yield f"eigh {size}", list(np.linalg.eigh(a @ a.T))
        yield f"solve {size}", (np.linalg.solve(a, a.T), np.linalg.inv(a))
        yield f"least squares {size}", np.linalg.lstsq(a, a[0])[0]
    yield "fft", np.fft.fft(x[:, 0])
    yield "statistics", (np.percentile(x, [3, 50, 91]), np.corrcoef(x.T), np.median(x, 0))


def main() -> None:
    """One line an operation: its name and a digest."""
    torch.set_num_threads(1)
    products.settle()
    for dtype in (torch.float32, torch.float64):
        for name, result in torch_operations(dtype):
            print(f"{dtype} {name} {digest(result)}", flush=True)
    with np.errstate(all="ignore"):
        for kind in (np.float32, np.float64):
            for name, result in numpy_operations(kind):
                print(f"numpy.{kind.__name__} {name} {digest(result)}", flush=True)
    for seed, name in enumerate(["standard_normal", "exponential", "random", "standard_cauchy"]):
        value = getattr(np.random.default_rng(seed), name)(500)
        print(f"numpy.random {name} {digest(value)}", flush=True)
    points = np.random.default_rng(1).random(5000).tolist()
    for name in LIBM.split():
        print(f"math {name} {digest([np.array(list(map(getattr(math, name), points)))])}")


if __name__ == "__main__":
    main()
