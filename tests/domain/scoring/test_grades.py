"""Quotas, ranks and ties of a group."""

from decimal import Decimal

import pytest

from domain.scoring.grades import FigureMissing, Quota, Standing, TieBreak, grade_by_line, graded, order, quota_of, ranked
from domain.scoring.working import GradeLine

CHAIN = (
    TieBreak(key="total", label="总分"),
    TieBreak(key="key", label="重点工作"),
    TieBreak(key="deductions", fewest=True, label="扣分少"),
)


def figures(total: str, key: str, deductions: str) -> dict[str, Decimal]:
    return {"total": Decimal(total), "key": Decimal(key), "deductions": Decimal(deductions)}


@pytest.mark.parametrize(("rounding", "places"), [("floor", 2), ("ceil", 3), ("half-up", 2)])
def test_a_quota_is_rounded_as_its_rule_says(rounding: str, places: int) -> None:
    found, line = quota_of(Quota(grade="A", percent=Decimal(20), rounding=rounding), 11)  # type: ignore[arg-type]

    assert found == places
    assert line.amount == places
    assert "11 × 20% = 2.2" in line.formula


def test_a_quota_keeps_its_least_and_most_and_never_passes_the_group() -> None:
    assert quota_of(Quota(grade="A", percent=Decimal(20), least=1), 3)[0] == 1
    assert quota_of(Quota(grade="A", percent=Decimal(50), most=2), 9)[0] == 2
    assert quota_of(Quota(grade="A", percent=Decimal(10), least=5), 3)[0] == 3


def test_score_lines_grade_without_a_quota() -> None:
    lines = (GradeLine(at_least=Decimal(80), name="良好"), GradeLine(at_least=Decimal(90), name="优秀"))

    assert [grade_by_line(Decimal(points), lines) for points in ("90", "89.99", "79")] == ["优秀", "良好", None]


@pytest.mark.parametrize(("ties", "ranks"), [("competition", "1 2 2 4"), ("dense", "1 2 2 3"), ("average", "1 2.5 2.5 4")])
def test_equal_totals_rank_by_the_rule_of_ties(ties: str, ranks: str) -> None:
    totals = {"甲": Decimal(98), "乙": Decimal(97), "丙": Decimal(97), "丁": Decimal(95)}

    assert " ".join(f"{rank:f}" for rank in ranked(totals, ties).values()) == ranks  # type: ignore[arg-type]


def test_ties_are_broken_link_by_link_and_what_is_left_is_said() -> None:
    group = {
        "甲": figures("91.36", "37.9", "2"),
        "乙": figures("91.36", "38.2", "5"),
        "丙": figures("91.36", "37.9", "1"),
        "丁": figures("90", "40", "0"),
        "戊": figures("90", "40", "0"),
    }

    assert order(group, CHAIN) == (
        Standing(unit="乙", place=1, decided_by="重点工作"),
        Standing(unit="丙", place=2, decided_by="扣分少"),
        Standing(unit="甲", place=3, decided_by="扣分少"),
        Standing(unit="丁", place=4, decided_by="总分", tied_with=("戊",)),
        Standing(unit="戊", place=4, decided_by="总分", tied_with=("丁",)),
    )


def test_an_undecided_tie_never_exceeds_a_quota() -> None:
    group = {
        name: figures(total, "0", "0") for name, total in [("甲", "95"), ("乙", "90"), ("丙", "90"), ("丁", "80"), ("戊", "70")]
    }
    standings = order(group, CHAIN)

    grades = graded(standings, (Quota(grade="A", percent=Decimal(40)), Quota(grade="B", percent=Decimal(40))), "C")

    assert grades == {"甲": "A", "乙": "B", "丙": "B", "丁": "B", "戊": "C"}


def test_a_missing_figure_is_refused_by_name() -> None:
    with pytest.raises(FigureMissing) as caught:
        order({"甲": {"total": Decimal(1)}, "乙": {"total": Decimal(1)}}, CHAIN)

    assert "重点工作" in caught.value.sentence()
