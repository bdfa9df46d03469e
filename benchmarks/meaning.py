"""Does drift find a change of meaning in real texts, name it, and stay silent where there is none?

    python benchmarks/meaning.py [--queries] [--answers] [--matched] [--model all-MiniLM-L6-v2]

queries   CLINC150: days of 500 queries in five domains; one domain's share rises from 10 % to 15, 20 and 40 %, or stays.
matched   AlpacaEval: the same 805 instructions answered by a model and by its successor, by the same model at another host, or
          by the same model.
answers   the same as nights, which is much harder: ten days of 60 instructions, then a day of 200, no instruction twice.

Texts are embedded once and kept below /tmp. Mixes wobble from day to day as in the peer harness (logit sd 0.15, or as said).
"""

from __future__ import annotations

import argparse
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import real_texts

from drift import detect, profiles
from drift.compare import effects
from drift.config import Config
from drift.config.sections import STATIC_MODEL
from drift.detect import vectors
from drift.explain import classifier, given_input
from drift.features import topics
from drift.profiles.day import DayProfile

DAYS = 28
FIRST = date(2026, 1, 5)
CONFIG = Config.of({"segments": {"dimensions": []}})
PAIRS = [
    ("gpt-3.5-turbo-0613", "gpt-3.5-turbo-1106", "successor"),
    ("vicuna-13b-v1.5", "vicuna-13b-v1.5-togetherai", "other host"),
    ("gpt-3.5-turbo-0613", "gpt-3.5-turbo-0613", "same"),
    ("claude-2", "claude-2", "same"),
    ("vicuna-13b-v1.5", "vicuna-13b-v1.5", "same"),
    ("gpt-3.5-turbo-0301", "gpt-3.5-turbo-0613", "successor"),
    ("claude", "claude-2", "successor"),
    ("claude-2", "claude-2.1", "successor"),
    ("claude-2.1", "claude-2.1_concise", "prompt"),
    ("Mistral-7B-Instruct-v0.2", "Mistral-7B-Instruct-v0.3", "successor"),
]


def queries(model: str, nights: int, n: int, wobble: float, alpha: float = 0.01) -> pd.DataFrame:
    """A row a share: how often the night alarms, by which finding, and whether the topic found is of the domain that grew."""
    table, x = real_texts.queries(model)
    domains = sorted(set(table.domain) - {"out_of_scope"})
    rows = {d: np.flatnonzero(table.domain == d) for d in domains}
    found = []
    for series, grown in enumerate(domains):
        rng = np.random.default_rng([series, n])
        days = [_queries(rng, rows, grown, 0.1, n, wobble) for _ in range(DAYS)]
        some = np.concatenate(days)[:6000]
        known = topics.named(topics.fit(x[some], model), x[some], [table.text[i] for i in some])
        about = _domains_of_topics(table, x, known, rows)
        history = [_profile(i, x[day], known) for i, day in enumerate(days)]
        for _ in range(nights):
            for share in (0.1, 0.15, 0.2, 0.4):
                day = _queries(rng, rows, grown, share, n, wobble)
                today = _profile(DAYS, x[day], known)
                result = vectors.compare_vectors(history, today)[0].result
                alarms = [
                    f for f in detect.night(history, today, detect.Settings.of(CONFIG)) if f.alarm and f.metric == "input_topic"
                ]
                labels = [f.statistic.removeprefix("share:") for f in alarms if f.effect and f.effect > 0]
                moved = result.p <= alpha
                found.append(
                    {
                        "share": share, "vector": moved, "cosine shift": result.cosine_shift, "topic": bool(alarms),
                        "either": moved or bool(alarms), "named": any(about.get(label) == grown for label in labels),
                        "example": _example(table, x, day, result) == grown,
                    }
                )  # fmt: skip
    return pd.DataFrame(found).groupby("share").mean()


def _queries(rng, rows: dict[str, np.ndarray], grown: str, share: float, n: int, wobble: float) -> np.ndarray:
    names = list(rows)
    mix = np.array([share if d == grown else (1 - share) / (len(names) - 1) for d in names])
    mix = mix * np.exp(wobble * rng.standard_normal(len(names)))
    counts = rng.multinomial(n, mix / mix.sum())
    return np.concatenate([rng.choice(rows[d], c) for d, c in zip(names, counts, strict=True)])


