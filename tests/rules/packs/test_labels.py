"""What a model's names are called: every label that pages show is there in each language."""

from datetime import date
from pathlib import Path

import pytest

from amparo.rules.packs import UnusablePack, load_pack
from amparo.rules.packs.labels import names_shown
from amparo.rules.trace.explain import LABELS, WORDS
from tests.rules.packs.packs import model, pack

SCHEMES = Path(__file__).parents[3] / "schemes"
PACKS = sorted(
    path.parents[1].relative_to(SCHEMES).as_posix() for path in SCHEMES.glob("*/*/1/scheme.toml")
)


@pytest.mark.parametrize("name", PACKS)
@pytest.mark.parametrize("language", sorted(set(WORDS) - {"en"}))
def test_every_label_that_pages_show_is_translated(name: str, language: str) -> None:
    found = load_pack(SCHEMES / name / "1")
    declared = {item.name for item in found.manifest.inputs}
    declared |= {parameter.name for parameter in found.parameters}
    known = set(found.labels.get(language, {})) | declared

    shown = {text for one in found.library.models.values() for text in names_shown(one)}

    assert not {text for text in shown - known if text.lower() not in LABELS[language]}


def test_a_label_of_nothing_is_refused() -> None:
    with pytest.raises(UnusablePack, match="The model shows nothing called Rihgt"):
        pack({"texts/fr.toml": '[labels]\nRihgt = "Droit"\n'})
    with pytest.raises(UnusablePack, match="labels is no table of texts"):
        pack({"texts/fr.toml": "[labels]\nright = 1\n"})


def test_an_explanation_uses_the_words_of_the_pack() -> None:
    extra = (
        '<businessKnowledgeModel id="k" name="one tenth"><variable name="one tenth"/>'
        '<encapsulatedLogic><formalParameter name="of"/><literalExpression><text>of / 10</text>'
        "</literalExpression></encapsulatedLogic></businessKnowledgeModel>"
    )
    text = model(amount="one tenth(income) + rate", extra=extra).replace(
        '<requiredInput href="#rate"/></informationRequirement>',
        '<requiredInput href="#rate"/></informationRequirement>'
        '<knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement>',
        1,
    )
    labels = '[labels]\n"one tenth" = "un dixième"\nof = "montant"\nage = "Âge"\n'
    found = pack({"test.dmn": text, "texts/fr.toml": labels.replace('age = "Âge"\n', "")})

    result = found.evaluate("amount", {"income": 50}, on=date(2026, 1, 1))
    assert result.trace is not None
    lines = [line.expression for line in found.explain(result.trace, language="fr").arithmetic]

    assert any("un dixième" in line for line in lines)
    assert found.label("one tenth", language="fr") == "un dixième"
    assert found.label("one tenth", language="en") == "one tenth"
    assert found.label("of_birth", language="fr") == "of birth"
    assert found.label("income", language="fr") == "Français"
    assert found.label("eligible", language="fr") == "Droit"
