"""What a language model's probabilities are held against: byte counts, packers, frequencies."""

import lzma
import math
import zlib
from collections import Counter

from torch import Tensor


def letter_entropy(text: str) -> float:
    """Bits per byte of a code that knows how often each byte of this text occurs, and no more."""
    counts = Counter(text.encode())
    total = counts.total()
    return -sum(n / total * math.log2(n / total) for n in counts.values())


def packed_bits(text: str) -> float:
    """Bits per byte of the smaller of what zlib and LZMA make of `text`, headers left out."""
    content = text.encode()
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    small = deflate.compress(content) + deflate.flush()
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9}]
    large = lzma.compress(content, format=lzma.FORMAT_RAW, filters=filters)
    return 8 * min(len(small), len(large)) / len(content)


def reliability(p: Tensor, came: Tensor, bins: int = 10) -> list[tuple[int, float, float, float]]:
    """For each bin of p that is not empty: how calibrated the probabilities in it are.

    p: (n,) from 0 to 1; came: (n,) bool, whether the event happened. Each row has the count, the
    mean p, the share that happened, and the standard error that independent events of
    probability p would give it.
    """
    rows = []
    places = (p * bins).long().clamp(max=bins - 1)
    for index in range(bins):
        inside = places == index
        n = int(inside.sum())
        if n:
            mean, share = float(p[inside].mean()), float(came[inside].double().mean())
            rows.append((n, mean, share, math.sqrt(mean * (1 - mean) / n)))
    return rows