def _domains_of_topics(table: pd.DataFrame, x: np.ndarray, known: topics.Topics, rows) -> dict[str, str]:
    """The domain in which each topic is most common."""
    share = {d: pd.Series(known.label(x[own])).value_counts(normalize=True) for d, own in rows.items()}
    return pd.DataFrame(share).fillna(0).idxmax(axis=1).to_dict()


def _example(table: pd.DataFrame, x: np.ndarray, day: np.ndarray, result: vectors.VectorResult) -> str:
    """The most common domain of the five traces that lie furthest along the change."""
    furthest = day[np.argsort(-(x[day] @ result.direction))[:5]]
    return table.domain[furthest].mode()[0]


def _profile(i: int, x: np.ndarray, known: topics.Topics) -> DayProfile:
    features = pa.table(
        {
            "trace_id": [str(k) for k in range(len(x))],
            "input_embedding": pa.FixedSizeListArray.from_arrays(pa.array(x.ravel()), x.shape[1]),
            "input_topic": pa.array(known.label(x), pa.string()),
            "_encoder": [known.encoder] * len(x),
        }
    )
    day = FIRST + timedelta(days=i)
    return DayProfile(day, profiles.build(features, CONFIG, day))


def answers(model: str, repeats: int, pairs: list[tuple[str, str, str]], alpha: float = 0.01) -> pd.DataFrame:
    """A row a pair of models: how often inputs, outputs and outputs given inputs alarm, and the classifier's AUC."""
    _, asked = real_texts.instructions(model)
    out = []
    for before, after, kind in pairs:
        old, new = (real_texts.answers(of, model)[1] for of in (before, after))
        usable = np.flatnonzero(np.isfinite(old).all(1) & np.isfinite(new).all(1))
        found = []
        for repeat in range(repeats):
            # an instruction is asked on one day only: answers that come back word for word would make days look alike
            rows = np.random.default_rng(repeat).permutation(usable)
            days = [rows[200 + 60 * i : 260 + 60 * i] for i in range(10)]
            today = rows[:200]
            of = vectors.VectorDay.of
            p = {
                "input": vectors.vector_test([of(asked[d]) for d in days], of(asked[today])).p,
                "output": vectors.vector_test([of(old[d]) for d in days], of(new[today])).p,
                "given": given_input.test_given_input(
                    [given_input.Pairs(asked[d], old[d]) for d in days], given_input.Pairs(asked[today], new[today])
                ).p,
            }
            row = {name: value <= alpha for name, value in p.items()}
            row["silent update"] = p["given"] <= alpha < p["input"]
            if repeat < 2:
                told = classifier.separate([old[d] for d in days], new[today])
                row |= {"auc": told.auc, "usual auc": told.usual, "classifier": told.p <= alpha}
            found.append(row)
        out.append({"before": before, "after": after, "kind": kind, **pd.DataFrame(found).astype(float).mean()})
        print(pd.DataFrame(out[-1:]).to_string(index=False, header=len(out) == 1), flush=True)
    return pd.DataFrame(out)


def matched(model: str, pairs: list[tuple[str, str, str]]) -> pd.DataFrame:
    out = []
    for before, after, kind in pairs:
        old, new = (real_texts.answers(of, model)[1] for of in (before, after))
        usable = np.isfinite(old).all(1) & np.isfinite(new).all(1)
        old, new = old[usable], new[usable]
        result = effects.vectors(old, new, paired=True)
        measured = {"cosine": (old * new).sum(1).mean(), "centroid moved by": result.change, "p": result.p}
        out.append({"before": before, "after": after, "kind": kind, **measured})
    return pd.DataFrame(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for part in ("queries", "answers", "matched"):
        parser.add_argument(f"--{part}", action="store_true")
    parser.add_argument("--model", default=STATIC_MODEL)
    parser.add_argument("--nights", type=int, default=8, help="nights a domain and share; five domains")
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--pairs", type=int, default=len(PAIRS), help="the first so many pairs of models")
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--wobble", type=float, default=0.15)
    given = parser.parse_args()
    whole = not (given.queries or given.answers or given.matched)
    pd.options.display.float_format = "{:.3f}".format
    if given.queries or whole:
        print(f"queries: {given.n} a day, day-to-day wobble {given.wobble}")
        print(queries(given.model, given.nights, given.n, given.wobble).to_string(), flush=True)
    if given.matched or whole:
        print(matched(given.model, PAIRS[: given.pairs]).to_string(index=False), flush=True)
    if given.answers or whole:
        answers(given.model, given.repeats, PAIRS[: given.pairs])


if __name__ == "__main__":
    main()
