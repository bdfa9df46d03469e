"""Train the injection model: `python -m training.injection DATA` writes drift/features/models/injection.npz.

Material: labelled inputs (injections.parquet) but those of Tensor Trust, whose licence does not allow it and which so are
a source that the shipped model never saw; ordinary questions (CLINC150 CC-BY-3.0, prompts of OASST Apache-2.0, HaluEval
MIT and XSTest CC-BY-4.0) and documents (summaries of Vectara's leaderboard, Apache-2.0); a grammar of our own
(`injection_grammar`). What it is good for is in docs/models/injection.md.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.linear_model import LogisticRegression

from drift.features import injection, ngrams
from training.injection_grammar import synthetic
from training.injection_ordinary import TASKS

NOT_FOR_TRAINING = "tensor_trust_extraction"
# how freely weights may grow, how much more freely those of hints than those of words, and the log odds taken off
STRENGTH = 1.0
HINT = 4.0
CAUTION = 1.2
PLANTED = 0.5
# rows of a source that count one each: a larger source must not outvote the others, nor a small one be lost
_USUAL = 700
_HANDED_OVER = ("vectara", "halueval_answers", "oasst_answers")


def labelled(data: Path) -> pd.DataFrame:
    """Labelled inputs: text, label, source."""
    return pd.read_parquet(data / "injections.parquet")[["text", "label", "source", "category"]]


def ordinary(data: Path) -> pd.DataFrame:
    """Ordinary questions, none of which was written to attack: text, label 0, source."""
    queries = pd.read_parquet(data / "intent_queries.parquet").text
    columns = {
        "clinc150": queries.drop_duplicates().sample(4000, random_state=0),
        "oasst": pd.read_parquet(data / "oasst_reports.parquet").prompt.drop_duplicates(),
        "halueval": pd.read_parquet(data / "halueval_general.parquet").prompt.drop_duplicates(),
        "xstest": pd.read_parquet(data / "refusals.parquet").query("source == 'xstest_v2'").prompt.drop_duplicates(),
    }
    summaries = _some(data / "vectara_v1_summaries.parquet", "summary")
    chance = random.Random(0)
    answers = _some(data / "halueval_general.parquet", "response")
    stories = _some(data / "oasst_reports.parquet", "response")
    for source, texts in (("vectara", summaries), ("halueval_answers", answers), ("oasst_answers", stories)):
        columns[source] = texts.map(lambda text: f"{chance.choice(TASKS)}\n{text}".strip())
    # whole documents: some inputs are long
    pages = [" ".join(summaries.iloc[first : first + 2 + first % 19]) for first in range(0, 760, 4)]
    columns["vectara_pages"] = pd.Series(pages).map(lambda text: f"{chance.choice(TASKS)}\n{text}".strip())
    tasks = pd.read_parquet(data / "llmdrift_gpt35.parquet").query("not task.str.startswith('sensitive')")
    columns["llmdrift"] = tasks.prompt.drop_duplicates().sample(500, random_state=0)
    rows = [pd.DataFrame({"text": text.astype(str), "label": 0, "source": source}) for source, text in columns.items()]
    return pd.concat(rows, ignore_index=True)


def _some(file: Path, column: str) -> pd.Series:
    return pd.read_parquet(file)[column].dropna().drop_duplicates().sample(800, random_state=0)


def own(questions: pd.DataFrame, without: str = "") -> pd.DataFrame:
    """Inputs of our own grammar, some with documents that are among the ordinary questions; without: a source not to use."""
    handed_over = questions[questions.source.isin(_HANDED_OVER) & (origin(questions) != without)]
    # without the task before it, which is of our own
    return synthetic(handed_over.text.str.split("\n", n=1).str[-1].tolist())


def origin(rows: pd.DataFrame) -> pd.Series:
    """The source that rows come from in the end: several are parts of one; all of our own are one."""
    # the labelled set has queries of CLINC150 too
    named = rows.source.replace("clinc150_benign", "clinc150")
    return named.str.replace(r"^(bipia|oasst|halueval|vectara|own)[_ ].*", r"\1", regex=True)


def design(texts: list[str]) -> csr_matrix:
    """Terms and hints of the texts, shape (n, 2**BITS + hints)."""
    found = injection.evidence(ngrams.column(texts))
    terms, shape = found.terms, (len(texts), 1 << injection.BITS)
    counts = csr_matrix((terms.scale[terms.rows], (terms.rows, terms.ids)), shape)
    return hstack([counts, csr_matrix(found.hints.astype(np.float32) * HINT)], format="csr")


def fit(x: csr_matrix, rows: pd.DataFrame) -> ngrams.LinearModel:
    weights = np.ones(len(rows))
    for (source, _), at in rows.groupby([origin(rows), "label"]).indices.items():
        if source != "own":
            weights[at] = (_USUAL / len(at)) ** 0.5
    # an order planted in a document is often an ordinary one: too much of it and every document is an attack
    weights[(rows.label == 1) & (rows.source.str.startswith("bipia") | (rows.source == "own planted"))] *= PLANTED
    found = LogisticRegression(C=STRENGTH, max_iter=500).fit(x, rows.label, sample_weight=weights)
    terms = found.coef_[0][: 1 << injection.BITS].astype(np.float32)
    hints = (found.coef_[0][1 << injection.BITS :] * HINT).astype(np.float32)
    return ngrams.LinearModel(terms, hints, float(found.intercept_[0]) - CAUTION)


def score(model: ngrams.LinearModel, x: csr_matrix) -> np.ndarray:
    """Log odds by the model alone, shape (n,)."""
    return x @ np.concatenate([model.terms, model.hints / HINT]) + model.bias


def unseen(data: Path) -> Iterator[tuple[str, pd.DataFrame, np.ndarray]]:
    """Each source with the scores of a model that never saw it: (source, its rows, scores)."""
    questions = ordinary(data)
    rows = pd.concat([labelled(data), questions], ignore_index=True)
    sources = origin(rows)
    x = design(rows.text.tolist())
    for source in sources.unique():
        held = (sources == source).to_numpy()
        train = ~held & (sources != NOT_FOR_TRAINING).to_numpy()
        extra = own(questions, without=source)
        model = fit(vstack([x[train], design(extra.text.tolist())]), pd.concat([rows[train], extra], ignore_index=True))
        settled = injection.evidence(ngrams.column(rows.text[held].tolist())).settled
        yield source, rows[held], settled(score(model, x[held]))


def unseen_parts(data: Path, folds: int = 5) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows with the scores of models that saw their source, but not their attack nor a text that begins alike.

    What one can expect of more data from the same sources. The attacks of BIPIA are held out whole, with every document.
    """
    given = labelled(data)
    attack = pd.read_parquet(data / "injections.parquet").meta.astype(str)
    planted = given.source.str.contains("injected")
    opening = given.text.str[:25].str.lower()
    rows = pd.concat([given.assign(group=np.where(planted, attack, opening)), ordinary(data)], ignore_index=True)
    rows["group"] = rows.group.fillna(rows.text.str[:40])
    fold = pd.util.hash_array(rows.group.to_numpy(object)) % folds
    extra = own(ordinary(data))
    x = design(rows.text.tolist() + extra.text.tolist())
    everything = pd.concat([rows, extra], ignore_index=True)
    allowed = (everything.source != NOT_FOR_TRAINING).to_numpy()
    scores = np.zeros(len(rows))
    for held in range(folds):
        train = allowed & np.concatenate([fold != held, np.ones(len(extra), bool)])
        mine = np.flatnonzero(fold == held)
        scores[mine] = score(fit(x[train], everything[train]), x[mine])
    return rows, injection.evidence(ngrams.column(rows.text.tolist())).settled(scores)


def main(data: Path) -> None:
    questions = ordinary(data)
    rows = pd.concat([labelled(data).query("source != @NOT_FOR_TRAINING"), questions, own(questions)], ignore_index=True)
    print(ngrams.save("injection", {"injection": fit(design(rows.text.tolist()), rows)}))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "/work/shared/data"))
