"""Write drift/features/models/tone.npz from two libraries of PyPI: `pip install vaderSentiment alt-profanity-check`, then
`python -m training.tone`. Both are under the MIT licence; neither is needed to measure. See docs/models/tone.md.
"""

from __future__ import annotations

from importlib import resources

import joblib
import numpy as np
from vaderSentiment import vaderSentiment as vader

from drift.features import tone


def main() -> None:
    lexicon = vader.SentimentIntensityAnalyzer().lexicon
    # the words whose tokens are one: emoticons and word pairs are left out
    sentiment = {word: value for word, value in lexicon.items() if word.isascii() and word.isalnum()}
    folder = resources.files("profanity_check") / "data"
    vectorizer, model = joblib.load(folder / "vectorizer.joblib"), joblib.load(folder / "model.joblib")
    weights = np.mean([fold.estimator.coef_[0] for fold in model.calibrated_classifiers_], axis=0)
    curves = [fold.calibrators[0] for fold in model.calibrated_classifiers_]
    offensive = {word: place for word, place in vectorizer.vocabulary_.items() if word.isascii() and word.isalnum()}
    places = np.array(list(offensive.values()))
    np.savez_compressed(
        tone.MODEL,
        sentiment_words=np.bytes_("\n".join(sentiment)),
        sentiment=np.array(list(sentiment.values()), np.float16),
        negations=np.bytes_("\n".join(word for word in vader.NEGATE if word.isalpha())),
        offensive_words=np.bytes_("\n".join(offensive)),
        rarity=vectorizer.idf_[places].astype(np.float16),
        weight=weights[places].astype(np.float16),
        bias=np.mean([fold.estimator.intercept_[0] for fold in model.calibrated_classifiers_]),
        slope=np.mean([curve.a_ for curve in curves]),
        shift=np.mean([curve.b_ for curve in curves]),
    )


if __name__ == "__main__":
    main()
