"""Is one model better than another? Intervals, power, paired tests, ratings, calibration.

n questions, k repeats of each. A score is a number from 0 to 1, a share of right answers.
Probabilities of two-sided tests count outcomes at least as far from equality as the one seen.
"""

import math
from collections.abc import Callable, Sequence
from itertools import combinations
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Interval = tuple[float, float]

_NORMAL = NormalDist()
ELO_SCALE = 400 / math.log(10)  # Elo points for one unit of log-odds


def quantile(confidence: float) -> float:
    """z with P(|Z| ≤ z) = confidence for a standard normal Z; 1.96 for 0.95."""
    return _NORMAL.inv_cdf((1 + confidence) / 2)


# ---------------------------------------------------------------- one model


def wald(right: int, n: int, confidence: float = 0.95) -> Interval:
    """p̂ ± z √(p̂ (1 − p̂) / n), as textbooks have it; without width at 0 and n right answers."""
    p = right / n
    reach = quantile(confidence) * math.sqrt(p * (1 - p) / n)
    return p - reach, p + reach


def wilson(right: float, n: float, confidence: float = 0.95) -> Interval:
    """All p with |p̂ − p| ≤ z √(p (1 − p) / n): the two roots of a quadratic.

    Source: Wilson, Journal of the American Statistical Association 22 (1927) 209–212.
    """
    z, p = quantile(confidence), right / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # The roots at 0 and n are exact; rounding would leave −1e−17.
    return (0.0 if right == 0 else centre - reach), (1.0 if right == n else centre + reach)


def binomial(n: int, p: float) -> list[float]:
    """P(x right of n) for x = 0 … n."""
    return [math.comb(n, x) * p**x * (1 - p) ** (n - x) for x in range(n + 1)]


def coverage(interval: Callable[[int, int], Interval], n: int, p: float) -> float:
    """Probability that the interval of n answers holds the true p: an exact sum.

    Source: Brown, Cai & DasGupta, Statistical Science 16 (2001) 101–133.
    """
    bounds = [interval(x, n) for x in range(n + 1)]
    mass = zip(bounds, binomial(n, p), strict=True)
    return sum(chance for (low, high), chance in mass if low <= p <= high)


# ---------------------------------------------------------------- two models, power


def power_unpaired(p: float, q: float, n: int, alpha: float = 0.05) -> float:
    """Chance that the two-proportion z test sees p ≠ q, n questions for each model.

    Normal approximation; the spread under equality is the pooled one.
    Source: Fleiss, Levin & Paik, Statistical Methods for Rates and Proportions (2003), ch. 4.
    """
    middle = (p + q) / 2
    bound = quantile(1 - alpha) * math.sqrt(2 * middle * (1 - middle) / n)
    spread = math.sqrt((p * (1 - p) + q * (1 - q)) / n)
    gap = abs(p - q)
    return _NORMAL.cdf((gap - bound) / spread) + _NORMAL.cdf((-gap - bound) / spread)


def exact_power_unpaired(p: float, q: float, n: int, alpha: float = 0.05) -> float:
    """The same chance as a sum over all (n + 1)² outcomes."""
    z = quantile(1 - alpha)
    x = np.arange(n + 1) / n
    a, b = x[:, None], x[None, :]
    middle = (a + b) / 2
    seen = (a - b) ** 2 > z * z * 2 * middle * (1 - middle) / n
    chance = np.outer(binomial(n, p), binomial(n, q))
    return float(chance[seen].sum())


def power_paired(only_first: float, only_second: float, n: int, alpha: float = 0.05) -> float:
    """Chance that McNemar's test sees a difference on n questions put to both models.

    only_first, only_second: probability that just this one of the two is right.
    Source: Miettinen, Biometrics 24 (1968) 339–352, the unconditional approximation.
    """
    apart, gap = only_first + only_second, abs(only_first - only_second)
    spread = math.sqrt(apart - gap * gap)
    if spread == 0:
        return 1.0 if gap else 0.0
    bound = quantile(1 - alpha) * math.sqrt(apart)
    reach = gap * math.sqrt(n)
    return _NORMAL.cdf((reach - bound) / spread) + _NORMAL.cdf((-reach - bound) / spread)


