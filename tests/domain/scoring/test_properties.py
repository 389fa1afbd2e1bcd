"""What must hold for every rule and every input: bounds, direction, no surprise, and a working that ends with the points."""

from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domain.decider import Refused
from domain.scoring import Rule, score
from domain.scoring.band import Band, BandLine
from domain.scoring.bonus import Bonus, BonusItem
from domain.scoring.composite import Composite, Part
from domain.scoring.count_clause import CountClause
from domain.scoring.events import Events
from domain.scoring.expression import FUNCTIONS, compute, names, parse
from domain.scoring.facts import Achievement
from domain.scoring.piecewise import Beyond, Extended, Knot, Piecewise, Stepwise
from domain.scoring.rank import RankStep, rank_of
from domain.scoring.ratio import Ratio
from domain.scoring.steps import Direction, StepMode, steps
from domain.scoring.target_step import TargetStep
from domain.scoring.two_sided import TwoSided
from domain.scoring.working import Rounding, text

NUMBERS = st.decimals(-1_000, 1_000, places=4)
SMALL = st.decimals("0.0001", 50, places=4)
MODES: st.SearchStrategy[StepMode] = st.sampled_from(["proportional", "floor", "ceil", "half-up"])
DIRECTIONS: st.SearchStrategy[Direction] = st.sampled_from(["higher", "lower"])
POINTS = st.decimals(0, 120, places=2)
THIRTY = st.just(Decimal(30))
BELOW: tuple[Beyond, ...] = (Extended(), Stepwise(step=Decimal("0.5"), deduct=Decimal(2), steps="half-up"))
ABOVE: tuple[Beyond, ...] = (Extended(), Stepwise(step=Decimal("0.5"), add=Decimal(2), steps="floor", cap=Decimal(200)))
PAIRS = st.tuples(NUMBERS, NUMBERS)


def exact(rule: Rule, **values: object) -> Decimal:
    """Score without rounding."""
    points = score(rule, values, None).points
    assert points is not None
    return points


def ordered(one: Decimal, other: Decimal, direction: Direction) -> tuple[Decimal, Decimal]:
    """Give the worse value first."""
    worse, better = sorted((one, other), reverse=direction == "lower")
    return worse, better


@st.composite
def rising(draw: st.DrawFn) -> Piecewise:
    """Draw a rule whose points never fall as the value rises."""
    places = sorted(draw(st.lists(NUMBERS, min_size=1, max_size=5, unique=True)))
    points = sorted(draw(st.lists(POINTS, min_size=len(places), max_size=len(places))))
    below, above = draw(st.sampled_from(BELOW)), draw(st.sampled_from(ABOVE))
    return Piecewise(
        knots=tuple(Knot(at=at, points=worth) for at, worth in zip(places, points, strict=True)), below=below, above=above
    )


@given(rising(), NUMBERS, NUMBERS)
def test_a_piecewise_rule_is_monotone(rule: Piecewise, one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))

    assert exact(rule, actual=low) <= exact(rule, actual=high)


@given(rising())
def test_a_piecewise_rule_gives_its_points_at_its_knots(rule: Piecewise) -> None:
    assert all(exact(rule, actual=knot.at) == knot.points for knot in rule.knots)


@given(st.builds(TargetStep, points=POINTS, target=NUMBERS, step=SMALL, deduct=SMALL, steps=MODES, direction=DIRECTIONS), PAIRS)
def test_a_target_step_is_bounded_and_monotone(rule: TargetStep, pair: tuple[Decimal, Decimal]) -> None:
    worse, better = ordered(*pair, rule.direction)

    assert 0 <= exact(rule, actual=worse) <= exact(rule, actual=better) <= rule.points  # type: ignore[operator]


@given(st.builds(TwoSided, base=THIRTY, target=NUMBERS.filter(bool), step=SMALL, steps=MODES, direction=DIRECTIONS), PAIRS)
def test_a_two_sided_step_stays_between_its_caps(plain: TwoSided, pair: tuple[Decimal, Decimal]) -> None:
    rule = replace(plain, add_cap=Decimal(6), deduct_cap=Decimal(6))
    worse, better = ordered(*pair, rule.direction)

    assert 24 <= exact(rule, actual=worse) <= exact(rule, actual=better) <= 36


