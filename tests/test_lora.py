"""Adapters of low rank, against the theorem on the best one and against dense matrices."""

import pytest
import torch
from common.lora import Adapted, Adapter, adapt, best_error, fitted_error, trainable
from common.transformer.model import Shape, Transformer


def change(seed: int = 0) -> torch.Tensor:
    source = torch.Generator().manual_seed(seed)
    return torch.randn(20, 4, generator=source) @ torch.randn(4, 24, generator=source)


def test_a_fresh_adapter_changes_nothing() -> None:
    layer = torch.nn.Linear(5, 7)
    x = torch.randn(3, 5)
    assert torch.equal(Adapted(layer, 2)(x), layer(x))


def test_an_adapter_is_its_dense_change() -> None:
    adapter = Adapter(7, 5, 2, scale=0.5)
    torch.nn.init.normal_(adapter.up)
    x = torch.randn(3, 5)
    torch.testing.assert_close(adapter(x), x @ adapter.change().T)
    assert torch.linalg.matrix_rank(adapter.change().detach()) == 2


def test_the_best_error_is_that_of_the_truncated_decomposition() -> None:
    u, s, v = torch.linalg.svd(change().double(), full_matrices=False)
    for rank in (1, 2, 3):
        best = u[:, :rank] * s[:rank] @ v[:rank]
        left = (change() - best).square().sum() / change().double().square().sum()
        assert best_error(change(), rank) == pytest.approx(left.item(), rel=1e-6)
    assert best_error(change(), 4) < 1e-12


def test_training_never_beats_the_theorem_and_reaches_it() -> None:
    for rank in (1, 4):
        found = fitted_error(change(), rank, 400, 0.05, 1)
        # float32: the squared error is summed over 480 entries, relative rounding about 1e-6.
        assert best_error(change(), rank) - 1e-6 < found < best_error(change(), rank) + 1e-3


def test_only_the_adapters_of_an_adapted_model_can_be_trained() -> None:
    model = Transformer(Shape(vocabulary=7, longest=5, width=8, heads=2, blocks=2, inner=16))
    ids = torch.tensor([[1, 2, 3]])
    before = model(ids)
    adapt(model, 3)
    torch.testing.assert_close(model(ids), before)
    # Four 8 × 8 matrices and two of 8 × 16 in each block: r (in + out) numbers each.
    assert trainable(model) == 2 * 3 * (4 * 16 + 2 * 24)


def test_a_rank_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="rank 6 of a matrix of 5 × 7"):
        Adapter(5, 7, 6)
