"""Week 2: the exam question, the bench's rules and baselines, and replies of the real model."""

import math
import random
from functools import partial

import pytest
import torch
from common import comparison
from common.bench import (
    Ngram,
    Question,
    Record,
    anywhere,
    asked,
    first_word,
    graded,
    read_questions,
    sampled,
    words,
)
from common.smollm2 import SmolLM2, load_smollm2
from common.triangles import largest_area, satisfying_triangles

from tests.pinned import ROOT, model_path
from tests.scripts import script

WEEK = script("week-02")
DATA = ROOT / "reports/week-02/data"
QUESTIONS = read_questions((DATA / "questions.csv").read_text(encoding="utf-8"))
TRAINING = (DATA / "training.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def model() -> SmolLM2:
    return load_smollm2(model_path("smollm2"))


def test_one_triangle_fits_and_its_sides_are_eight_seven_and_five() -> None:
    (triangle,) = satisfying_triangles(2000)
    sides = [side / math.sqrt(3) for side in (triangle.a, triangle.b, triangle.c)]
    assert sides == pytest.approx([8, 7, 5], abs=1e-9)
    assert math.degrees(triangle.angle_b) == pytest.approx(60)


def test_the_largest_area_is_that_of_the_derivation() -> None:
    areas, best = largest_area(satisfying_triangles(2000)[0])
    # 100 000 directions miss the top by at most (π/10⁵)²/2 of the radius' part of the area, 36.
    assert best == pytest.approx(36 + 30 * math.sqrt(3), abs=2e-8)
    assert areas.min() == pytest.approx(30 * math.sqrt(3) - 36, abs=2e-8)


def test_twelve_questions_of_each_of_five_kinds_none_of_which_contains_its_answer() -> None:
    kinds = [question.kind for question in QUESTIONS]
    assert {kind: kinds.count(kind) for kind in kinds} == dict.fromkeys(dict.fromkeys(kinds), 12)
    for question in QUESTIONS:
        assert not set(words(question.prompt)) & set(question.accepted), question.prompt


def test_half_of_the_questions_stand_in_the_training_text_with_a_right_answer() -> None:
    text = " ".join(words(TRAINING))
    seen = [q for q in QUESTIONS if " ".join(words(q.prompt)) in text]
    assert len(seen) == 30
    for question in seen:
        start = " ".join(words(question.prompt))
        assert any(f"{start} {answer}" in text for answer in question.accepted), question.prompt


def test_no_example_gives_an_answer_away() -> None:
    shown = (DATA / "examples.txt").read_text(encoding="utf-8")
    assert not [question.prompt for question in QUESTIONS if question.prompt in shown]


def test_the_two_rules_differ_where_the_answer_comes_later() -> None:
    question = Question("capital", "The capital of Peru is", ("lima",))
    assert first_word(" Lima.", question)
    assert not first_word("The capital of Peru is Lima.", question)
    assert anywhere("The capital of Peru is Lima.", question)
    assert not anywhere("Limassol", question)
    assert not first_word("", question)


def test_replies_are_graded_one_by_one() -> None:
    question = Question("sum", "The sum of 2 and 3 is", ("5", "five"))
    record = Record([["5.", "6", "Five"]], [0.5])
    assert graded(record, [question], first_word) == [[1, 0, 1]]


def test_a_trigram_says_what_followed_and_shortens_what_it_never_saw() -> None:
    counts = Ngram("a b c. a b d. x b e. b d", 3)
    assert counts.followers("A b") == {"c": 1, "d": 1}
    assert counts.followers("z b") == {"c": 1, "d": 2, "e": 1}
    assert counts.followers("never seen").total() == len(words("a b c. a b d. x b e. b d"))


def test_a_unigram_ignores_the_question() -> None:
    counts = Ngram("to be or not to be", 1)
    assert counts.followers("anything") == {"to": 2, "be": 2, "or": 1, "not": 1}
    record = counts.record(QUESTIONS, 3, random.Random(0))
    assert record.sure == [2 / 6] * len(QUESTIONS)
    assert {len(said) for said in record.replies} == {3}


def test_repeats_at_temperature_zero_agree_with_the_plain_loop(model: SmolLM2) -> None:
    prompts = [QUESTIONS[0].prompt, "A young dog is called a", QUESTIONS[12].prompt]
    record = sampled(model, prompts, 3, 4, 0.0, torch.Generator())
    for prompt, said in zip(prompts, record.replies, strict=True):
        alone = model.text(model.generate(model.ids(prompt), 4))
        assert said == [alone] * 3


def test_the_certainty_is_the_largest_probability_of_the_first_token(model: SmolLM2) -> None:
    record = sampled(model, [QUESTIONS[0].prompt, "Once upon a"], 1, 1, 0.0, torch.Generator())
    alone = torch.softmax(model.next_logits(model.ids(QUESTIONS[0].prompt))[0], -1).max().item()
    # Padding changes the order of float32 sums.
    assert record.sure[0] == pytest.approx(alone, abs=1e-4)


def test_drawn_replies_follow_their_seed_and_differ_among_each_other(model: SmolLM2) -> None:
    def draw(seed: int) -> list[list[str]]:
        source = torch.Generator().manual_seed(seed)
        return sampled(model, ["The sum of 58 and 17 is"], 6, 2, 1.0, source).replies

    assert draw(1) == draw(1)
    assert len(set(draw(1)[0])) > 1


def test_three_styles_ask_the_same_question() -> None:
    question, examples = QUESTIONS[0], "The capital of Italy is Rome.\n"
    for style in ("plain", "examples", "chat"):
        assert question.prompt in asked(style, question, examples)
    assert asked("chat", question, examples).endswith("<|im_start|>assistant\n")


def test_the_exams_answers_are_multiples_of_one_number() -> None:
    shown = [multiple * (6 + 5 * math.sqrt(3)) for multiple in WEEK.OPTIONS]
    # As GPT listed them in the group's report.
    assert shown == pytest.approx([43.98, 58.64, 73.30, 87.96, 102.62], abs=5e-3)


@pytest.mark.parametrize(
    ("freedom", "expected"), [(1, 12.706), (2, 4.303), (4, 2.776), (11, 2.201), (30, 2.042)]
)
def test_quantiles_of_student_are_those_of_the_tables(freedom: int, expected: float) -> None:
    assert comparison.student_quantile(0.95, freedom) == pytest.approx(expected, abs=5e-4)


def test_student_is_cauchy_with_one_degree_of_freedom_and_normal_with_many() -> None:
    assert comparison.student_cdf(1, 1) == pytest.approx(0.75)
    # The difference falls as 1 / freedom; the coefficient at 1.96 is below 0.2.
    assert comparison.student_cdf(1.959964, 2000) == pytest.approx(0.975, abs=1e-4)


def test_a_paired_interval_of_two_has_the_half_width_of_cauchy() -> None:
    low, high = comparison.paired_interval([0.0, 2.0])
    assert (low + high) / 2 == pytest.approx(1)
    assert (high - low) / 2 == pytest.approx(12.7062, abs=1e-3)


def test_the_number_of_questions_follows_from_the_formula_of_the_report() -> None:
    for rho in (0.3, 0.6):
        p, q, z, power = 0.8, 0.7, 1.959964, 0.841621
        d = p * (1 - q) + q * (1 - p) - 2 * rho * math.sqrt(p * (1 - p) * q * (1 - q))
        gap = p - q
        n = ((z * math.sqrt(d) + power * math.sqrt(d - gap * gap)) / gap) ** 2
        shares = comparison.apart(p, q, rho)
        assert comparison.needed(partial(comparison.power_paired, *shares)) == math.ceil(n)


def test_the_example_of_ten_questions_is_mcnemars() -> None:
    assert comparison.mcnemar(3, 1) == pytest.approx(10 / 16)
