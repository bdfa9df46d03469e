"""What is behind a change of meaning: other questions, or other answers to the same questions."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from drift.explain import meaning

D = 24
_ANSWER = np.random.default_rng(0).standard_normal((D, D)) / np.sqrt(D)


def rows(seed: int, n: int = 120, students: float = 0.0, answered: float = 0.0, encoder: str = "one@1") -> pa.Table:
    """A day of embedded traces: a share of students who ask of something else, answers that follow the questions."""
    rng = np.random.default_rng(seed)
    asked = rng.standard_normal((n, D)) * 0.6 / np.sqrt(D)
    student = rng.random(n) < students
    asked[:, 0] += 1.0
    asked[student, 5] += 2.0
    told = asked @ _ANSWER + 0.3 * rng.standard_normal((n, D)) / np.sqrt(D)
    told[:, 2] += answered
    unit = lambda x: pa.array(list((x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)))  # noqa: E731
    return pa.table(
        {
            "trace_id": [f"{seed}-{i}" for i in range(n)],
            "input_embedding": unit(asked),
            "output_embedding": unit(told),
            "input_topic": np.where(student, "licence · student", "invoice · payment"),
            "_encoder": [encoder] * n,
        }
    )


USUAL = [rows(seed) for seed in range(12)]


@pytest.mark.parametrize(
    ("students", "answered", "alike"),
    [(0.3, 0.0, True), (0.0, 0.4, False), (0.3, 0.4, False)],
    ids=["asked", "answered", "both"],
)
def test_whether_the_same_questions_are_answered_differently(students, answered, alike):
    found = meaning.look("output_embedding", USUAL, rows(50, 240, students, answered))
    assert (found.given_input > 0.05) if alike else (found.given_input < 0.001)


def test_what_sets_the_day_apart_is_told_with_its_share():
    found = meaning.look("input_embedding", USUAL, rows(51, 240, students=0.3))
    assert "input_topic “licence · student” is 100 % of the traces most unlike them, 0 % before" in found.apart


def test_an_ordinary_day_is_not_set_apart():
    found = meaning.look("input_embedding", USUAL, rows(52))
    assert found.apart == "" and found.given_input > 0.05


def test_vectors_of_another_encoder_are_not_compared_with():
    foreign = [rows(seed, encoder="two@2") for seed in range(12)]
    assert meaning.look("input_embedding", foreign, rows(53, students=0.3)) == meaning.Meaning(None, "")


def test_too_few_days_or_traces_say_nothing():
    assert meaning.look("input_embedding", USUAL[:4], rows(54)) == meaning.Meaning(None, "")
    assert meaning.look("input_embedding", USUAL, rows(55, 10)) == meaning.Meaning(None, "")
    assert meaning.look("input_embedding", USUAL, rows(56).drop_columns(["input_embedding"])) == meaning.Meaning(None, "")


@pytest.mark.parametrize("without", [range(12), range(5), [12]], ids=["never", "some days", "today"])
def test_answers_to_questions_that_are_not_known_say_nothing_of_questions(without):
    days = [_unasked(day) if place in without else day for place, day in enumerate([*USUAL[:12], rows(57, answered=0.4)])]
    found = meaning.look("output_embedding", days[:-1], days[-1])
    assert found.given_input is None and "classifier" in found.apart


def _unasked(day: pa.Table) -> pa.Table:
    place = day.column_names.index("input_embedding")
    return day.set_column(place, "input_embedding", pa.nulls(day.num_rows, day.schema.field(place).type))
