"""Week 9, basic: the position-wise feed-forward layer, its claims and its share of a model."""

import math

import torch
from common.activation_swaps import swapped
from common.bert_blocks import batch, bert_blocks, embedded, layer_inputs, through
from common.hinges import hinge_fit, sorter
from common.in_korean import korean_table
from common.minilm import MiniLM, load_minilm
from common.position_tests import coarse, convolution, influence, leak, reorder_gap
from common.smollm2 import SmolLM2, load_smollm2
from common.transformer.attention import MultiHeadAttention
from common.transformer.feed_forward import Activation, feed_forward, gelu, relu, silu
from torch import Tensor

from generator.compute.script import Run

HINGES = (4, 8, 16, 32, 64, 128, 256)
BLOCK = 3  # MiniLM's block that the figure of influences shows, counted from 0
FITTED = 12  # sentences from which the constants of the swaps are taken; the rest test them
DEPTH, STACKS = 20, 20  # layers of a stack that the gradient goes back through; stacks


def compute(run: Run) -> None:
    """Every number, table and figure of the report, section by section."""
    minilm = load_minilm(
        run.model("minilm-weights"), run.model("minilm-tokenizer"), run.model("minilm-config")
    )
    smollm2 = load_smollm2(run.model("smollm2"))
    sentences = run.file("data/sentences.txt").read_text(encoding="utf-8").splitlines()
    idea(run)
    worked_example(run)
    four_layers(run)
    influences(run, minilm, sentences[6])
    solutions(run)
    hinges(run)
    inputs(run, minilm, sentences)
    swaps(run, minilm, sentences)
    slopes(run)
    counts(run, minilm, smollm2)
    steps(run, minilm, smollm2, sentences)


def fresh_source() -> torch.Generator:
    """A generator at the study's seed: no experiment depends on what ran before it."""
    return torch.Generator().manual_seed(torch.initial_seed())


def normals(*shape: int, source: torch.Generator) -> Tensor:
    """Independent draws from N(0, 1), float64."""
    return torch.randn(*shape, generator=source, dtype=torch.float64)


def idea(run: Run) -> None:
    """Attention joins every token with every other, the layer joins each with itself."""
    figure = run.new_figure(34, 110)
    axes = figure.add_subplot()
    axes.set_xlim(-0.3, 2.3)
    axes.set_ylim(-0.6, 3.6)
    axes.axis("off")
    for i in range(4):
        for j in range(4):
            axes.plot([0, 1], [i, j], color="C0", linewidth=0.7, zorder=1)
        axes.annotate("", (1.94, i), (1.06, i), arrowprops={"arrowstyle": "->", "color": "C1"})
        axes.text(1.5, i + 0.12, "$F$", ha="center", va="bottom")
        axes.plot([0, 1, 2], [i] * 3, "o", color="0.3", markersize=5, linestyle="none")
    for x, text in ((0.5, "attention"), (1.5, "feed-forward")):
        axes.text(x, -0.9, text, ha="center", va="center")
    run.figure("idea", figure)


# ---------------------------------------------------------------- a layer that sorts


def signed(numbers: list[int]) -> str:
    """The numbers with commas between them and a real minus sign."""
    return ", ".join(map(str, numbers)).replace("-", "−")


def worked_example(run: Run) -> None:
    """Two tokens through the sorter, step by step."""
    x = torch.tensor([[3.0, 1.0], [-2.0, 5.0]])
    w1, b1, w2, b2 = sorter()

    def row(name: str, token: Tensor) -> list[str | float]:
        inner = (token @ w1 + b1).int().tolist()
        opened = relu(token @ w1 + b1).int().tolist()
        out = feed_forward(token, w1, b1, w2, b2).int().tolist()
        return [name, *(signed(cells) for cells in (inner, opened, out))]

    rows = [row("3, 1", x[0]), row("−2, 5", x[1])]
    columns = ["$x$", "$xW_1$", "$\\max(0, xW_1)$"]
    run.table("sorted", [*columns, "output"], rows)
    korean_table(run, "sorted", [*columns, "출력"], rows)


# ---------------------------------------------------------------- position-wise


