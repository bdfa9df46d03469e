"""drift on the real data of shared/data: comparisons against a yardstick, published numbers, and a RAG pipeline's lost year.

    python benchmarks/real_data.py [pairs|llmdrift|realtimeqa ...] [--data /work/shared/data]

pairs       reference_pairs.csv: both samples rebuilt from the raw data, drift's verdict beside the yardstick's
llmdrift    GPT-3.5 March against June: direction, size and order of every task beside the authors' numbers
realtimeqa  weekly periods: fresh documents lost in 2023, the accuracy that fell with it, and the closed-book control
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from drift import metrics, profiles  # noqa: E402
from drift.compare.rows import compare_rows
from drift.compare.windows import compare_windows
from drift.config import Config  # noqa: E402
from drift.detect import Settings, night
from drift.detect.lasting import change_point
from drift.detect.predict.ordinary import Series
from drift.metrics import Metric  # noqa: E402
from drift.profiles.day import DayProfile

DATA = Path("/work/shared/data")
SPLITS = 20
# signal of the yardstick → metric of the catalogue, or one of these
SIGNALS = {
    "response_chars": "output_characters",
    "accuracy": "accuracy",
    "directly_executable": "accuracy",
    "response_rate": "accuracy",
    "latency_s": "latency_s",
    "refusal_rate(human label)": "refusal",
    "hhem_groundedness": "groundedness",
    "word_count": "output_words",
    "hallucination_rate(hhem<0.5)": "hallucination",
    "answer_rate(is_valid)": "answered",
    "doc_age_days": "document_age_days",
    "share_docs<=30d": "fresh",
    "share_docs<=30d (only weeks searched on time)": "fresh",
    "search_lag_days": "search_lag_days",
    "doc_score": "score.document",
    "top10_score": "score.document",
    "completion_tokens": "output_tokens",
    "prompt_tokens": "input_tokens",
}
OWN = (
    Metric("accuracy", "rate", "quality", "share", "", worse="down", matters=0.02, scale="bounded"),
    Metric("hallucination", "rate", "quality", "share", "", worse="up", matters=0.005, scale="bounded"),
    Metric("answered", "rate", "quality", "share", "", worse="down", matters=0.005, scale="bounded"),
    Metric("fresh", "rate", "freshness", "share", "", worse="down", matters=0.02, scale="bounded"),
    Metric("search_lag_days", "number", "freshness", "days", "", worse="up", matters=0.1, floor=0.5),
    Metric("f1", "number", "quality", "0–1", "", worse="down", matters=0.02, scale="bounded"),
)
for _metric in OWN:
    metrics.register(_metric)


def read(name: str) -> pd.DataFrame:
    return pd.read_parquet(DATA / f"{name}.parquet")


# ---------------------------------------------------------------- the two samples of a pair of the yardstick
def _llmdrift(row) -> tuple[pd.DataFrame, pd.DataFrame, dict]:
    data = read("llmdrift_gpt35")
    data = data[data.task == row.dataset.split("/")[1]]
    data = data.rename(columns={"answer_chars": "output_characters", "score": "accuracy", "latency": "latency_s"})
    frames = [
        own[["prompt_id", "output_characters", "accuracy", "latency_s"]].astype({"output_characters": float})
        for own in (data[data.version == "2023-03"], data[data.version == "2023-06"])
    ]
    return *frames, {}


def _xstest(row):
    data = read("refusals")
    data = data[data.source == "xstest_v2"]
    if row.dataset.endswith("_prompts"):
        safe = row.dataset.endswith("/safe_prompts")
        data = data[data.prompt_safe.astype(bool) == safe]
    frames = []
    for model in (row.baseline, row.candidate):
        own = data[data.model == model]
        length = own.response.str.len().astype(float)
        frames.append(pd.DataFrame({"prompt_id": own.prompt, "refusal": own.label.astype(float), "output_characters": length}))
    return *frames, {}


def _alpaca(row):
    data = read("alpaca_eval")
    frames = []
    for model in (row.baseline, row.candidate):
        own = data[data.model == model]
        frames.append(pd.DataFrame({"prompt_id": own.prompt_id, "output_characters": own.output_chars.astype(float)}))
    return *frames, {}


def _vectara(own: pd.DataFrame, key: str) -> pd.DataFrame:
    valid = own.is_valid.astype(float)
    hallucinated = (own.hhem_score < 0.5).astype(float).where(own.is_valid)
    return pd.DataFrame(
        {
            "prompt_id": own[key], "groundedness": own.hhem_score.astype(float), "output_words": own.word_count.astype(float),
            "hallucination": hallucinated, "answered": valid,
        }
    )  # fmt: skip


def _vectara_v1(row):
    data = read("vectara_v1_summaries")
    if row.pair_kind == "A/A_rerun":
        own = data[data.model == "CohereLabs/command-r"]
        return *(_vectara(own[own.run == run], "article_id") for run in (0, 1)), {}
    data = data[data.run == 0]
    return *(_vectara(data[data.model == model], "article_id") for model in (row.baseline, row.candidate)), {}


def _vectara_v2(row):
    data = read("vectara_v2_judgments")
    return *(_vectara(data[data.model == model], "row") for model in (row.baseline, row.candidate)), {}


def _weeks(data: pd.DataFrame, span: str) -> pd.DataFrame:
    first, _, last = span.partition("..")
    last = last if len(last) > 2 else first[:5] + last
    return data[(data.week >= first) & (data.week.str[: len(last)] <= last)]


def _realtimeqa(row):
    if row.dataset == "realtimeqa":
        kind, (model, mode, retriever) = row.signal.split("[")[0], row.signal.split("[")[1].rstrip("]").split(",")
        data = read("realtimeqa_predictions")
        setting = "mc" if kind.startswith("mc") else "gen"
        own = data[(data.model == model) & (data["mode"] == mode) & (data.setting == setting)]
        own = own[own.retriever.isna() if retriever == "None" else own.retriever == retriever]
        frames = []
        for span in (row.baseline, row.candidate):
            side = _weeks(own, span)
            frames.append(pd.DataFrame({"accuracy": side.correct} if kind.startswith("mc") else {"f1": side.f1}))
        return *frames, {"week": [_weeks(own, span).week.to_numpy() for span in (row.baseline, row.candidate)]}
    data = read("realtimeqa_retrieval_" + row.dataset.split("/")[1])
    frames = []
    for span in (row.baseline, row.candidate):
        side = _weeks(data, span)
        columns = {"question": side.question_id + side.week}
        if row.dataset.endswith("dpr"):
            columns["score.document"] = side.doc_score
        else:
            age = side.doc_age_days.astype(float)
            columns |= {"document_age_days": age, "fresh": (age <= 30).astype(float).where(age.notna())}
            columns["search_lag_days"] = side.search_lag_days.astype(float)
        frames.append(pd.DataFrame(columns))
    return *frames, {"unit": "question"}


def _trec(row):
    data = read("trec_dl_runs")
    data = data[data["rank"] <= 10]
    if "A/A" in row.pair_kind:
        own = data[data.system == row.baseline.removesuffix(" even qids")]
        return *_halves(own, "qid", "score", 0), {"unit": "qid", "pair_on": ""}
    frames = []
    for system in (row.baseline, row.candidate):
        own = data[data.system == system]
        frames.append(pd.DataFrame({"prompt_id": own.qid, "score.document": own.score}))
    return *frames, {}


def _oasst(row):
    data = read("oasst_reports")
    frames = []
    for name in (row.baseline, row.candidate):
        if row.pair_kind == "A/A_rerun":
            own = data[data.report == {"15:51": "gpt-3.5-turbo_lottery", "20:25": "gpt-3.5-turbo_sample"}[name.split()[-1]]]
        else:
            own = data[data.report.str.startswith(name) & (data.sampling_config == "k50")]
        frames.append(pd.DataFrame({"prompt_id": own.prompt_id, "output_characters": own.response_chars.astype(float)}))
    return *frames, {}


def _azure(row):
    data = read("traffic_azure")
    columns = {"prompt_tokens": "input_tokens", "completion_tokens": "output_tokens"}
    if row.dataset == "azure":
        sides = [data[data.service == name] for name in (row.baseline, row.candidate)]
    else:
        own = data[data.service == row.dataset.split("/")[1]].sort_values("timestamp")
        sides = [own[: len(own) // 2], own[len(own) // 2 :]]
    return *(side.rename(columns=columns)[list(columns.values())].astype(float) for side in sides), {}


def _halves(own: pd.DataFrame, key: str, value: str, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The units of a sample in two random halves."""
    units = np.sort(own[key].unique())
    first = set(np.random.default_rng(seed).permutation(units)[: len(units) // 2])
    frame = pd.DataFrame({key: own[key], "score.document" if value == "score" else value: own[value].astype(float)})
    inside = own[key].isin(first)
    return frame[inside], frame[~inside]


BUILD: dict[str, Callable] = {
    "llmdrift": _llmdrift, "xstest_v2": _xstest, "alpaca_eval": _alpaca, "vectara_v1": _vectara_v1, "vectara_v2": _vectara_v2,
    "realtimeqa": _realtimeqa, "trec_dl": _trec, "oasst_reports": _oasst, "oasst_reports[k50]": _oasst, "azure": _azure,
}  # fmt: skip


def _config(frame: pd.DataFrame) -> Config:
    given = {}
    if "score.document" in frame:
        # a retriever's scores have a scale of their own: a tenth of their spread is what matters
        given["score.document"] = {"matters": 0.1 * float(frame["score.document"].std())}
    return Config.of({"metrics": given})


def _splits(row) -> Iterator[tuple[pd.DataFrame, pd.DataFrame, dict]]:
    """Twenty seeded A/A splits of one model's answers, of which the yardstick's own is one like the others."""
    name = row.baseline.removesuffix(" half A").removesuffix(" even qids")
    for seed in range(SPLITS):
        if row.dataset.startswith("trec"):
            data = read("trec_dl_runs")
            own = data[(data.system == name) & (data["rank"] <= 10)]
            yield *_halves(own, "qid", "score", seed), {"unit": "qid", "pair_on": ""}
        elif row.dataset == "alpaca_eval":
            own = read("alpaca_eval").query("model == @name").rename(columns={"output_chars": "output_characters"})
            yield *_halves(own, "prompt_id", "output_characters", seed), {"pair_on": ""}
        else:
            own = read("vectara_v2_judgments").query("model == @name").rename(columns={"hhem_score": "groundedness"})
            yield *_halves(own, "row", "groundedness", seed), {"pair_on": ""}


def _judge(a: pd.DataFrame, b: pd.DataFrame, how: dict, signal: str):
    week = how.pop("week", None)
    if week is not None:
        a, b = a.assign(week=week[0]), b.assign(week=week[1])
        how["unit"] = "week"  # the questions of a week are about the same news
    found = compare_rows(a, b, _config(a), **how)
    name = SIGNALS.get(signal) or ("accuracy" if signal.startswith("mc") else "f1")
    # the yardstick has no word for level (geometric) and mean (arithmetic): the one that changed more surely speaks
    return min((row for row in found.rows if row.metric == name and row.statistic != "tail"), key=lambda row: row.q)


def pairs() -> None:
    reference = pd.read_csv(DATA / "reference_pairs.csv")
    print("dataset, signal, pair, yardstick, drift's verdict, effect, its 90 % interval, smallest that matters, q, method")
    counts: dict[tuple[str, str], int] = {}
    splits: list[tuple[str, int]] = []
    cache: dict[tuple, tuple] = {}
    for row in reference.itertuples():
        if row.pair_kind.startswith("A/A_split"):
            alarms = sum(_judge(a, b, how, row.signal).verdict == "changed" for a, b, how in _splits(row))
            splits.append((f"{row.dataset} {row.baseline.split(' half')[0].split(' even')[0]}", alarms))
            if not row.dataset.startswith("trec"):
                continue
        key = row.dataset, row.baseline, row.candidate, row.signal if row.dataset.startswith("realtimeqa") else ""
        if key not in cache:
            cache[key] = BUILD[row.dataset.split("/")[0]](row)
        a, b, how = cache[key]
        found = _judge(a, b, dict(how), row.signal)
        counts[row.expected, found.verdict] = counts.get((row.expected, found.verdict), 0) + 1
        odd = (row.expected == "drift") != (found.verdict == "changed") and row.expected != "borderline"
        print(
            f"{row.dataset:26s} {row.signal[:22]:22s} {row.baseline[:25] + ' → ' + row.candidate[:24]:52s} {row.expected:10s} "
            f"{found.verdict:16s} {found.effect:+8.3f}  [{found.effect_low:+8.3f},{found.effect_high:+8.3f}] "
            f"{found.matters:7.3f} {found.q:8.1g} {found.statistic} of {found.method}"
            f"{'   ← differs' if odd else ''}"
            f"{'   (TRAP)' if str(row.note).startswith('TRAP') else ''}"
        )
    print("\nyardstick × verdict:")
    for expected in ("drift", "borderline", "no_drift"):
        own = {v: counts.get((expected, v), 0) for v in ("changed", "not enough data", "equivalent")}
        print(f"  {expected:10s} {own}")
    print(f"\nA/A halves, alarms of {SPLITS} seeded splits each:")
    for name, alarms in splits:
        print(f"  {name:50s} {alarms}")
    print(f"  together {sum(n for _, n in splits)} of {SPLITS * len(splits)}")


# ---------------------------------------------------------------- published numbers
PUBLISHED = {
    # task: (score March, June, mismatch; characters March, June)
    "prime": (0.496, 0.762, 0.597, 730.4, 891.2),
    "happynumber": (0.306, 0.482, 0.772, 1494.9, 2519.7),
    "opinionqa": (0.943, 0.967, 0.275, 28.3, 27.7),
    "leetcode_easy": (0.220, 0.020, 0.200, 685.3, 698.0),
    "sensitiveq": (0.020, 0.080, 0.060, 353.6, 298.4),
}


def llmdrift() -> None:
    data = read("llmdrift_gpt35")
    print("task, score published, drift's from → to, 95 % interval, verdict; characters published: drift's mean, 95 % interval")
    sizes = []
    for task, (before, after, _, chars_before, chars_after) in PUBLISHED.items():
        own = data[data.task == task]
        frames = [
            pd.DataFrame({"prompt_id": s.prompt_id, "accuracy": s.score, "output_characters": s.answer_chars.astype(float)})
            for s in (own[own.version == "2023-03"], own[own.version == "2023-06"])
        ]
        found = compare_rows(*frames)
        row, length = found.row("accuracy"), found.row("output_characters", "mean")
        sizes.append((task, after - before, row.change))
        print(
            f"{task:14s} {before:8.3f} → {after:6.3f}  {row.value_a:8.3f} → {row.value_b:6.3f} "
            f"[{row.low:+7.3f},{row.high:+7.3f}] {row.verdict:>16s}   "
            f"{chars_before:.1f} → {chars_after:.1f}: {length.value_a:.1f} → {length.value_b:.1f} "
            f"[{length.low:+.0f},{length.high:+.0f}] {length.verdict}; "
            f"geometric {found.row('output_characters').effect:+.1%} {found.row('output_characters').verdict}"
        )
    published = [t for t, *_ in sorted(sizes, key=lambda s: s[1])]
    ours = [t for t, *_ in sorted(sizes, key=lambda s: s[2])]
    print(f"order of the tasks by change: published {published}")
    print(f"{'':30s}drift     {ours}   {'same' if ours == published else 'DIFFERS'}")


# ---------------------------------------------------------------- a RAG pipeline by the week
def _weekly() -> list[tuple[str, pd.DataFrame]]:
    """(week, one row a question): what was retrieved for it, and whether each set-up answered it."""
    documents, predictions = read("realtimeqa_retrieval_gcs"), read("realtimeqa_predictions")
    documents = documents[documents.doc_age_days.notna()]
    age = documents.doc_age_days.astype(float)
    documents = documents.assign(age=age, fresh=(age <= 30).astype(float))
    found = documents.groupby(["week", "question_id"]).agg(document_age_days=("age", "median"), fresh_share=("fresh", "mean"))
    columns = [found]
    for name, retriever in (("accuracy_search", "gcs"), ("accuracy_dpr", "dpr"), ("accuracy_closed", None)):
        own = predictions[(predictions.model == "gpt3") & (predictions.setting == "mc")]
        own = own[own.retriever.isna() & (own["mode"] == "closed") if retriever is None else own.retriever == retriever]
        columns.append(own.drop_duplicates(["week", "question_id"]).set_index(["week", "question_id"]).correct.rename(name))
    table = pd.concat(columns, axis=1).astype(float).reset_index()
    table = table[table.week >= "2022-06-10"]
    return [(week, own.drop(columns=["week", "question_id"])) for week, own in table.groupby("week")]


def realtimeqa() -> None:
    names = ("fresh_share", "document_age_days", "accuracy_search", "accuracy_dpr", "accuracy_closed")
    metrics.register(Metric("fresh_share", "number", "freshness", "0–1", "", worse="down", matters=0.02, scale="bounded"))
    for name in names[2:]:
        metrics.register(Metric(name, "rate", "quality", "share", "", worse="down", matters=0.05, scale="bounded"))
    config = Config.of({"segments": {"dimensions": [], "min_traces": 5}, "metrics": {"volume": {"enabled": False}}})
    # a week is a period, and periods follow one another: each gets a day of its own
    weeks, days = [], []
    for k, (week, frame) in enumerate(_weekly()):
        period = date(2024, 1, 1) + timedelta(days=k)
        weeks.append(week)
        days.append(DayProfile(period, profiles.build(pa.Table.from_pandas(frame, preserve_index=False), config, period)))
    named = dict(zip((day.day for day in days), weeks, strict=True))

    before = [d for d, week in zip(days, weeks, strict=True) if week <= "2022-12-31"]
    after = [d for d, week in zip(days, weeks, strict=True) if week >= "2023-03"]
    found = compare_windows(before, after, config, ("2022-06..12", "2023-03..12"))
    print(f"windows: {found.note} (weeks)")
    for name in names:
        row = found.row(name)
        change = f"change {row.change:+8.3f} [{row.low:+8.3f},{row.high:+8.3f}]"
        print(f"  {name:20s} {row.value_a:8.3f} → {row.value_b:8.3f}  {change}  q {row.q:7.1g}  {row.verdict}")

    print("since when (change point of the weekly series):")
    for name in names:
        level = metrics.lookup(name).kind == "rate"
        values, variances = [], []
        for day in days:
            own = [r for r in day.table.to_pylist() if r["metric"] == name and r["dimension"] == "all"]
            n = own[0]["n"] if own else 0
            mean = own[0]["sum"] / n if n else np.nan
            spread = mean * (1 - mean) if level else own[0]["squares"] / n - mean**2 if n else np.nan
            values.append(mean)
            variances.append(max(spread, 0.05) / n if n else np.nan)
        at = change_point.locate(Series.alone(values, np.array(variances)), [day.day for day in days])
        span = f"(95 %: {weeks[at.low]} to {weeks[at.high]})"
        print(f"  {name:20s} {weeks[at.index]}  {span}  change {at.change:+.3f} ± {1.96 * at.error:.3f}")

    print("night by night (from the 15th week on; slow: lasting change or creep):")
    first: dict[tuple[str, str], list[str]] = {}
    for k in range(14, len(days)):
        for finding in night(days[:k], days[k], Settings.of(config)):
            if finding.alarm:
                kind = "creep" if finding.reason.startswith("creeping") else finding.test
                first.setdefault((finding.metric, kind), []).append(named[finding.day])
    for (name, test), alarms in sorted(first.items()):
        print(f"  {name:20s} {test:7s} {len(alarms):3d} weeks, first {alarms[0]}, last {alarms[-1]}")
    quiet = [name for name in names if not any(key[0] == name for key in first)]
    print(f"  no alarm: {', '.join(quiet) or 'none'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=["pairs", "llmdrift", "realtimeqa"])
    parser.add_argument("--data", type=Path, default=DATA)
    given = parser.parse_args()
    globals()["DATA"] = given.data
    for part in given.parts:
        start = time.time()
        print(f"\n=== {part}")
        {"pairs": pairs, "llmdrift": llmdrift, "realtimeqa": realtimeqa}[part]()
        print(f"({time.time() - start:.0f} s)")


if __name__ == "__main__":
    main()
