# ruff: noqa: E501 - patterns stay in one piece
"""Answers that say nothing of a tool that failed: the weird tool call that silently failed.

A tool failed for good where no later run of it in the same request succeeded. Whether the answer says that something went wrong is read
from its words, in nine languages (RE2 syntax, linear time); of an answer in another language, and of one that is empty or an error, it is
unknown. What an answer claims beyond that is not understood: a failure that it names in words that no pattern knows counts as unsaid.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.features.batch import Batch, Context, Measured
from drift.features.language import detect
from drift.features.trajectory import Steps
from drift.traces import OK, StepKind

# words of things that went wrong, or were not done, for text in lower case with straight apostrophes
_SAID = {
    "en": r"\b(?:sorry|apolog|unfortunately|regret|unable|unavailable|fail|error|problem|trouble|issue|went wrong|wrong|timed? ?out|temporar|again later|try again|retry|(?:could|can|did|do|does|was|were|has|have|is|are|would|will)(?:n't| not)|cannot|not (?:able|possible|available|found|complet|respond|reach|work|been)|no (?:result|response|record|data|luck)|down (?:right now|at the moment|for)|manually|did ?n't)",
    "de": r"(?:leider|entschuldig|tut mir leid|fehl|problem|nicht|konnte kein|kein(?:e|en)? (?:ergebnis|antwort|verbindung)|störung|später (?:noch ?mal|erneut)|erneut versuchen|unmöglich|zeitüberschreitung)",
    "fr": r"(?:désolé|malheureusement|échou|échec|erreur|problème|impossible|n'(?:a|ai|ont|est|étai|arrive)\S* (?:\S+ )?pas|ne (?:\S+ ){1,2}pas|réessay|plus tard|indisponible|incident|aucun)",
    "es": r"(?:lo siento|lament|disculp|desgraciadamente|fall|error|problema|imposible|no (?:he|ha|se|pude|puedo|pudo|pudimos|fue|es|está|hay|logr|consegu)|más tarde|inténtel|intentar de nuevo|no disponible|ningún)",
    "it": r"(?:mi dispiace|purtroppo|scus|errore|problema|fallit|impossibile|non (?:sono|è|ho|ha|posso|riesc|siamo|abbiamo|disponibil)|riprova|più tardi|nessun)",
    "pt": r"(?:desculp|lament|infelizmente|falh|erro|problema|impossível|não (?:foi|consegu|pude|posso|está|é|há|possível|disponível)|mais tarde|tente novamente|nenhum)",
    "nl": r"(?:sorry|helaas|excuses|spijt|fout|probleem|mislukt|niet|geen|later (?:opnieuw|nog)|storing|onmogelijk|opnieuw proberen)",
    "ja": r"(?:申し訳|すみません|失敗|エラー|問題が|できません|できなかった|ありません|られません|残念|うまくいき|後ほど|再度|もう一度|障害|不具合|利用できない)",
    "zh": r"(?:抱歉|对不起|對不起|失败|失敗|错误|錯誤|问题|問題|无法|無法|不能|没有|沒有|未能|遗憾|遺憾|稍后|稍後|重试|重試|故障|不可用)",
}


def measure(batch: Batch, context: Context) -> Measured:
    """`unsaid_failure`: of requests that ran a tool, whether one failed for good and the answer does not say that anything went wrong."""
    steps = Steps.of(batch)
    if not len(steps):
        return {}
    tools = np.flatnonzero(steps.texts("kind") == StepKind.TOOL)
    if not len(tools):
        return {}
    failed, known = _for_good(steps, tools)
    out = np.full(steps.n, np.nan)
    out[known & ~failed] = 0.0
    rows = np.flatnonzero(known & failed & batch.known("output") & ~batch.known("error"))
    if len(rows):
        out[rows] = _unsaid(pc.utf8_trim_whitespace(batch.column("output").take(pa.array(rows))))
    return {"unsaid_failure": out}


def _for_good(steps: Steps, tools: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each trace whether a tool's last run failed, and whether it ran tools whose outcomes are all known; both (n,)."""
    names, outcomes = steps.texts("name"), steps.texts("outcome")
    last: dict[tuple[int, str], bool] = {}
    failed, known = np.zeros(steps.n, bool), np.zeros(steps.n, bool)
    unknown = np.zeros(steps.n, bool)
    for at in tools.tolist():
        row = int(steps.row[at])
        known[row] = True
        if outcomes[at] is None:
            unknown[row] = True
        else:
            last[row, names[at] or ""] = outcomes[at] != OK
    for (row, _), each in last.items():
        failed[row] |= each
    return failed, known & ~unknown


def _unsaid(texts: pa.ChunkedArray) -> np.ndarray:
    """1 where a text names no failure, 0 where it does, NaN where that cannot be read; (texts,)."""
    given = pa.array(texts.to_pylist(), pa.string())
    lower = pc.replace_substring(pc.utf8_lower(given), "’", "'")
    sure, guess = detect(given.to_pylist())
    codes = np.array([a or b or "" for a, b in zip(sure, guess, strict=True)], object)
    out = np.full(len(given), np.nan)
    for code, pattern in _SAID.items():
        mine = np.flatnonzero(codes == code)
        if len(mine):
            said = pc.match_substring_regex(lower.take(pa.array(mine)), pattern).to_numpy(zero_copy_only=False)
            out[mine] = 1.0 - said.astype(float)
    blank = pc.equal(given, "").to_numpy(zero_copy_only=False).astype(bool)
    return np.where(blank, np.nan, out)