def four_layers(run: Run) -> None:
    """The two tests of position-wise on four kinds of layer, and the 1 × 1 convolution."""
    source = fresh_source()
    n, d, f = 9, 16, 64
    x = coarse(normals(n, d, source=source))
    w1, w2 = coarse(normals(d, f, source=source)), coarse(normals(f, d, source=source))
    b1, b2 = coarse(normals(f, source=source)), coarse(normals(d, source=source))
    kernel = coarse(normals(f, d, 3, source=source))
    each = coarse(normals(n, d, f, source=source))

    def ffn(x: Tensor) -> Tensor:
        return feed_forward(x, w1, b1, w2, b2)

    def as_convolutions(x: Tensor) -> Tensor:
        inner = relu(convolution(x, w1.T[:, :, None], b1))
        return convolution(inner, w2.T[:, :, None], b2)

    def wide(x: Tensor) -> Tensor:
        return relu(convolution(x, kernel, b1)) @ w2 + b2

    def by_place(x: Tensor) -> Tensor:
        return relu((x[:, None, :] @ each)[:, 0] + b1) @ w2 + b2

    torch.manual_seed(torch.initial_seed())
    heads = MultiHeadAttention(d, 4).double()

    def attend(x: Tensor) -> Tensor:
        with torch.no_grad():
            mixed: Tensor = heads(x)[0]
            return mixed

    for name, layer in (
        ("ffn", ffn),
        ("attention", attend),
        ("by_place", by_place),
        ("wide", wide),
    ):
        run.value(f"reorder_{name}", reorder_gap(layer, x), digits=2)
        run.value(f"leak_{name}", leak(layer, x), digits=2)
    # What rounding leaves is an order, not a value.
    run.value("reorder_attention_power", math.ceil(math.log10(reorder_gap(attend, x))))
    run.value("convolution_gap", (as_convolutions(x) - ffn(x)).abs().max().item(), digits=0)


def influences(run: Run, model: MiniLM, sentence: str) -> None:
    """What each token's state does to each token's output, in one block of MiniLM."""
    blocks = [block.double() for block in bert_blocks(model.encoder)[: BLOCK + 1]]
    x = through(blocks[:BLOCK], embedded(model.encoder, model.words[model.ids(sentence)]).double())
    block = blocks[BLOCK]
    tokens = model.tokens(sentence)

    def attend(y: Tensor) -> Tensor:
        mixed: Tensor = block.attention(y)[0]
        return mixed

    after = block.attended(x)
    maps = {
        "attention": influence(attend, x, fresh_source()),
        "ffn": influence(block.feed_forward, after, fresh_source()),
        "block": influence(block, x, fresh_source()),
    }
    run.value("influence_block", BLOCK)

    figure = run.new_figure(62)
    panels = figure.subplots(1, 3, sharey=True)
    for axes, title, found in zip(panels, ("(a)", "(b)", "(c)"), maps.values(), strict=True):
        image = axes.imshow(found, cmap="Blues", vmin=0)
        axes.grid(visible=False)
        axes.set_title(title)
        axes.set_xticks(range(len(tokens)), tokens, rotation=90)
        axes.set_yticks(range(len(tokens)), tokens)
        figure.colorbar(image, ax=axes, orientation="horizontal", shrink=0.9, pad=0.02)
    run.figure("influence", figure)


# ---------------------------------------------------------------- why an activation


def solutions(run: Run) -> None:
    """The numbers of the exercises' solutions."""
    x = torch.tensor(-3.0)
    run.value("absolute_two", int(relu(x) + relu(-x)))
    run.value("absolute_one", int(x + 2 * relu(-x)))
    units, width = units_for(0.001), 2 * math.pi
    run.value("units_needed", units)
    points = torch.linspace(0, width, 4001, dtype=torch.float64)
    error = (hinge_fit(torch.sin, units, width)(points) - points.sin()).abs().max().item()
    run.value("units_error", error, digits=5)
    attention, ffn = 2 + 2 / 3, 8.0  # in d²
    run.value("shared_share", ffn / (ffn + attention), digits=2)
    run.value("shared_crossing", (ffn - attention) / 2, digits=2)


def units_for(error: float) -> int:
    """The least f with (2π/f)²/8 ≤ error: chords of a full wave of the sine."""
    return math.ceil(2 * math.pi / math.sqrt(8 * error))


