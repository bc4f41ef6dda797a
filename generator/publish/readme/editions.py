"""The README in each of the study's languages: README.md, and README.ko.md where there is one."""

from dataclasses import replace
from pathlib import Path

from generator.model import Study


def editions(root: Path, study: Study) -> list[Study]:
    """`study` once for each README that there is, with its file and language as the README's own.

    The first is what study.toml says. Another language has its own beside it, README.ko.md, if
    somebody wrote one: it needs the same blocks, and is not made where it is missing.
    """
    found = [study]
    main = study.readme.language or study.languages[0]
    stem = study.readme.file.removesuffix(".md")
    for language in study.languages:
        file = f"{stem}.{language}.md"
        if language != main and file != study.readme.file and (root / file).is_file():
            style = replace(study.readme, file=file, language=language)
            found.append(replace(study, readme=style))
    return found
