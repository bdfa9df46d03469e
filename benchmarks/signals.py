"""What each signal says where it should say nothing, and how much it finds: a line a fault that was seen.

    python -m benchmarks.signals [--write]

Sentences in benchmarks/sentences were written before the rules and models that they try (the date stands in each file); those of the
files `*_later`, `*_last` and `*_natural` were looked at once, when the work was done, and then changed what came after; what that first look said stands in docs/models. The others were looked at between changes too. The rest is shared/data. Shares with 95 % intervals (Wilson). `--write` writes what the signals were measured to be worth into
drift/features/certificates.toml. Refusals and injections of sources, models and prompts that were held out take models that are fitted
anew: `python -m benchmarks.held_out`.
"""

from __future__ import annotations

import argparse
import json
import os
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import stats

from benchmarks.groundedness import auc, interval, measured
from benchmarks.intervals import line, share
from drift import features, traces
from drift.compare import matching
from drift.compare.given import at_the_same
from drift.features import certificates, injection, language, own, pii, prompt_leak, questions, refusal, tone
from drift.features.corrections import corrections
from drift.features.flat import Flat
from drift.features.tokens import tokens

DATA = Path(os.environ.get("DRIFT_BENCHMARK_DATA", "/work/shared/data"))
SENTENCES = Path(__file__).with_name("sentences")

Counts = tuple[int, int]
# how many of refusals_natural.toml were found when they were looked at for the first time (of the English ones 53 of 60, with one of 60
# helpful answers called unhelpful; Swedish 12 of 15, Turkish 14 of 15); what was mended since has them in view, and finds more of them
NATURAL_AT_FIRST: Counts = (79, 90)


def sentences(name: str) -> dict:
    return tomllib.loads((SENTENCES / f"{name}.toml").read_text("utf-8"))


def texts(file: str, column: str, n: int = 4000) -> list[str]:
    given = pd.read_parquet(DATA / f"{file}.parquet")[column].dropna().astype(str).drop_duplicates()
    return given.sample(min(n, len(given)), random_state=1).tolist()


def counts(found: np.ndarray) -> Counts:
    return int(found.sum()), len(found)


def batch(rows: Iterable[dict]) -> features.Batch:
    return features.Batch(traces.table({"trace_id": str(i), "timestamp": 0, **row} for i, row in enumerate(rows)))


def tones() -> None:
    print("tone: polite answers")
    for code, polite in sentences("tones")["polite"].items():
        found = tone.measure(batch({"output": text} for text in polite), features.Context())["toxicity"]
        known = found[np.isfinite(found)]
        told = f"toxicity at most {known.max():.2f}" if len(known) else "unknown"
        print(f"  {code:44s} n {len(polite):5d}  {told}")
    print("tone of inputs: least toxic of the angry, most toxic of the friendly")
    for kind, worst in (("angry", np.nanmin), ("friendly", np.nanmax)):
        given = sentences("tones")[kind]["en"]
        found = tone.measure(batch({"input": text, "output": ""} for text in given), features.Context())
        print(f"  {kind:44s} n {len(given):5d}  toxicity {worst(found['input_toxicity']):.2f}")


def languages() -> None:
    print("language: one to five words of English answers (alpaca_eval), on a day of 2,000 English answers")
    draw = np.random.default_rng(1)
    words = [text.split() for text in texts("alpaca_eval", "output", 6000) if text.split()]
    cuts = [" ".join(w[(first := int(draw.integers(0, max(1, len(w) - 5)))) : first + int(draw.integers(1, 6))]) for w in words]
    sure, guess = language.languages(pa.array(cuts), tokens(Flat.of(pa.array(cuts))))
    day = {"input_language": [*sure, *["en"] * 2000], "_input_language": [*guess, *[None] * 2000]}
    table = pa.table({name: pa.array(codes, pa.string()) for name, codes in day.items()})
    settled = language.settle(table, language.spoken(language.counts(table)))
    found = np.array(settled["input_language"].to_pylist()[: len(cuts)], object)
    print(share("  another language", np.array([code not in (None, "en") for code in found])))
    print(share("  unknown", np.array([code is None for code in found])))


def scores_of_two_values() -> None:
    from drift.compare.rows import compare_rows
    from drift.config import Config

    print("a score of 0 and 1: p of a comparison, beside Fisher's exact test")
    for (failed, n), (before, m) in (((1, 40), (0, 1120)), ((3, 100), (1, 2300))):
        sides = [pd.DataFrame({"score.ok": [0.0] * k + [1.0] * (size - k)}) for k, size in ((before, m), (failed, n))]
        row = {row.metric: row for row in compare_rows(*sides, Config()).rows}["score.ok"]
        exact = stats.fisher_exact([[failed, n - failed], [before, m - before]])[1]
        print(f"  {f'{failed} of {n} after {before} of {m}':44s} p {row.p:.2g}, exact {exact:.2g}")


