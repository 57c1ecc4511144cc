"""The service whose suggester answers a constant: what is left is the framework's and the database's own cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from corpus.records import Petition
from models.suggester import Suggester
from models.suggestions import Suggestion
from service.app import create_app
from service.loaded import loaded_suggester
from service.server import run_server
from service.settings import Settings

TEXT = "我们小区门口的路灯坏了半个月，没人来修，孩子晚自习下课摸黑走。"


class Constant:
    def __init__(self) -> None:
        self.answer = Suggester.load().suggest(Petition(id="1", text=TEXT))

    def suggest_all(self, petitions: Iterable[Petition]) -> Iterator[Suggestion]:
        return (self.answer for _ in petitions)


if __name__ == "__main__":
    settings = Settings()
    app = create_app(settings)
    constant = Constant()
    app.dependency_overrides[loaded_suggester] = lambda: constant
    app.state.models.repeats_among = lambda petitions: [[] for _ in petitions]
    run_server(app, settings)
