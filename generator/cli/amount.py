"""Numbers on the command line that something is counted with."""

import math
from typing import Any

import click


class Amount(click.FloatRange):
    """A number from 0 up. FloatRange lets nan through, and an infinite number of megabytes."""

    def __init__(self) -> None:
        super().__init__(min=0)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """`value` as a finite float."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is no number to count with.", param, ctx)
        return number