def refusals() -> dict[str, dict]:
    true, said = [], []
    for file in ("refusals", "refusals_later", "refusals_last", "refusals_natural"):
        print(f"did not help (refused or declined), {file}.toml")
        for code, given in sentences(file).items():
            found = refusal.classify([*given["unhelpful"], *given["helpful"]])
            true.append(np.arange(len(found.refusal)) < len(given["unhelpful"]))
            said.append((found.refusal == 1) | (found.declined == 1))
            print(line(f"  {code}", true[-1], said[-1]))
    print(line("  all", np.concatenate(true), np.concatenate(said)))
    found = refusal.classify(texts("vectara_v1_summaries", "summary") + texts("faithbench", "summary"))
    print(share("  summaries (Vectara, FaithBench): refused", found.refusal == 1))
    print(share("  summaries: declined", found.declined == 1))
    declined = {
        "what": "answers that do not help",
        "finds": NATURAL_AT_FIRST,
        "false": counts((found.declined == 1) | (found.refusal == 1)),
        "cases": "whole answers in English, Swedish and Turkish, at the first look",
        "others": "summaries of Vectara and FaithBench",
        "languages": "fifteen",
        "shortest": "any; of answers above 700 bytes only refusals are found",
    }
    return {"declined": declined}


def injections() -> None:
    for file in ("injections", "injections_later"):
        print(f"injections by kind of attack, {file}.toml")
        attacks = []
        for kind, given in sentences(file).items():
            found = injection.classify(given) == 1
            told = ""
            if kind != "ordinary":
                attacks.append(found)
                told = f"  of these called {kind} {(injection.kinds(given, found.astype(float))[found] == kind).mean():.2f}"
            print(share(f"  {kind}", found) + told)
        print(share("  all attacks", np.concatenate(attacks)))
    print(share("  questions of RealTimeQA", injection.classify(texts("realtimeqa_questions", "question")) == 1))


def leaks() -> dict[str, dict]:
    print("prompt leak, with the system prompt")
    given = sentences("leaks")
    found = {}
    for kind in ("leaks", "public"):
        rows = ({"input": asked, "output": said, "system_prompt": given["prompt"]} for asked, said in given[kind])
        found[kind] = prompt_leak.measure(batch(rows), features.Context())["prompt_leak"] == 1
        print(share(f"  {kind}", found[kind]))
    ordinary = prompt_leak.says_so(texts("alpaca_eval", "output"))
    print(share("  answers without a prompt (alpaca_eval)", ordinary))
    return {
        "prompt_leak": {
            "what": "leaks of a known prompt",
            "finds": counts(found["leaks"]),
            "false": counts(np.concatenate([found["public"], ordinary])),
            "cases": "answers written before the rules",
            "others": "public answers of the same prompt, answers of alpaca_eval",
            "languages": "any where the prompt is quoted",
            "shortest": "11 words, or a secret that the prompt names",
        }
    }


def personal_data() -> dict[str, dict]:
    print("personal data")
    rows = pd.read_parquet(DATA / "pii.parquet")
    true = np.array([any(span["type"].lower() in pii.TYPES for span in json.loads(spans)) for spans in rows.spans])
    said = np.maximum.reduce(list(pii.classify(rows.text.tolist()).values())) > 0
    print(share("  sentences with a type of ours (Presidio)", said[true]))
    print(share("  sentences without", said[~true]))
    mine = own.parse(["help@shop.example.com", "+49 30 1234567", "DE89 3704 0044 0532 0130 00"])
    company = ["Write to help@shop.example.com.", "Call 030 1234567.", "Pay to DE89370400440532013000."]
    table = batch({"output": text} for text in company)
    for name, context in (("without", features.Context()), ("with", features.Context(own=mine))):
        print(share(f"  the company's own, {name} [safety] own", pii.measure(table, context)["pii"] == 1))
    return {
        "pii": {
            "what": "answers with personal data",
            "finds": counts(said[true]),
            "false": counts(said[~true]),
            "cases": "synthetic sentences of Presidio",
            "others": "those of them without these types",
            "languages": "any",
            "shortest": "any",
        }
    }


def corrected() -> dict[str, dict]:
    known = tomllib.loads(Path("training/corrections.toml").read_text("utf-8"))
    found: dict[str, list[np.ndarray]] = {"corrections": [], "others": []}
    for file in ("corrections", "corrections_later"):
        print(f"corrections, {file}.toml")
        first = len(found["corrections"])
        for code, given in sentences(file).items():
            said = {kind: corrections(given[kind]) == 1 for kind in found}
            told = "" if code in known else "  (a language that the model never saw)"
            print(f"  {code:44s} found {said['corrections'].mean():.2f}  of others {said['others'].mean():.2f}{told}")
            for kind in found if code in known else ():
                found[kind].append(said[kind])
        for kind in found:
            print(share(f"  all {kind} of its languages", np.concatenate(found[kind][first:])))
    true = np.concatenate(found["corrections"])
    ordinary = corrections(texts("realtimeqa_questions", "question") + texts("alpaca_eval", "instruction")) == 1
    print(share("  ordinary questions (RealTimeQA, alpaca_eval)", ordinary))
    return {
        "correction": {
            "what": "corrections",
            "finds": counts(true),
            "false": counts(ordinary),
            "cases": "sentences in twelve languages, written before the model",
            "others": "questions of RealTimeQA and alpaca_eval",
            "languages": "twelve",
            "shortest": "any",
        }
    }


