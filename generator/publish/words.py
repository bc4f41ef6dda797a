"""The words of ours that README, calendar and messages print, in one language."""

from generator.model import Study
from generator.study.readme import WORDS


def words_of(study: Study, language: str) -> dict[str, str]:
    """Word → what it is in `language`, with what the study says instead in [readme.words]."""
    words = {name: texts.get(language, texts["en"]) for name, texts in WORDS.items()}
    words |= {name: text for name, text in study.own_words(language).items() if name in words}
    # A column of steps is headed "Step", and one of 3일차 is headed 일차.
    words["week"] = study.unit.text(language).replace("{n}", "").strip() or words["week"]
    for name, phrase in study.readme.words:
        words[name] = phrase.text(language) or words[name]
    return words
