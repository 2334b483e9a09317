"""The results of the benchmarks that are published are those that were measured."""

import json

from tests.benchmarks import records


def test_the_document_follows_from_the_results_and_has_every_part():
    results = json.loads(records.RESULTS.read_text(encoding="utf-8"))
    assert list(results) == list(records.PARTS)
    assert records.DOCUMENT.read_text(encoding="utf-8") == records.document(results)
