"""How the weeks of a schedule stand by what study.toml says alone: nothing here asks the clock."""

from typing import Literal

from generator.model import Study, Week

Standing = Literal["done", "cancelled", "next", "late", "planned"]


def standings(study: Study) -> list[Standing]:
    """How each week stands, in the order of the schedule.

    next: the first week to come after the newest that is done, by date where both have one.
    late: not done, although a later one is. What is cancelled is neither, nor is a week
    without number and date (an appendix).
    """
    order = _in_time(study.weeks)
    done = [place for place, index in enumerate(order) if study.weeks[index].status == "done"]
    newest = done[-1] if done else -1
    found: dict[int, Standing] = {}
    coming: list[int] = []
    for place, index in enumerate(order):
        week = study.weeks[index]
        found[index] = "planned"
        if week.session.cancelled:
            found[index] = "cancelled"
        elif week.status == "done":
            found[index] = "done"
        elif week.number is not None or week.date:
            coming += [index] if place > newest else []
            found[index] = "planned" if place > newest else "late"
    for index in coming[:1]:
        found[index] = "next"
    return [found[index] for index in range(len(study.weeks))]


def next_by_status(study: Study) -> Week | None:
    """The week that is next as `standings` tells; None if all is done."""
    for week, standing in zip(study.weeks, standings(study), strict=True):
        if standing == "next":
            return week
    return None


def _in_time(weeks: tuple[Week, ...]) -> list[int]:
    """The places of the weeks as they follow in time.

    The schedule's order, but that of the dates among those that have one: a week that was moved
    behind the following one comes after it.
    """
    dated = [index for index, week in enumerate(weeks) if week.date]
    by_date = iter(sorted(dated, key=lambda index: str(weeks[index].date)))
    return [next(by_date) if week.date else index for index, week in enumerate(weeks)]