def hinges(run: Run) -> None:
    """A sine by f hinges: the curve, and the largest error against f."""
    width = 2 * math.pi
    x = torch.linspace(0, width, 4001, dtype=torch.float64)
    errors = {f: (hinge_fit(torch.sin, f, width)(x) - x.sin()).abs().max().item() for f in HINGES}
    # The best straight line in the sense of the largest error, by symmetry through (π, 0).
    slopes = torch.linspace(-1, 0, 2001, dtype=torch.float64)
    line = ((x - math.pi)[None] * slopes[:, None] - x.sin()).abs().amax(dim=1).min().item()
    run.value("hinge_line", line, digits=2)
    run.value("hinge_8", errors[8], digits=3)
    run.value("hinge_bound_8", (width / 8) ** 2 / 8, digits=3)

    figure = run.new_figure(52)
    left, right = figure.subplots(1, 2)
    left.plot(x, x.sin(), color="0.6", linewidth=2.5, label="$\\sin x$")
    for style, f in zip(("--", "-"), (4, 8), strict=True):
        left.plot(x, hinge_fit(torch.sin, f, width)(x), style, label=f"$f = {f}$")
    left.set_xticks([0, math.pi, width], ["$0$", "$\\pi$", "$2\\pi$"])
    left.set_xlabel("$x$")
    left.legend()
    bound = [(width / f) ** 2 / 8 for f in HINGES]
    right.plot(HINGES, bound, color="0.6", label="$(2\\pi/f)^2/8$")
    right.plot(HINGES, list(errors.values()), "o", label="ReLU")
    right.axhline(line, color="C1", linestyle="--", label="$\\phi(x) = x$")
    right.set_xscale("log", base=2)
    right.set_yscale("log")
    right.set_xticks(HINGES, [str(f) for f in HINGES])
    right.set_xlabel("$f$")
    right.set_ylabel("$\\max_x |\\hat{y} - \\sin x|$")
    right.legend()
    run.figure("hinges", figure)


# ---------------------------------------------------------------- which activation


def inputs(run: Run, model: MiniLM, sentences: list[str]) -> None:
    """Where on its curve the activation of MiniLM works, drawn under the curves."""
    found = layer_inputs(bert_blocks(model.encoder), batch(model, sentences))
    negative = [100 * (part < 0).double().mean().item() for part in found]
    run.value("negative_low", min(negative), digits=0, unit="%")
    run.value("negative_high", max(negative), digits=0, unit="%")
    x = torch.linspace(-4, 3, 1401, dtype=torch.float64)
    lowest = int(gelu(x).argmin())
    run.value("gelu_dip", gelu(x)[lowest].item(), digits=2)

    figure = run.new_figure(52)
    left, right = figure.subplots(1, 2)
    for name, style, function in (("ReLU", "--", relu), ("GELU", "-", gelu), ("SiLU", ":", silu)):
        left.plot(x, function(x), style, label=name)
    left.set_ylim(-0.4, 2)
    left.set_xlabel("$u$")
    left.set_ylabel("$\\phi(u)$")
    left.legend()
    edges = torch.linspace(-4, 3, 71)
    for index, style in ((0, "C1-"), (BLOCK - 1, "C2:"), (len(found) - 1, "C0--")):
        density = torch.histogram(found[index].flatten(), edges, density=True).hist
        right.plot((edges[1:] + edges[:-1]) / 2, density, style, label=f"block {index}")
    right.axvline(x[lowest].item(), color="0.5", linewidth=0.8)
    right.set_xlabel("$u = xW_1 + b_1$")
    right.set_ylabel("density")
    right.legend()
    run.figure("activations", figure)


def swaps(run: Run, model: MiniLM, sentences: list[str]) -> None:
    """The cosines of `swapped`."""
    for name, (everywhere, mended, worst, best) in swapped(model, sentences, FITTED).items():
        run.value(f"swap_{name}", everywhere, digits=2)
        run.value(f"mended_{name}", mended, digits=2)
        run.value(f"worst_{name}", worst, digits=2)
        run.value(f"best_{name}", best, digits=2)
    run.value("fitted", FITTED)
    run.value("tested", len(sentences) - FITTED)


def backward_ratio(activation: Activation, gain: float, source: torch.Generator) -> float:
    """|∂L/∂x| / |∂L/∂y| of a plain stack of DEPTH layers of 128, weights of size gain/√128."""
    width, rows = 128, 64
    x = normals(rows, width, source=source).requires_grad_()
    y = x
    for _ in range(DEPTH):
        y = activation(y @ (normals(width, width, source=source) * gain / math.sqrt(width)))
    arriving = normals(rows, width, source=source)
    (gradient,) = torch.autograd.grad(y, x, arriving)
    ratio: float = (gradient.norm() / arriving.norm()).item()
    return ratio


def slopes(run: Run) -> None:
    """What comes back through random stacks of ReLU, with and without larger weights."""
    for name, gain in (("relu_small", 1.0), ("relu", math.sqrt(2))):
        source = fresh_source()
        ratios = [backward_ratio(relu, gain, source) for _ in range(STACKS)]
        run.value(f"back_{name}", sum(ratios) / STACKS, digits=4, runs=STACKS)
    run.value("depth", DEPTH)
    run.value("stacks", STACKS)


# ---------------------------------------------------------------- what it weighs and costs


def size(*tensors: Tensor) -> int:
    """How many numbers they hold together."""
    return sum(tensor.numel() for tensor in tensors)


