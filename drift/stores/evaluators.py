"""Who gave a score: the judge or the code, and in which version, from what a store keeps beside the score. Never a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# what a score's metadata call the judge, its version and its model
_NAMES = (
    "evaluator",
    "evaluator_name",
    "evaluator.name",
    "judge",
    "judge_name",
    "evaluator_id",
    "job_configuration_id",
    "rubric",
)
_VERSIONS = (
    "evaluator_version",
    "evaluator.version",
    "judge_version",
    "evaluator_version_id",
    "prompt_version",
    "rubric_version",
    "version",
)
_MODELS = ("judge_model", "evaluator_model", "evaluator.model", "model", "model_name")
_LONGEST = 80


def named(name: object = None, version: object = None, model: object = None) -> str | None:
    """`tone@3 (gpt-4o)`, of what is known; None where nothing is.

    >>> named("tone", 3, "gpt-4o")
    'tone@3 (gpt-4o)'
    >>> named(version="2026-11")
    'version 2026-11'
    """
    who, which, by = (_word(each) for each in (name, version, model))
    head = f"{who}@{which}" if who and which else who or (f"version {which}" if which else "")
    told = f"{head} ({by})" if head and by else head or by
    return told[:_LONGEST] or None


def of(metadata: object) -> str | None:
    """What a score's metadata say of who gave it."""
    if not isinstance(metadata, Mapping):
        return None
    return named(*(next((v for key in keys if (v := _word(metadata.get(key)))), None) for keys in (_NAMES, _VERSIONS, _MODELS)))


def _word(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return " ".join(str(value).split())[:_LONGEST]


def noted(score: dict[str, Any], evaluator: str | None) -> dict[str, Any]:
    """The score with its evaluator, where that is known."""
    return score if evaluator is None else {**score, "evaluator": evaluator}
