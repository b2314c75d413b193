"""What one would otherwise take to tell what people mean, learned from the same sentences: each loads itself and answers with an intent.

`extractOne` of rapidfuzz over all sentences, as its page shows it; and words of jieba, tf-idf and a linear classifier of scikit-learn, as
its page about working with text shows it.
"""

from collections.abc import Callable, Sequence

from handlers.phrases.sentences import Sentence

Answer = Callable[[Sentence], str]


def nearest_by_rapidfuzz(learn: Sequence[Sentence]) -> Answer:
    from rapidfuzz import process  # noqa: PLC0415 (each contestant loads its own)

    texts, intents = [one.text for one in learn], [one.intent for one in learn]

    def answer(said: Sentence) -> str:
        found = process.extractOne(said.text, texts)
        return intents[found[2]] if found else ""

    return answer


def jieba_and_scikit_learn(learn: Sequence[Sentence]) -> Answer:
    import logging  # noqa: PLC0415

    import jieba  # noqa: PLC0415
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    jieba.setLogLevel(logging.WARNING)
    model = make_pipeline(TfidfVectorizer(tokenizer=jieba.lcut, token_pattern=None), LinearSVC())
    model.fit([one.text for one in learn], [one.intent for one in learn])
    return lambda said: str(model.predict([said.text])[0])