def words() -> None:
    print("words of scripts without spaces")
    for text in (
        "昨日は友達と一緒に新しい映画を見に行きました",
        "我昨天和朋友一起去看了一部新电影",
        "เมื่อวานฉันไปดูหนังเรื่องใหม่กับเพื่อน",
    ):
        found = features.extract(
            batch([{"output": text}]).traces, features.Context(disabled=frozenset({"embedding", "topics"}))
        )
        print(f"  {text:44s} words {found['output_words'][0].as_py():.0f}")


def pairs() -> None:
    print("compare --pairs: different inputs that are taken for one")
    inputs = texts("alpaca_eval", "instruction") + texts("intent_queries", "text", 20_000)
    inputs += [" ".join(reversed(text.split())) for text in inputs[:400]]
    rows = pd.DataFrame({matching.EXACT: inputs, matching.WORDS: questions.keys(tokens(Flat.of(pa.array(inputs))), "")})
    key = matching.find(rows, rows, asked=True)
    merged = len(rows.drop_duplicates(matching.EXACT)) - rows[matching.WORDS].nunique()
    used = len(rows.drop_duplicates(matching.EXACT)) - key.a.nunique()
    print(f"  {f'by words {merged}, by {key.called}':44s} n {len(rows):5d}  {used}")


def relevance() -> None:
    print("answer relevance of answers of which a tenth to a half is cut away (HaluEval)")
    given = pd.read_parquet(DATA / "halueval_general.parquet").sample(2000, random_state=0)
    kept = np.random.default_rng(1).uniform(0.5, 0.9, len(given))
    shorter = [
        " ".join(text.split()[: int(part * len(text.split())) + 1]) for text, part in zip(given.response, kept, strict=True)
    ]
    sides = []
    for answers in (given.response, pd.Series(shorter)):
        found = measured([{"input": a, "output": b} for a, b in zip(given.prompt, answers, strict=True)])["answer_relevance"]
        length = answers.str.split().map(len).to_numpy(float)
        sides.append((found, length, np.zeros(len(found), int), np.arange(len(found))))
    effect = at_the_same(*sides)
    told = (
        f"given the length {effect.change:+.3f} [{effect.low:+.3f}, {effect.high:+.3f}]"
        if effect
        else "given the length unknown"
    )
    print(f"  {'change':44s} raw {np.nanmean(sides[1][0]) - np.nanmean(sides[0][0]):+.3f}, {told}")


def groundedness() -> dict[str, dict]:
    print("groundedness by words (FaithBench)")
    data = pd.read_parquet(DATA / "faithbench.parquet")
    right, source = (data.hallucinated == 0).to_numpy(), data.source.to_numpy()
    rows = [{"output": said, "documents": [{"id": "s", "text": text}]} for said, text in zip(data.summary, source, strict=True)]
    score = measured(rows)["groundedness"]
    low, high = interval(lambda some: auc(score[some], right[some]), source, rounds=100)
    print(f"  {'AUC on hallucinations':44s} n {len(data):5d}  {auc(score, right):.3f} [{low:.3f}, {high:.3f}]")
    return {
        certificates.AUC: {"groundedness": [round(value, 3) for value in (float(auc(score, right)), float(low), float(high))]}
    }


def write(found: dict[str, dict]) -> None:
    """The certificates anew; those that are not among the found stay."""
    stored = {**tomllib.loads(certificates.FILE.read_text("utf-8")), **found}
    lines = [
        "# Written by `python -m benchmarks.signals --write`; refusal and injection are those of `python -m benchmarks.held_out`.\n"
    ]
    for metric, each in sorted(stored.items()):
        lines.append(f"\n[{metric}]\n" + "".join(f"{name} = {_toml(value)}\n" for name, value in each.items()))
    certificates.FILE.write_text("".join(lines), "utf-8")


def _toml(value: str | Sequence[float]) -> str:
    return json.dumps(value if isinstance(value, str) else list(value), ensure_ascii=False)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--write", action="store_true")
    given = arguments.parse_args()
    found: dict[str, dict] = {}
    for part in (tones, languages, scores_of_two_values, refusals, leaks, injections, personal_data, corrected, words, pairs,
                 relevance, groundedness):  # fmt: skip
        found |= part() or {}
    if given.write:
        write(found)


if __name__ == "__main__":
    main()
