"""The grammar of the filter, by examples; and nothing that is typed can do more than be refused."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aetui.follow.entries import Entry
from aetui.follow.series import Series
from aetui.runs.filter import ALL, FilterError, parse
from aetui.runs.filter_fields import FIELDS, NUMBERS, field_name, option_names


def entry(name: str, **facts: Any) -> Entry:
    return Entry(**{"path": Path(name), "name": name, "state": "finished", **facts})


def series(*values: float) -> Series:
    return Series(np.arange(1.0, len(values) + 1), np.array(values))


RUNS = [
    entry(
        "vae-big",
        variant="variational",
        data="digits",
        arch="mlp",
        state="running",
        loss=0.0253,
        epoch=5.0,
        step=500,
        images_per_s=12_300.0,
        eta_s=30.0,
        latent_dim=16,
        learning_rate=0.003,
        batch_size=128,
        device="cuda:0",
        options={"beta": 4.0, "likelihood": "bernoulli", "kl_warmup": 100},
        shared={"hidden": [512, 256], "deterministic": True, "seed": 0},
        series={("validation", "kl"): series(9.0, 4.5), ("train", "kl"): series(8.0, 7.0)},
    ),
    entry(
        "sparse run",
        variant="sparse",
        data="moons",
        arch="lecture",
        state="stopped",
        loss=12.0,
        epoch=9.0,
        latent_dim=64,
        options={"l1": 0.4, "kl": 0.1},
        series={("train", "l1"): series(3.0, 2.0)},
    ),
    entry("old(1)", variant="undercomplete", data="/data/faces", state="failed", error="the loss is not finite"),
    entry("noisy", variant="denoising", data="faces", loss=-3.0, state="paused", options={"clip": False}),
]
EVERY = "vsun"
TERMS = ("loss", "kl", "l1", "reconstruction")


def passing(text: str) -> str:
    """The runs that pass, a letter each: v, s, u, n."""
    found = parse(text, TERMS)
    return "".join(letter for letter, run in zip(EVERY, RUNS, strict=True) if found.matches(run))


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("", EVERY),
        ("   ", EVERY),
        ("big", "v"),
        ("BIG", "v"),
        ("faces", "un"),
        ("vae", "v"),
        ("ae", "vu"),
        ("dae", "n"),
        ('"sparse run"', "s"),
        ('"e r"', "s"),
        ("-faces", "vs"),
        ("NOT faces", "vs"),
        ("- faces", "vs"),
        ("--faces", "un"),
        ("big OR noisy", "vn"),
        ("big | noisy", "vn"),
        ("big|noisy", "vn"),
        ("faces -noisy OR moons", "su"),
        ("(big OR noisy) faces", "n"),
        ("-(big OR noisy)", "su"),
        ("big AND digits", "v"),
        ("v*g", "v"),
        ("/^(vae|noi)/", "vn"),
        ("/S/", "vsun"),
        ('"old(1)"', "u"),
        ("or", ""),
        ("variant:vae", "v"),
        ("variant:ae", "u"),
        ("variant:dae", "n"),
        ("variant:complete", "u"),
        ("variant=complete", ""),
        ("variant=undercomplete", "u"),
        ("variant!=sparse", "vun"),
        ("v:sae", "s"),
        ("state:running", "v"),
        ("state:active", "vn"),
        ("is:over", "su"),
        ("state:broken", "u"),
        ("data:digits", "v"),
        ("data:*faces", "un"),
        ('data:"/data"', "u"),
        ("data: digits", "v"),
        ("name:/^vae/", "v"),
        ("name:/^VAE/", "v"),
        ("arch:lecture", "s"),
        ("device:cuda", "v"),
        ("error:finite", "u"),
        ("loss<0.03", "vn"),
        ("loss < 0.03", "vn"),
        ("loss<=0.0253 loss>=0.0253", "v"),
        ("loss>0", "vs"),
        ("loss:0.03", "v"),
        ("loss:0.025", "v"),
        ("loss:0.026", ""),
        ("loss:none", "u"),
        ("loss!=12", "vun"),
        ("loss:0..20", "vs"),
        ("loss:-5..0", "n"),
        ("epoch>=5", "vs"),
        ("epoch:5", "v"),
        ("step:500", "v"),
        ("images/s>10k", "v"),
        ("speed<12k", ""),
        ("eta<60", "v"),
        ("latent-dim:16", "v"),
        ("latent_dim>16", "s"),
        ("dim=64", "s"),
        ("lr:0.003", "v"),
        ("learning-rate:3e-3", "v"),
        ("batch:128", "v"),
        ("beta:4", "v"),
        ("beta>1", "v"),
        ("variational.beta:4", "v"),
        ("likelihood:bern", "v"),
        ("likelihood:none", "sun"),
        ("kl-warmup>50", "v"),
        ("kl_warmup:100", "v"),
        ("l1>0.01", "s"),
        ("sparse.l1:0.4", "s"),
        ("sparse.budget:4", ""),
        ("clip:false", "n"),
        ("deterministic:true", "v"),
        ("hidden:512,256", "v"),
        ("kl<5", "vs"),
        ("validation.kl<5", "v"),
        ("train.kl:7", "v"),
        ("train.l1:2", "s"),
        ("variant:vae state:running loss<0.03 data:digits epoch>=5 name:/big/ -word", "v"),
    ],
)
def test_what_a_filter_lets_through(text: str, letters: str) -> None:
    assert passing(text) == letters


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("lss<3", 0, "did you mean loss?"),
        ("big varant:vae", 4, "did you mean variant?"),
        ("loss<", 5, "a number is missing after loss<"),
        ("loss<abc", 5, "'abc' is no number"),
        ("loss:abc", 5, "loss is a number"),
        ("variant:", 8, "a value is missing"),
        ("loss< OR a", 6, "a number is missing"),
        ("(a OR b", 0, "a ) is missing for this ("),
        ("a)", 1, "this ) closes nothing"),
        ("a OR", 4, "something is missing"),
        ("OR a", 0, "something is missing"),
        ("()", 1, "something is missing"),
        ("a AND", 5, "something is missing after AND"),
        ("-", 1, "left out"),
        ('a "b', 2, 'a closing " is missing'),
        ("name:/re", 5, "a closing / is missing"),
        ("name:/(/", 5, "no regular expression"),
        ("loss:1..x", 5, "'x' is no number"),
        ("(" * 60, 50, "too deep"),
        ("denoising.l1:0.4", 0, "did you mean denoising"),
        ("zzzzzz:1", 0, "no field 'zzzzzz'"),
    ],
)
def test_a_bad_filter_says_what_is_wrong_and_where(text: str, at: int, said: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text, TERMS)
    assert said in str(caught.value)
    assert caught.value.at == at


def test_a_term_is_a_field_only_where_it_is_logged() -> None:
    with pytest.raises(FilterError, match="no field"):
        parse("reconstruction<3")
    assert parse("reconstruction<3", ["reconstruction"]).text == "reconstruction<3"


def test_no_filter_is_the_one_that_lets_everything_through() -> None:
    assert parse("") is ALL


def test_names_of_fields_are_written_in_several_ways() -> None:
    assert {field_name(word) for word in ("Latent_Dim", "latent-dim", "dim", "latent")} == {"latent-dim"}


PIECES = st.sampled_from(
    [*FIELDS, *sorted(option_names()), *":=<>!()|-/\"'*", "OR", "AND", "NOT", " ", "1e9", "1e999", "vae", "..", "\\"]
)
ANYTHING = st.one_of(
    st.text(max_size=30), st.text(string.printable, max_size=30), st.lists(PIECES, max_size=12).map("".join)
)


@given(ANYTHING)
def test_whatever_is_typed_filters_or_says_where_it_is_wrong(text: str) -> None:
    try:
        found = parse(text, TERMS)
    except FilterError as error:
        wrong = error
    else:
        assert all(found.matches(run) in (True, False) for run in RUNS)
        return
    assert 0 <= wrong.at <= len(text)
    assert str(wrong)


@given(st.lists(st.sampled_from(["big", "faces", "loss<1", "-moons", "state:over", "epoch>=5"]), max_size=4))
def test_terms_side_by_side_all_hold(terms: list[str]) -> None:
    expected = set(EVERY).intersection(*(set(passing(term)) for term in terms))
    assert set(passing(" ".join(terms))) == expected


@given(st.sampled_from(["big", "loss<1", "faces OR moons"]), st.sampled_from(["digits", "state:over"]))
def test_not_and_or_are_those_of_logic(a: str, b: str) -> None:
    assert set(passing(f"-({a})")) == set(EVERY) - set(passing(a))
    assert set(passing(f"({a}) OR ({b})")) == set(passing(a)) | set(passing(b))
    assert set(passing(f"-(({a}) ({b}))")) == set(passing(f"-({a}) OR -({b})"))


def test_a_field_that_is_a_number_is_a_field() -> None:
    assert set(FIELDS) >= NUMBERS
