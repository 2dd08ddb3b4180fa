"""The gate on gold scores, and the gate's own behaviour."""

from __future__ import annotations

import json

import pytest

from tests.eval import gate


def test_no_score_is_below_its_floor():
    scores, faults = gate.check()
    assert set(scores) == set(gate.SETS)
    assert faults == []


def test_raising_never_lowers_a_floor(tmp_path, monkeypatch):
    monkeypatch.setattr(gate, "FLOORS", tmp_path / "floors.json")
    gate.raise_floors({"seeds": {"figures.f1": 0.9}})
    gate.raise_floors({"seeds": {"figures.f1": 0.8}})
    assert json.loads(gate.FLOORS.read_text())["seeds"]["floors"] == {"figures.f1": 0.9}


def test_changed_gold_is_told(tmp_path, monkeypatch):
    floors = tmp_path / "floors.json"
    floors.write_text(json.dumps({"seeds": {"gold": "0" * 64, "floors": {}}}))
    monkeypatch.setattr(gate, "FLOORS", floors)
    monkeypatch.setattr(gate, "SETS", ("seeds",))
    _, faults = gate.check()
    assert any("gold has changed" in fault for fault in faults)


@pytest.mark.parametrize("name", gate.SETS)
def test_gold_spans_are_verbatim(name):
    folder = gate.HERE / name
    for file in sorted((folder / "gold").glob("*.json")):
        gold = json.loads(file.read_text("utf-8"))
        text = (folder / "articles" / f"{gold['source']}.txt").read_text("utf-8")
        for row in gold.get("statements", []) + gold.get("figures", []):
            assert text[row["text_start"] : row["text_end"]] == row["text"], (file.name, row["text"])
        for row in gold.get("delegation_members", []):
            assert text[row["name_start"] : row["name_end"]] == row["person_name"], (file.name, row["person_name"])
