"""Measuring searches on judged texts, with containers that compare words."""

import json
from pathlib import Path

import pytest

import weavelet
from weavelet.cli import eval as evaluation
from weavelet.modules.testing import FakeContainer, scoring_container, transformers_container

DOCUMENTS = {
    "1": ("Soup", "a pot of hot soup with noodles"),
    "2": ("Cake", "a cake with apples"),
    "3": ("Bread", "bread with butter"),
}
QUESTIONS = {"a": "hot soup", "b": "cake with apples", "c": "unjudged"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    documents = [{"_id": id, "title": title, "text": text} for id, (title, text) in DOCUMENTS.items()]
    (tmp_path / "corpus.jsonl").write_text("\n".join(map(json.dumps, documents)))
    questions = [{"_id": id, "text": text} for id, text in QUESTIONS.items()]
    (tmp_path / "queries.jsonl").write_text("\n".join(map(json.dumps, questions)))
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\na\t1\t1\nb\t2\t1")
    return tmp_path


def test_every_kind_of_search_is_measured_and_the_import_kept(folder: Path, capsys: pytest.CaptureFixture) -> None:
    vectors, scores = FakeContainer(transformers_container), FakeContainer(scoring_container)
    with (
        vectors.serve() as vectors_url,
        scores.serve() as scores_url,
        weavelet.run(
            data_path=folder / "data",
            enable_modules=("text2vec-transformers", "reranker-transformers"),
            environment={"TRANSFORMERS_INFERENCE_API": vectors_url, "RERANKER_INFERENCE_API": scores_url},
        ) as server,
    ):
        evaluation.run(folder, url=server.url)
        first = capsys.readouterr().out
        imported = len([asked for asked in vectors.posts if asked.body["config"]["task_type"] == "passage"])
        evaluation.run(folder, url=server.url, only="near text")
        second = capsys.readouterr().out
        again = len([asked for asked in vectors.posts if asked.body["config"]["task_type"] == "passage"])
    assert ": 2 questions, 3 documents" in first
    for name in ("near text", "bm25", "hybrid", "hybrid, 30 reranked", "hybrid, 30 reranked, mixed"):
        [line] = [line for line in first.splitlines() if line.split("│")[1:2] and line.split("│")[1].strip() == name]
        assert "1.0000" in line
    assert {len(asked.body["documents"]) for asked in scores.posts} == {3}
    assert "3 documents are here from an earlier run" in second
    assert "bm25" not in second
    assert (imported, again) == (3, 3)


def test_a_server_that_is_not_there_is_told(folder: Path) -> None:
    with pytest.raises(SystemExit, match="the server cannot be asked"):
        evaluation.run(folder, url="http://127.0.0.1:9")