def counts(run: Run, minilm: MiniLM, smollm2: SmolLM2) -> None:
    """Weights of one block by part, shares, and operations for a token against the length."""
    b = minilm.encoder.blocks[0]
    attention = size(*b.query, *b.key, *b.value, *b.output)
    ffn, norms = size(*b.expand, *b.contract), size(*b.attention_norm, *b.ffn_norm)
    rest = size(minilm.words, minilm.encoder.positions, minilm.encoder.segment)
    rest += size(*minilm.encoder.embedding_norm)
    c = smollm2.blocks[0]
    attention_2 = size(c.query, c.key, c.value, c.output)
    ffn_2, norms_2 = size(c.gate, c.up, c.down), size(c.attention_norm, c.ffn_norm)
    rest_2 = size(smollm2.embedding, smollm2.final_norm)
    rows: list[list[str | float]] = []
    models = (
        ("all-MiniLM-L6-v2", 6, b.expand.weight.shape, attention, ffn, norms, rest),
        ("SmolLM2-135M", 30, c.gate.shape, attention_2, ffn_2, norms_2, rest_2),
    )
    for name, layers, (f, d), a, w, m, outside in models:
        share = 100 * w / (a + w + m)
        total = layers * (a + w + m) + outside
        if "Smol" in name:
            run.value("share_smollm2", share, digits=1, unit="%")
        rows.append([name, d, f, a, w, m, share, 100 * layers * w / total])
    run.table(
        "weights",
        ["model", "$d$", "$f$", "attention", "feed-forward", "norms", "block (%)", "model (%)"],
        rows,
        digits=1,
    )
    columns = ["모델", "$d$", "$f$", "어텐션", "피드포워드", "정규화", "블록(%)", "모델(%)"]
    korean_table(run, "weights", columns, rows, digits=1)

    lengths = [2**power for power in range(4, 15)]
    figure = run.new_figure(45, 120)
    axes = figure.add_subplot()
    for line, (name, d, fixed, w) in enumerate(
        (("MiniLM", 384, 4 * 384**2, 8 * 384**2), ("SmolLM2", 576, attention_2, ffn_2))
    ):
        # Products for one token that looks at n: its projections, n scores of d products in
        # all heads together, and the weighted sum of n values.
        axes.plot(
            lengths,
            [w / (fixed + 2 * n * d + w) for n in lengths],
            "o-",
            color=f"C{line}",
            label=name,
        )
        crossing = (w - fixed) / (2 * d)
        axes.axvline(crossing, color=f"C{line}", linestyle=":")
        run.value(f"crossing_{name.lower()}", crossing, digits=0)
    axes.axhline(0.5, color="0.6", linewidth=0.8)
    axes.set_xscale("log", base=2)
    axes.set_xticks(lengths[::2], [str(n) for n in lengths[::2]])
    axes.set_ylim(0, 0.8)
    axes.set_xlabel("$n$")
    axes.set_ylabel("share of products")
    axes.legend()
    run.figure("operations", figure)


# ---------------------------------------------------------------- nothing converges


def step_sizes(hidden: Tensor) -> Tensor:
    """(L,): median over the inner tokens of |h_{l+1} − h_l| / |h_l|; hidden (L + 1, n, d).

    The first and the last token are left out: in both models the ends are of another kind.
    """
    inner = hidden[:, 1:-1]
    found: Tensor = (
        ((inner[1:] - inner[:-1]).norm(dim=-1) / inner[:-1].norm(dim=-1)).median(dim=-1).values
    )
    return found


def steps(run: Run, minilm: MiniLM, smollm2: SmolLM2, sentences: list[str]) -> None:
    """How far the states move from layer to layer in two real models."""
    text = " ".join(sentences[:4])
    found = {
        "minilm": step_sizes(minilm.trace(text).hidden),
        "smollm2": step_sizes(smollm2.trace(smollm2.ids(text)).hidden),
    }
    for name, sizes in found.items():
        run.value(f"step_last_{name}", sizes[-1].item(), digits=2)
    run.value("step_first_smollm2", found["smollm2"][0].item(), digits=0)
    figure = run.new_figure(45, 120)
    axes = figure.add_subplot()
    for mark, (name, sizes) in zip("so", found.items(), strict=True):
        label = "MiniLM" if name == "minilm" else "SmolLM2"
        axes.plot(torch.arange(1, len(sizes) + 1), sizes, f"{mark}-", label=label)
    axes.set_ylim(0, 1.1)
    axes.set_xticks([1, 5, 10, 15, 20, 25, 30])
    axes.set_xlabel("$l$")
    axes.set_ylabel("$|h_l - h_{l-1}|\\,/\\,|h_{l-1}|$")
    axes.legend(loc="upper center")
    run.figure("steps", figure)
