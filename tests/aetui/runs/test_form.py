"""The form for a new run: its fields are those of the dataclasses, and it says what aetrain would say."""

from __future__ import annotations

import contextlib
import dataclasses
import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aetui.runs.form import Draft, arguments, command_line, draft_of, problems, shown_fields, unfolded
from aetui.runs.form_fields import DATA, Field, FieldError, fields, group, read, text_of
from trainer.cli import build_app
from trainer.config import FitConfig, RunConfig, variant_options
from trainer.data.catalog import NAMES
from trainer.variants import VARIANTS

RUNS = Path("runs")


def draft(*variants: str, name: str = "", **values: str) -> Draft:
    return Draft(
        runs_dir=RUNS,
        variants=variants or ("variational",),
        values={key.replace("__", "."): value for key, value in values.items()},
        name=name,
    )


def test_there_is_a_field_for_every_option_of_every_dataclass() -> None:
    expected = {field.name for field in dataclasses.fields(FitConfig)}
    for name, cls in VARIANTS.items():
        expected |= {f"{name}.{field.name}" for field in dataclasses.fields(cls)}
    assert set(fields()) == expected


def test_every_field_has_a_hint_and_a_default_that_it_takes() -> None:
    for field in fields().values():
        assert field.hint, field.key
        read(field, field.default)


def test_identifiers_of_fields_differ() -> None:
    assert len({field.identifier for field in fields().values()}) == len(fields())


def test_the_named_data_sets_are_those_of_the_trainer() -> None:
    assert set(DATA) == set(NAMES)


def test_a_draft_that_nobody_touched_is_right_and_short() -> None:
    assert problems(draft()) == {}
    assert command_line(draft()) == "aetrain fit variational"


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("epochs", "3", 3),
        ("epochs", "", None),
        ("lr", "auto", "auto"),
        ("lr", "1e-3", 1e-3),
        ("hidden", "512 256", (512, 256)),
        ("hidden", "512, 256", (512, 256)),
        ("channels", "3", 3),
        ("deterministic", "true", True),
        ("denoising.clip", "", None),
        ("denoising.clip", "false", False),
        ("data_dir", "/tmp", Path("/tmp")),
        ("optimizer", "adamw", "adamw"),
    ],
)
def test_a_text_is_read_as_its_field_is_typed(key: str, text: str, value: object) -> None:
    found = read(fields()[key], text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("epochs", "2.5", "a whole number at least 1"),
        ("epochs", "0", "at least 1"),
        ("batch_size", "", "give a value, as 128"),
        ("lr", "-1", "a number greater than 0, or auto"),
        ("lr", "nan", "greater than 0"),
        ("warmup", "1.5", "at least 0 and at most 1"),
        ("hidden", "512 a", "whole numbers with spaces between"),
        ("arch", "mpl", "did you mean mlp?"),
        ("denoising.corruption", "gausian", "did you mean gaussian?"),
    ],
)
def test_what_is_wrong_with_a_field_says_what_would_be_right(key: str, text: str, said: str) -> None:
    with pytest.raises(FieldError, match=r"must be|give a value") as caught:
        read(fields()[key], text)
    assert said in str(caught.value)


@given(st.sampled_from(sorted(fields())), st.text(max_size=20))
def test_whatever_is_typed_is_a_value_or_an_error_of_the_field(key: str, text: str) -> None:
    with contextlib.suppress(FieldError):
        read(fields()[key], text)


@given(st.dictionaries(st.sampled_from(sorted(fields())), st.text(max_size=12), max_size=4), st.text(max_size=12))
def test_whatever_a_form_says_it_has_an_answer_and_a_command_line(values: dict[str, str], name: str) -> None:
    said = Draft(runs_dir=RUNS, variants=("sparse", "denoising"), values=values, name=name)
    assert all(problems(said).values())
    assert shlex.split(command_line(said))[:2] == ["aetrain", "fit"]


@pytest.mark.parametrize(
    ("said", "key", "words"),
    [
        (draft(epochs="3", steps="4"), "epochs", "--steps says how long the run is"),
        (draft("sparse", latent_dim="3"), "latent_dim", "as wide as the image"),
        (draft(variational__variance="1"), "variational.variance", "gaussian likelihood"),
        (draft("denoising", denoising__corruption="masking", denoising__level="2"), "denoising.level", "share"),
        (draft(data="dgits"), "data", "did you mean digits?"),
        (draft(device="gpu"), "device", "cuda:N"),
        (draft(name="a/b"), "name", "no slash"),
        (Draft(runs_dir=RUNS, variants=()), "", "tick at least one variant"),
    ],
)
def test_what_does_not_go_together_is_said_under_the_field_that_it_is_about(said: Draft, key: str, words: str) -> None:
    found = problems(said)
    assert list(found) == [key]
    assert words in found[key]


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    taken = Draft(runs_dir=tmp_path, name="a")
    assert "exists already" in problems(taken)["name"]
    several = Draft(runs_dir=tmp_path, name="a", variants=("sparse", "variational"))
    assert problems(several) == {}


def test_options_of_a_variant_count_only_while_it_is_ticked() -> None:
    said = draft("sparse", variational__beta="4", sparse__l1="0.1")
    assert command_line(said) == "aetrain fit sparse --sparse.l1=0.1"
    assert all(field.group != "variational" for field in shown_fields(said))


def test_the_command_line_is_read_back_by_aetrain_as_it_was_meant() -> None:
    said = draft(
        "denoising",
        "variational",
        name="--odd one",
        data="moons",
        hidden="64 32",
        lr="auto",
        deterministic="true",
        denoising__clip="false",
        variational__beta="4",
    )
    assert problems(said) == {}
    _, bound, _ = build_app().parse_args(arguments(said), exit_on_error=False, print_error=False)
    given = bound.arguments
    assert given["variants"] == ("denoising", "variational")
    assert given["name"] == "--odd one"
    options = given["options"]
    assert (options.data, options.hidden, options.lr, options.deterministic) == ("moons", (64, 32), "auto", True)
    assert given["own"].denoising.clip is False
    assert given["own"].variational.beta == 4


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_form_filled_in_from_a_run_asks_for_the_same_run(variant: str) -> None:
    fit = FitConfig(data="faces", hidden=(64, 8), lr=0.0125, epochs=3, deterministic=True)
    config = RunConfig(fit=fit, variant=VARIANTS[variant]())
    said = draft_of(config.table() | {"resolved": {"lr": 3.0}, "odd": object()}, RUNS)
    assert said.variants == (variant,)
    assert command_line(said) == (
        f"aetrain fit {variant} --data=faces --epochs=3 --lr=0.0125 --hidden 64 8 --deterministic"
    )
    assert unfolded(said)
    assert not unfolded(draft(variational__beta="3"))


def test_a_damaged_config_fills_in_what_can_be_used() -> None:
    said = draft_of({"variant": ["x"], "data": {"a": 1}, "epochs": "many"}, RUNS)
    assert said.variants == ("variational",)
    assert dict(said.values) == {"epochs": "many"}


@given(st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(10**6), 10**6)))
def test_numbers_are_written_as_they_are_read(number: float) -> None:
    assert float(text_of(number)) == number


def test_groups_hold_every_field_once() -> None:
    groups: list[Field] = [field for name in ("", "more", *VARIANTS) for field in group(name)]
    assert [field.key for field in groups] == list(fields())
    assert variant_options()().sparse.l1 == float(fields()["sparse.l1"].default)
