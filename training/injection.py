"""Train the injection model: `python -m training.injection DATA` writes drift/features/models/injection.npz.

Material: labelled inputs (injections.parquet) but those of Tensor Trust, whose licence does not allow it and which so are
a source that the shipped model never saw; ordinary questions (CLINC150 CC-BY-3.0, prompts of OASST Apache-2.0, HaluEval
MIT and XSTest CC-BY-4.0) and documents (summaries of Vectara's leaderboard, Apache-2.0); sentences of our own. What it is
good for is in docs/models/injection.md.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from drift.features import injection, ngrams
from training import injection_sentences as own

NOT_FOR_TRAINING = "tensor_trust_extraction"
# how freely weights may grow, how much more freely those of hints than those of words, and the log odds taken off
STRENGTH = 3.0
HINT = 4.0
CAUTION = 0.4
PLANTED = 0.3


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
        columns[source] = texts.map(lambda text: f"{chance.choice(own.TASKS)}\n{text}".strip())
    # whole documents: some inputs are long
    pages = [" ".join(summaries.iloc[first : first + 2 + first % 19]) for first in range(0, 760, 4)]
    columns["vectara_pages"] = pd.Series(pages).map(lambda text: f"{chance.choice(own.TASKS)}\n{text}".strip())
    tasks = pd.read_parquet(data / "llmdrift_gpt35.parquet").query("not task.str.startswith('sensitive')")
    columns["llmdrift"] = tasks.prompt.drop_duplicates().sample(500, random_state=0)
    rows = [pd.DataFrame({"text": text.astype(str), "label": 0, "source": source}) for source, text in columns.items()]
    return pd.concat(rows, ignore_index=True)


def _some(file: Path, column: str) -> pd.Series:
    return pd.read_parquet(file)[column].dropna().drop_duplicates().sample(800, random_state=0)


def synthetic(seed: int = 0) -> pd.DataFrame:
    """Inputs put together from our own sentences: text, label, source."""
    chance = random.Random(seed)
    rows: list[tuple[str, int, str]] = []
    for text in own.ATTACKS:
        for _ in range(4):
            attack = _filled(text, chance)
            before = chance.choice(("", "", "", chance.choice(own.QUESTIONS) + " "))
            rows.append((before + (attack.upper() if chance.random() < 0.1 else attack), 1, "own"))
    for document in own.DOCUMENTS:
        rows += [(f"{task}\n{document}".strip(), 0, "own") for task in own.TASKS]
        for order in own.PLANTED:
            order = _filled(order, chance)
            lines = document.split("\n")
            place = chance.choice((0, len(lines) // 2, len(lines)))
            rows.append(("\n".join([*lines[:place], order, *lines[place:]]), 1, "own planted"))
    rows += [(f"{chance.choice(own.TASKS)}\n{text}".strip(), 0, "own") for text in own.MESSAGES for _ in range(4)]
    rows += [(text, 0, "own") for text in (*own.ORDINARY, *own.QUESTIONS) for _ in range(3)]
    return pd.DataFrame(rows, columns=["text", "label", "source"])


def _filled(text: str, chance: random.Random) -> str:
    return text.replace("{a}", chance.choice(own.ORDERS)).replace("{q}", chance.choice(own.QUESTIONS))


def design(texts: list[str]) -> csr_matrix:
    """Terms and hints of the texts, shape (n, 2**BITS + hints)."""
    found = injection.evidence(ngrams.column(texts))
    terms, shape = found.terms, (len(texts), 1 << injection.BITS)
    counts = csr_matrix((terms.scale[terms.rows], (terms.rows, terms.ids)), shape)
    return hstack([counts, csr_matrix(found.hints.astype(np.float32) * HINT)], format="csr")


def fit(x: csr_matrix, rows: pd.DataFrame) -> ngrams.LinearModel:
    # an order planted in a document is often an ordinary one: too much of it and every document is an attack
    planted = (rows.label == 1) & (rows.source.str.startswith("bipia") | (rows.source == "own planted"))
    found = LogisticRegression(C=STRENGTH, max_iter=500).fit(x, rows.label, sample_weight=np.where(planted, PLANTED, 1.0))
    terms = found.coef_[0][: 1 << injection.BITS].astype(np.float32)
    hints = (found.coef_[0][1 << injection.BITS :] * HINT).astype(np.float32)
    return ngrams.LinearModel(terms, hints, float(found.intercept_[0]) - CAUTION)


def score(model: ngrams.LinearModel, x: csr_matrix) -> np.ndarray:
    """Log odds by the model alone, shape (n,)."""
    return x @ np.concatenate([model.terms, model.hints / HINT]) + model.bias


def unseen(data: Path) -> Iterator[tuple[str, pd.DataFrame, np.ndarray]]:
    """Each source with the scores of a model that never saw it: (source, its rows, scores)."""
    rows = pd.concat([labelled(data), ordinary(data), synthetic()], ignore_index=True)
    # the labelled set has queries of CLINC150 too
    origin = rows.source.replace("clinc150_benign", "clinc150")
    origin = origin.str.replace(r"^(bipia|oasst|halueval|vectara)_.*", r"\1", regex=True)
    x = design(rows.text.tolist())
    for source in origin.unique():
        if source.startswith("own"):
            continue
        held = (origin == source).to_numpy()
        train = ~held & (origin != NOT_FOR_TRAINING).to_numpy()
        settled = injection.evidence(ngrams.column(rows.text[held].tolist())).settled
        yield source, rows[held], settled(score(fit(x[train], rows[train]), x[held]))


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
    extra = synthetic()
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
    rows = pd.concat([labelled(data).query("source != @NOT_FOR_TRAINING"), ordinary(data), synthetic()], ignore_index=True)
    print(ngrams.save("injection", {"injection": fit(design(rows.text.tolist()), rows)}))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "/work/shared/data"))
