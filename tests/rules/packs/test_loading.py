"""A pack is read whole or not at all; its hash is its contents."""

from pathlib import Path

import pytest

from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.packs import UnusablePack, load_pack, load_pack_files
from tests.rules.dmn.models import decision, literal
from tests.rules.packs.packs import MANIFEST, PARAMETERS, REASONS, files, model, pack


def test_the_hash_changes_with_any_file_and_with_nothing_else() -> None:
    same = load_pack_files(dict(reversed(files().items())))

    assert same.hash == pack().hash
    assert pack({"law.md": "# Act!\n"}).hash != pack().hash
    assert pack({"cases/more.jsonl": ""}).hash != pack().hash
    assert len(pack().hash) == 64


def test_a_folder_and_its_texts_are_the_same_pack(tmp_path: Path) -> None:
    for name, text in files().items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / ".hidden.toml").write_text("x", encoding="utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")

    loaded = load_pack(tmp_path)

    assert loaded.hash == pack().hash
    assert dict(loaded.files) == dict(pack().files)


def test_a_folder_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusablePack, match="no pack folder"):
        load_pack(tmp_path / "nowhere")
    (tmp_path / "law.md").write_bytes(b"\xff\xfe")
    with pytest.raises(UnusablePack, match="not UTF-8"):
        load_pack(tmp_path)


@pytest.mark.parametrize("name", ["scheme.toml", "law.md", "reasons.toml", "test.dmn"])
def test_a_pack_without_one_of_its_files_is_refused(name: str) -> None:
    texts = files()
    del texts[name]

    with pytest.raises(UnusablePack, match=f"no file {name}"):
        load_pack_files(texts)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("scheme.toml", "scheme = ", "not TOML"),
        ("scheme.toml", MANIFEST.replace('country = "XA"', ""), "The entry country is missing"),
        ("scheme.toml", MANIFEST.replace('"XA"', "1"), "not a str"),
        (
            "scheme.toml",
            MANIFEST.replace("decision_days = 30", "decision_days = true"),
            "not a int",
        ),
        ("scheme.toml", MANIFEST + "\nwhat = 1\n", "Unknown entries: what"),
        ("scheme.toml", 'shade = "x"\n' + MANIFEST, "Unknown entries: shade"),
        ("scheme.toml", MANIFEST.replace('kind = "amount"', 'kind = "sum"'), "kind is sum"),
        (
            "scheme.toml",
            MANIFEST.replace('amount = "amount"', 'amount = "right"'),
            "no amount decision",
        ),
        ("scheme.toml", MANIFEST[: MANIFEST.index("[process]")], "needs a process"),
        (
            "scheme.toml",
            MANIFEST.replace('name = "born"', 'name = "born2"'),
            "declared as input but",
        ),
        (
            "scheme.toml",
            MANIFEST.replace('name = "born"', 'name = "rate"'),
            "not in the model|neither|both",
        ),
        (
            "scheme.toml",
            MANIFEST.replace('parameters_on = "born"', 'parameters_on = "x"'),
            "no input",
        ),
        (
            "scheme.toml",
            MANIFEST.replace('name = "of_birth"', 'name = "elsewhere"'),
            "no decision elsewhere",
        ),
        (
            "parameters.toml",
            PARAMETERS.replace("value = 0.1\n", "value = 10:00:00\n"),
            "cannot be a time",
        ),
        ("parameters.toml", PARAMETERS.replace("value = 0.1\n", 'value = "a"\n'), "several types"),
        (
            "parameters.toml",
            PARAMETERS.replace("known_from = 2023-12-01", "known_from = 5"),
            "no date",
        ),
        (
            "parameters.toml",
            PARAMETERS.replace("known_from = 2023-12-01", "known_from = 2023-12-01T00:00:00"),
            "no time zone",
        ),
        (
            "parameters.toml",
            PARAMETERS.replace("valid_to = 2025-01-01", "valid_to = 2023-01-01"),
            "before it",
        ),
        ("parameters.toml", PARAMETERS.replace("adopted = false\n", ""), "two adopted rows"),
        (
            "parameters.toml",
            f"{PARAMETERS}\n[[parameter]]\nname='n'\ntitle={{en='',fr=''}}\n",
            "has no value",
        ),
        ("parameters/again.toml", PARAMETERS, "defined twice"),
        ("reasons.toml", REASONS.replace('fr = "Le', 'xx1 = "Le'), "entry fr is missing"),
        ("test.dmn", model(amount="1 +"), "end of the text"),
        ("test.dmn", model(amount="incomes"), "incomes is nowhere in reach"),
        ("test.dmn", model(extra=decision("z", literal("1"), ["i:q"])), "points to q"),
        ("test.dmn", "<!DOCTYPE a><a/>", "document type"),
    ],
)
def test_what_is_wrong_with_a_pack_is_said_with_its_place(
    name: str, text: str, message: str
) -> None:
    with pytest.raises(RuleError, match=message):
        pack({name: text})


def test_parameters_hold_dates_lists_and_tables() -> None:
    text = (
        PARAMETERS + "\n[[parameter]]\nname='bands'\ntitle={en='b',fr='b'}\n[[parameter.value]]\n"
        "valid_from=2024-01-01\nknown_from=2024-01-01\nlaw='Art. 4'\n"
        "value=[{from=2024-01-01, on=true, text='x', n=1}]\n"
    )

    row = next(item for item in pack({"parameters.toml": text}).parameters if item.name == "bands")

    assert str(row.rows[0].value).startswith(
        "[{'from': Date(year=2024, month=1, day=1), 'on': True"
    )


def test_a_pack_may_speak_more_languages() -> None:
    spoken = MANIFEST.replace('{ en = "English",', '{ es = "Español", en = "English",')

    assert pack({"scheme.toml": spoken}).manifest.titles["es"] == "Español"


def test_a_benefit_does_not_repeat_and_is_not_backdated_unless_the_manifest_says_so() -> None:
    plain = pack().manifest
    stated = pack(
        {
            "scheme.toml": MANIFEST.replace(
                'frequency = "monthly"', 'frequency = "monthly"\nrepeats = true'
            ).replace("decision_days = 30", "decision_days = 30\nbackdating_months = 3")
        }
    ).manifest

    assert plain.process is not None
    assert (plain.benefits[0].repeats, plain.process.backdating_months) == (False, 0)
    assert stated.process is not None
    assert (stated.benefits[0].repeats, stated.process.backdating_months) == (True, 3)


def test_a_benefit_cannot_start_a_negative_number_of_months_back() -> None:
    manifest = MANIFEST.replace("decision_days = 30", "decision_days = 30\nbackdating_months = -1")

    with pytest.raises(UnusablePack, match="backdating_months is -1"):
        pack({"scheme.toml": manifest})