def apart(p: float, q: float, correlation: float) -> tuple[float, float]:
    """P(only the first is right), P(only the second) for right answers so correlated.

    Raises ValueError if no two models can have these p, q and correlation.
    """
    both = p * q + correlation * math.sqrt(p * (1 - p) * q * (1 - q))
    if not max(0, p + q - 1) - 1e-12 <= both <= min(p, q) + 1e-12:
        raise ValueError(f"accuracies {p} and {q} can't have the correlation {correlation}")
    return p - both, q - both


def needed(power: Callable[[int], float], target: float = 0.8) -> int:
    """The fewest questions that reach the power `target`; power must grow with n."""
    high = 1
    while power(high) < target:
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(middle) >= target else (middle, high)
    return high


# ---------------------------------------------------------------- two models, tests


def mcnemar(only_first: int, only_second: int) -> float:
    """p of a fair coin thrown for each question that just one of the two got right.

    Source: McNemar, Psychometrika 12 (1947) 153–157; exact form, two-sided.
    """
    n = only_first + only_second
    tail = sum(binomial(n, 0.5)[: min(only_first, only_second) + 1])
    return min(1.0, 2 * tail)


def sign_flip(differences: Array, draws: int, source: np.random.Generator) -> float:
    """p of the mean difference if each question's sign were a coin; the data counts as a draw.

    differences: (n,) score of the first model minus that of the second, question by question.
    Source: Fisher, The Design of Experiments (1935), § 21; Phipson & Smyth (2010) for the + 1.
    """
    signs = source.choice([-1.0, 1.0], size=(draws, len(differences)))
    # Sums that are equal on paper differ by rounding; 1e-9 is far below one answer.
    reached = np.abs(signs @ differences) >= abs(differences.sum()) - 1e-9
    return float((reached.sum() + 1) / (draws + 1))


def holm(p: Sequence[float]) -> list[float]:
    """p values of a family, raised so that one false alarm in the family has its level.

    Source: Holm, Scandinavian Journal of Statistics 6 (1979) 65–70.
    """
    raised, worst = [0.0] * len(p), 0.0
    for place, index in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        worst = max(worst, min(1.0, (len(p) - place) * p[index]))
        raised[index] = worst
    return raised


def student_cdf(t: float, freedom: int) -> float:
    """P(T ≤ t) of Student's T with `freedom` ≥ 1 degrees of freedom: a finite sum.

    Source: Abramowitz & Stegun, Handbook of Mathematical Functions (1964), 26.7.3 and 26.7.4.
    """
    angle = math.atan(t / math.sqrt(freedom))
    term, total = (math.cos(angle), 0.0) if freedom % 2 else (1.0, 0.0)
    for k in range(1 if freedom % 2 else 0, freedom - 1, 2):
        total += term
        term *= (k + 1) / (k + 2) * math.cos(angle) ** 2
    total *= math.sin(angle)
    return 0.5 + (0.5 * total if freedom % 2 == 0 else (angle + total) / math.pi)


def student_quantile(confidence: float, freedom: int) -> float:
    """t with P(|T| ≤ t) = confidence for Student's T; 2.201 for 0.95 and 11, by bisection."""
    low, high = 0.0, 1.0
    while student_cdf(high, freedom) < (1 + confidence) / 2:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        below = student_cdf(middle, freedom) < (1 + confidence) / 2
        low, high = (middle, high) if below else (low, middle)
    return (low + high) / 2


def paired_interval(differences: Sequence[float], confidence: float = 0.95) -> Interval:
    """Student's interval for the mean of differences, one for each common unit, at least two.

    Source: Student, Biometrika 6 (1908) 1–25.
    """
    values = np.asarray(differences, dtype=float)
    t = student_quantile(confidence, len(values) - 1)
    reach = t * float(values.std(ddof=1)) / math.sqrt(len(values))
    return float(values.mean()) - reach, float(values.mean()) + reach


# ---------------------------------------------------------------- repeats


class Spread(NamedTuple):
    """Variance of a score between questions, and within one question from repeat to repeat."""

    between: float
    within: float

    def error(self, n: int, k: int) -> float:
        """Standard error of the mean of n questions with k repeats each."""
        return math.sqrt((self.between + self.within / k) / n)


def spread(scores: Array) -> Spread:
    """Both parts of the variance, from (n, k) scores with n, k ≥ 2: one-way random effects.

    Source: Searle, Casella & McCulloch, Variance Components (1992), ch. 3.
    """
    k = scores.shape[1]
    within = float(scores.var(axis=1, ddof=1).mean())
    return Spread(max(0.0, float(scores.mean(axis=1).var(ddof=1)) - within / k), within)


