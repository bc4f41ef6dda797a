"""The synthetic reports as projects: ours, and one for each peer, driven by GNU make."""

import sys
from pathlib import Path

from workload import DRAW, Block, Cite, Math, Piece, bibliography, report

HERE = Path(__file__).parent


def ours(folder: Path, count: int) -> None:
    """A study of `count` reports."""
    weeks = ['title = "Benchmark"\ndescription = "Synthetic."\nlanguages = ["en"]\n']
    for n in range(1, count + 1):
        weeks.append(
            f'[[week]]\nnumber = {n}\ntitle = "Report {n}"\nobjective = "Measure."\n'
            f'progress = "Measured."\ntopic = "Speed"\nstatus = "done"\n'
        )
        home = folder / "reports" / week_id(n)
        home.mkdir(parents=True)
        (home / "report.md").write_text(our_text(n))
        (home / "compute.py").write_text(
            f'"""Four figures."""\n{DRAW}\n\ndef compute(run):\n'
            f"    for name, fig in drawings({n}).items():\n        run.figure(name, fig)\n"
        )
    (folder / "study.toml").write_text("\n".join(weeks))
    (folder / "reports" / "references.bib").write_text(bibliography())
    blocks = [
        f"<!-- study:begin {b} -->\n<!-- study:end {b} -->\n"
        for b in ("schedule", "resources", "progress")
    ]
    (folder / "README.md").write_text("\n".join(["# Benchmark\n", *blocks]))


def week_id(number: int) -> str:
    """The id of the report of week `number`."""
    return f"week-{number:02d}"


def our_text(number: int) -> str:
    """report.md in our syntax."""
    parts = []
    for block in report(number):
        if block.kind == "display":
            (math,) = block.pieces
            assert isinstance(math, Math)
            parts.append(f"$$\n{math.tex}\n$$ {{#{block.name}}}")
        elif block.kind == "figure":
            parts.append(f"@fig-{block.name} shows it.")
            parts.append(
                f'![{block.pieces[0]}](figure:{block.name}){{#fig-{block.name} fig-alt="Left '
                f'four damped curves, right a small sample."}}'
            )
        elif block.kind == "table":
            parts.append(f"@tbl-{block.name} lists them.")
            parts.append(_pipe_table(block) + f"\n\n: {block.pieces[0]} {{#tbl-{block.name}}}")
        else:
            parts.append(_markdown(block))
    return "\n\n".join(parts) + "\n"


def _markdown(block: Block) -> str:
    if block.kind == "heading":
        return f"## {block.pieces[0]} {{#sec-{block.name}}}"
    if block.kind == "code":
        return f"```python\n{block.pieces[0]}\n```"
    return "".join(_piece(piece, "$", "[@{}]") for piece in block.pieces)


def _piece(piece: Piece, dollar: str, cite: str) -> str:
    if isinstance(piece, Math):
        return f"{dollar}{piece.tex}{dollar}"
    if isinstance(piece, Cite):
        return cite.format(piece.key)
    return piece


def _pipe_table(block: Block) -> str:
    rows = ["| a | b | c | d |", "|--:|--:|--:|--:|"]
    rows += ["| " + " | ".join(row) + " |" for row in block.rows]
    return "\n".join(rows)


def pandoc_text(number: int) -> str:
    """The report in Pandoc's Markdown."""
    parts = [f"---\ntitle: Report {number}\n---"]
    for block in report(number):
        if block.kind == "display":
            (math,) = block.pieces
            assert isinstance(math, Math)
            parts.append(f"$$\n{math.tex}\n$$")
        elif block.kind == "figure":
            parts.append(f"![{block.pieces[0]}](figures/r{number}-{block.name}.EXT){{width=100%}}")
        elif block.kind == "table":
            parts.append(_pipe_table(block) + f"\n\n: {block.pieces[0]}")
        else:
            parts.append(_markdown(block))
    return "\n\n".join(parts) + "\n"


def typst_text(number: int) -> str:
    """The report in Typst's own markup."""
    parts = [
        '#set page(paper: "a4")\n#set heading(numbering: "1.")\n'
        '#set math.equation(numbering: "(1)")'
        f"\n= Report {number}"
    ]
    for block in report(number):
        first = block.pieces[0]
        if block.kind == "heading":
            parts.append(f"== {first}")
        elif block.kind == "code":
            parts.append(f"```python\n{first}\n```")
        elif block.kind == "display":
            assert isinstance(first, Math)
            parts.append(f"$ {first.typst} $")
        elif block.kind == "figure":
            image = f'image("figures/r{number}-{block.name}.svg", width: 100%)'
            parts.append(f"#figure({image}, caption: [{first}])")
        elif block.kind == "table":
            cells = ", ".join(f"[{cell}]" for row in block.rows for cell in row)
            parts.append(f"#figure(table(columns: 4, {cells}), caption: [{first}])")
        else:
            line = ""
            for piece in block.pieces:
                if isinstance(piece, Math):
                    line += f"${piece.typst}$"
                else:
                    line += f"@{piece.key}" if isinstance(piece, Cite) else piece
            parts.append(line)
    parts.append('#bibliography("references.bib")')
    return "\n\n".join(parts) + "\n"


def peer(folder: Path, count: int, kind: str) -> None:
    """A make project of `count` reports for `kind`: typst, pandoc-typst or pandoc-latex."""
    (folder / "figures").mkdir(parents=True)
    (folder / "references.bib").write_text(bibliography())
    vector = "pdf" if kind == "pandoc-latex" else "svg"
    source = "typ" if kind == "typst" else "md"
    for n in range(1, count + 1):
        text = typst_text(n) if kind == "typst" else pandoc_text(n).replace("EXT", vector)
        (folder / f"r{n}.{source}").write_text(text)
        (folder / f"r{n}.py").write_text(
            f'"""Four figures."""\nimport sys\n{DRAW}\n\n'
            f"for name, fig in drawings({n}).items():\n"
            f'    fig.savefig(f"figures/r{n}-{{name}}.{vector}")\n'
            f'open("figures/r{n}.done", "w").close()\n'
        )
    (folder / "Makefile").write_text(_makefile(count, kind, source))


def _makefile(count: int, kind: str, source: str) -> str:
    python = sys.executable
    if kind == "typst":
        command = f"{python} {HERE / 'typst_compile.py'} $< $@"
    else:
        import pypandoc

        pandoc = pypandoc.get_pandoc_path()
        options = "--citeproc --bibliography=references.bib"
        if kind == "pandoc-typst":
            command = (
                f"{pandoc} $< {options} -t typst -s -o $*.gen.typ && "
                f"{python} {HERE / 'typst_compile.py'} $*.gen.typ $@"
            )
        else:
            command = f"{pandoc} $< {options} --pdf-engine=pdflatex -o $@"
    reports = " ".join(f"r{n}.pdf" for n in range(1, count + 1))
    return (
        f"all: {reports}\n\n%.pdf: %.{source} figures/%.done references.bib\n\t{command}\n\n"
        f"figures/%.done: %.py\n\t{python} $<\n\n.PRECIOUS: figures/%.done\n"
    )
