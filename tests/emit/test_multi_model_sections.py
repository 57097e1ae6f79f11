"""The sentences of a multi-model answer."""

from decimal import Decimal

import pytest

from smcost.emit.multi_model_sections import _models, _saving_section
from smcost.multi_model import Saving, Separate

SAVINGS = {
    "sharing saves": (
        {"instances": 40}, 400, 300,
        "40 x ml.m5.large, 400.00 USD per month: sharing saves 300.00 USD, 75.0% of that.",
    ),
    "sharing costs": (
        {"instances": 2}, 100, -50,
        "2 x ml.m5.large, 100.00 USD per month: sharing costs 50.00 USD, 50.0% more.",
    ),
    "some need more": (
        {"instances": 5, "more_than_least": 2}, 400, 100,
        "5 x ml.m5.large (2 models with more than the least), 400.00 USD per month: "
        "sharing saves 100.00 USD, 25.0% of that.",
    ),
    "not sized": (
        {"instances": 4, "sized": False}, 400, 100,
        "4 x ml.m5.large, at least 400.00 USD per month: sharing saves at least 100.00 USD, "
        "25.0% of that.",
    ),
    "one is too slow alone": (
        {"instances": 4, "never": 1}, 400, 100,
        "4 x ml.m5.large (1 model alone never so fast, counted with the least), at least 400.00 "
        "USD per month: sharing saves at least 100.00 USD, 25.0% of that.",
    ),
    "several are, and sharing costs at most": (
        {"instances": 4, "never": 3}, 400, -100,
        "4 x ml.m5.large (3 models alone never so fast, counted with the least), at least 400.00 "
        "USD per month: sharing costs at most 100.00 USD, 25.0% more.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SAVINGS)
def test_what_sharing_saves_is_said(name):
    changes, separate_usd, saving_usd, sentence = SAVINGS[name]
    given = {"instance_type": "ml.m5.large", "more_than_least": 0, "sized": True} | changes
    saving = Saving(
        separate=Separate(**given),
        separate_usd=Decimal(separate_usd),
        saving_usd=Decimal(saving_usd),
        break_even_models=11,
    )
    said, pays = _saving_section(saving).sentences
    assert said == sentence
    assert pays == "As many instances pay from 11 models on."


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "1 model"), (2, "2 models"), (1200, "1,200 models"), (1.0, "1 model"), (0, "0 models")],
)
def test_one_model_is_no_models(count, said):
    assert _models(count) == said


def test_a_mean_of_models_keeps_its_fraction():
    assert _models(1.25) == "1.25 models"