@given(SMALL, POINTS, st.decimals(0, 1_000, places=3), st.decimals(0, 1_000, places=3))
def test_a_ratio_is_bounded_and_monotone(target: Decimal, points: Decimal, one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    rule = Ratio(points=points, target=target)

    assert 0 <= exact(rule, actual=low) <= exact(rule, actual=high) <= points


@given(st.lists(st.tuples(NUMBERS, POINTS), min_size=1, max_size=5, unique_by=lambda pair: pair[0]), NUMBERS, NUMBERS)
def test_a_rising_band_is_monotone(bands: list[tuple[Decimal, Decimal]], one: Decimal, other: Decimal) -> None:
    places, points = sorted(at for at, _ in bands), sorted(worth for _, worth in bands)
    rule = Band(bands=tuple(BandLine(at=at, points=worth) for at, worth in zip(places, points, strict=True)))
    low, high = sorted((one, other))

    assert exact(rule, actual=low) <= exact(rule, actual=high)


@given(
    st.integers(0, 50), st.integers(0, 50), st.integers(0, 10), POINTS, st.sampled_from([Decimal(1), Decimal(2), Decimal("0.3")])
)
def test_more_events_never_bring_more_points(one: int, more: int, quota: int, points: Decimal, per: Decimal) -> None:
    clause = CountClause(key="n", deduct=Decimal("0.2"), per=per, quota=Decimal(quota), repeat=(Decimal(1), Decimal(2)))
    rule = Events(points=points, clauses=(clause,))

    assert 0 <= exact(rule, n=one + more) <= exact(rule, n=one) <= points


@given(st.lists(st.sampled_from(["市", "省", "国"]), max_size=12), st.sampled_from(["rule", "item", "none"]))
def test_a_bonus_never_passes_its_caps(levels: list[str], once: str) -> None:
    item = BonusItem(key="a", levels=(("市", Decimal(1)), ("省", Decimal(2)), ("国", Decimal(3))), cap=Decimal(5))
    rule = Bonus(items=(item,), cap=Decimal(4), highest_of_project=once)  # type: ignore[arg-type]
    done = tuple(Achievement(project="p", level=level) for level in levels)

    points = exact(rule, achievements=done)

    assert 0 <= points <= 4
    assert once == "none" or points <= 3


@given(st.lists(NUMBERS, min_size=1, max_size=8), st.data())
def test_a_rank_lies_within_the_field_and_the_best_is_first(values: list[Decimal], data: st.DataObject) -> None:
    own = data.draw(st.sampled_from(values))
    everyone = tuple(values)

    assert (
        1
        <= rank_of(own, everyone, ties="dense")
        <= rank_of(own, everyone)
        <= rank_of(own, everyone, ties="average")
        <= len(values)
    )
    assert rank_of(max(values), everyone) == 1
    assert exact(RankStep(points=Decimal(30), step=Decimal(5), given="values"), actual=max(values), values=values) == 30


@given(st.lists(st.tuples(POINTS, st.decimals("0.1", 1, places=2)), min_size=1, max_size=5))
def test_a_weighted_mean_lies_between_its_parts(parts: list[tuple[Decimal, Decimal]]) -> None:
    rule = Composite(
        join="mean",
        parts=tuple(
            Part(key=f"p{number}", weight=weight, rule=Ratio(points=points, target=Decimal(1)))
            for number, (points, weight) in enumerate(parts)
        ),
    )
    marks = [points for points, _ in parts]

    found = exact(rule, actual=Decimal(1))

    assert min(marks) <= Rounding(places=20).of(found) <= max(marks)


@given(st.decimals(0, 1_000, places=6), SMALL, MODES)
def test_steps_are_within_one_of_the_exact_count(gap: Decimal, step: Decimal, mode: StepMode) -> None:
    assert abs(steps(gap, step, mode) - gap / step) < 1


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=9))
def test_a_printed_number_is_the_number(number: Decimal) -> None:
    assert Decimal(text(number)) == number


@given(
    st.lists(
        st.sampled_from([*FUNCTIONS, "a", "实际值", "1", "0.5", "%", "+", "-", "×", "/", "^", "(", ")", ",", "<=", "．", "if"]),
        max_size=12,
    )
)
def test_any_text_is_a_formula_or_refused(tokens: list[str]) -> None:
    formula = " ".join(tokens)

    with suppress(Refused):  # Anything else that is raised fails the test.
        node = parse(formula)
        listed = {name.name: ((Decimal(2), Decimal(3)) if name.listed else Decimal(2)) for name in names(node)}
        assert compute(node, listed).is_finite()


@given(rising(), NUMBERS, st.integers(0, 6))
def test_the_working_ends_with_the_rounded_points(rule: Piecewise, actual: Decimal, places: int) -> None:
    scored = score(rule, {"actual": actual}, Rounding(places=places))

    assert scored.points == scored.lines[-1].amount
    assert scored.points is not None
    assert scored.exact is not None
    assert abs(scored.points - scored.exact) <= Decimal("0.5").scaleb(-places)
