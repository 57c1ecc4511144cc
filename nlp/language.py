"""The spaCy language of fenban: Chinese with jieba's cuts, for `language.pipe`, matchers and displacy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import registry
from spacy.vocab import Vocab

from nlp.tokenise import Tokeniser

TOKENIZER = "fenban.Tokeniser.v1"


class DocTokeniser:
    """Tokeniser in the form that spaCy calls; offsets of tokens are offsets of the text, whatever blanks it holds."""

    def __init__(self, vocab: Vocab, tokeniser: Tokeniser) -> None:
        self.vocab = vocab
        self.tokeniser = tokeniser

    def __call__(self, text: str) -> Doc:
        """A Doc whose text is the given text, character by character."""
        words: list[str] = []
        spaces: list[bool] = []
        for word in self.tokeniser.cut(text):
            if word == " " and words and not spaces[-1]:
                spaces[-1] = True
            else:
                words.append(word)
                spaces.append(False)
        return Doc(self.vocab, words=words, spaces=spaces)

    def to_bytes(self, **_: Any) -> bytes:
        """Nothing: the added words are part of the language's config."""
        return b""

    def from_bytes(self, _data: bytes, **_: Any) -> DocTokeniser:
        """Itself, as the config made it."""
        return self

    def to_disk(self, _path: str | Path, **_: Any) -> None:
        """Writes nothing: the added words are part of the language's config."""

    def from_disk(self, _path: str | Path, **_: Any) -> DocTokeniser:
        """Itself, as the config made it."""
        return self


@registry.tokenizers(TOKENIZER)  # type: ignore[untyped-decorator]  # spaCy leaves its registries untyped
def _make_tokenizer(words: list[str]) -> Callable[[Language], DocTokeniser]:
    return lambda language: DocTokeniser(language.vocab, Tokeniser(words))


def create_language(words: Iterable[str] = ()) -> Language:
    """A blank Chinese spaCy language that cuts as `Tokeniser(words)` does; needs no downloaded model.

    It saves and loads with `to_disk` and `spacy.load` once this module is imported.
    """
    return spacy.blank("zh", config={"nlp": {"tokenizer": {"@tokenizers": TOKENIZER, "words": sorted(set(words))}}})