def question_error(scores: Array) -> float:
    """Standard error of the mean of (n, k) scores, with the question as the unit.

    Source: Miller, Adding Error Bars to Evals (2024), arXiv 2411.00640.
    """
    return float(scores.mean(axis=1).std(ddof=1)) / math.sqrt(len(scores))


# ---------------------------------------------------------------- ratings


def expected_score(gap: float) -> float:
    """Probability that the one rated `gap` Elo points higher wins.

    Source: Elo, The Rating of Chessplayers (1978), ch. 1.
    """
    return 1 / (1 + 10 ** (-gap / 400))


def elo(games: Sequence[tuple[int, int]], players: int, step: float = 32) -> list[float]:
    """Ratings after these games, each (winner, loser), from 0: one pass in the given order."""
    rating = [0.0] * players
    for winner, loser in games:
        surprise = step * (1 - expected_score(rating[winner] - rating[loser]))
        rating[winner] += surprise
        rating[loser] -= surprise
    return rating


def bradley_terry(wins: Array) -> list[float]:
    """Elo points, mean 0, under which these results are likeliest.

    wins: (m, m), how often the row beat the column. Raises ValueError if there is a group of
    players whom no other ever beat: their ratings would be infinite.
    Source: Bradley & Terry, Biometrika 39 (1952) 324–345; Ford (1957) for the condition;
    Hunter, The Annals of Statistics 32 (2004) 384–406, for this iteration and its convergence.
    """
    if not _all_reach_all(wins):
        raise ValueError("some players were never beaten by the others: no finite ratings")
    strength = np.ones(len(wins))
    games, won = wins + wins.T, wins.sum(1)
    while True:
        pair = strength[:, None] + strength[None, :]
        # The faster form with a sum over losses below swings for ever between two players.
        fresh = won / (games / pair).sum(1)
        fresh /= np.exp(np.log(fresh).mean())
        if np.abs(np.log(fresh / strength)).max() < 1e-12:
            return [float(r) for r in ELO_SCALE * np.log(fresh)]
        strength = fresh


def _all_reach_all(wins: Array) -> bool:
    """True if a chain of wins leads from every player to every other."""
    reached = (wins > 0) | np.eye(len(wins), dtype=bool)
    for _ in range(len(wins)):
        reached = reached @ reached
    return bool(reached.all())


def played(scores: Sequence[Array]) -> list[tuple[int, int]]:
    """(winner, loser) for each question, repeat and pair of which just one is right."""
    return [
        (a, b) if gap > 0 else (b, a)
        for a, b in combinations(range(len(scores)), 2)
        for gap in (scores[a] - scores[b]).flat
        if gap
    ]


def results_table(games: Sequence[tuple[int, int]], players: int) -> Array:
    """(m, m): how often the row beat the column."""
    wins = np.zeros((players, players))
    np.add.at(wins, tuple(np.array(games).T), 1)
    return wins


def simulated_ratings(
    true: Sequence[float], games: int, times: int, source: np.random.Generator
) -> Array:
    """(times, m) Bradley–Terry ratings, each from `games` games of every pair of players.

    true: (m,) their real ratings in Elo points.
    """
    level = np.array(true)
    chance = 1 / (1 + 10 ** ((level[None, :] - level[:, None]) / 400))
    found = []
    for _ in range(times):
        upper = np.triu(source.binomial(games, chance), 1)
        lower = np.tril((games - upper).T, -1)
        found.append(bradley_terry((upper + lower).astype(float)))
    return np.array(found)


# ---------------------------------------------------------------- calibration


def brier(said: Array, right: Array) -> float:
    """Mean square of stated probability minus outcome; 0.25 for always saying one half.

    Source: Brier, Monthly Weather Review 78 (1950) 1–3.
    """
    return float(((said - right) ** 2).mean())


def calibration_error(said: Array, right: Array, bins: int = 5) -> float:
    """Mean gap between stated and true share over bins of equal width, weighted by size.

    Source: Guo et al., On Calibration of Modern Neural Networks (2017).
    """
    place = np.minimum((said * bins).astype(int), bins - 1)
    gaps = np.bincount(place, weights=right - said, minlength=bins)
    return float(np.abs(gaps).sum() / len(said))


def honest_errors(said: Array, times: int, source: np.random.Generator) -> list[float]:
    """The calibration errors that chance gives a forecaster whose probabilities are true."""
    came = (source.random((times, len(said))) < said).astype(float)
    return [calibration_error(said, row) for row in came]
