"""The [rota] table of study.toml: who takes turns at presenting, and who is away when."""

from generator.model import Absence, Rota
from generator.study.fields import Fields
from generator.study.mistakes import did_you_mean, listed, shown


def read_rota(fields: Fields | None) -> Rota:
    """What [rota] says; nobody takes turns where there is none."""
    if fields is None:
        return Rota()
    members = fields.words("members")
    for name in dict.fromkeys(members):
        if not name:
            fields.wrong("members", "found an empty name", "take it out")
        elif members.count(name) > 1:
            fields.wrong("members", f"names '{name}' twice", "take one out, or tell them apart")
    each = fields.whole("each", at_least=1, at_most=20)
    away = [absence for table in fields.tables("away") if (absence := _absence(table, members))]
    fields.finish()
    return Rota(tuple(dict.fromkeys(filter(None, members))), each or 1, tuple(away))


def _absence(fields: Fields, members: tuple[str, ...]) -> Absence | None:
    name = fields.text("name")
    first, last = fields.date("from"), fields.date("to")
    numbers = []
    for item in fields.listing("weeks"):
        if isinstance(item, int) and not isinstance(item, bool) and item >= 0:
            numbers.append(item)
        else:
            fields.wrong("weeks", f"found {shown(item)}, expected a week's number", "weeks = [3]")
    if not fields.has("name"):
        fields.wrong(None, "name is missing", 'write { name = "…", weeks = [3] }')
    elif members and name not in members:
        fields.wrong(
            "name",
            f"found '{name}', expected one of {listed(members, 'or')}",
            did_you_mean(name, members),
        )
    if first and last and last < first:
        fields.wrong("to", f"found {last}, before {first}", "mend one of them")
    if not any(fields.has(key) for key in ("from", "to", "weeks")):
        fields.wrong(
            None,
            f"does not say when {shown(name)} is away",
            "write weeks = [3], or from = 2025-03-05 and to = 2025-03-12",
        )
    fields.finish()
    return Absence(name, first, last, tuple(numbers)) if name else None
