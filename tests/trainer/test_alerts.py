from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.alerts import SPIKE_MEMORY, Alert, Health, Layer, LossWatch, Told, judge


def layer(**options: float | int | None) -> Layer:
    return Layer(**({"units": 128, "dead": 0.1, "update_ratio": 1e-3} | options))  # type: ignore[arg-type]


def health(**options: object) -> Health:
    plain = Health(
        layers={"encoder layer 1": layer(), "decoder layer 1": layer()},
        kl_nats=(1.0, 0.001),
        mse=0.02,
        mean_image_mse=0.09,
        rate_share=1.0,
        warm=True,
        settled=True,
    )
    return dataclasses.replace(plain, **options)  # type: ignore[arg-type]


def kinds(found: list[Alert]) -> list[str]:
    return [alert.kind for alert in found]


def test_a_healthy_network_gives_no_alert() -> None:
    assert judge(health()) == []


def test_dead_units_are_named_with_their_layer_and_the_lecture_is_quoted() -> None:
    layers = {"encoder layer 1": layer(dead=0.5), "decoder layer 1": layer(dead=0.4)}
    (alert,) = judge(health(layers=layers, kl_nats=()))
    assert alert.kind == "dead-units"
    assert alert.value == 0.5
    assert "50% of the units of encoder layer 1" in alert.text
    assert "--lr" in alert.hint
    assert "the lecture's network loses about half of its first layer at 1e-2" in alert.hint


def test_a_price_on_what_the_code_says_may_silence_more_units_before_that_is_told() -> None:
    assert judge(health(layers={"a": layer(dead=0.5)})) == []
    assert kinds(judge(health(layers={"a": layer(dead=0.8)}))) == ["dead-units"]


@pytest.mark.parametrize("quiet", [{"dead": 0.5, "units": 12}, {"dead": 0.3}, {"dead": None}])
def test_a_narrow_layer_or_a_few_dead_units_are_no_matter(quiet: dict[str, float | None]) -> None:
    assert judge(health(layers={"a": layer(**quiet)})) == []


def test_nothing_is_said_of_dead_units_before_the_warm_up_is_over() -> None:
    assert judge(health(layers={"a": layer(dead=0.9)}, warm=False, settled=False)) == []


def test_updates_that_are_too_long_or_too_short_are_told() -> None:
    (large,) = judge(health(layers={"a": layer(update_ratio=0.3), "b": layer()}))
    (small,) = judge(health(layers={"a": layer(update_ratio=1e-6), "b": layer()}))
    assert (large.kind, small.kind) == ("large-updates", "small-updates")
    assert "30% of their length" in large.text


def test_the_short_steps_at_the_end_of_a_schedule_are_no_matter() -> None:
    assert judge(health(layers={"a": layer(update_ratio=1e-9)}, rate_share=0.01)) == []


def test_a_posterior_has_collapsed_when_no_dimension_says_anything() -> None:
    assert kinds(judge(health(kl_nats=(0.001, 0.0)))) == ["posterior-collapse"]
    assert judge(health(kl_nats=(0.001, 0.02))) == []
    assert judge(health(kl_nats=())) == []
    assert judge(health(kl_nats=(0.0, 0.0), settled=False)) == []


def test_answering_with_the_mean_image_is_told() -> None:
    assert kinds(judge(health(mse=0.0899))) == ["mean-image"]
    assert judge(health(mse=0.0, mean_image_mse=0.0)) == []


def test_what_is_logged_is_json() -> None:
    assert json.loads(json.dumps(health().row()))["collapsed"] == 0.5
    assert health(kl_nats=()).row()["collapsed"] is None


def watch(losses: list[float]) -> list[int]:
    watching = LossWatch()
    return [step for step, loss in enumerate(losses) if watching.see(step, loss) is not None]


def falling(count: int, noise: float = 0.05) -> list[float]:
    generator = np.random.default_rng(0)
    steps = np.arange(count)
    return list((200 * np.exp(-steps / 100) + 20) * (1 + noise * generator.normal(size=count)))


def test_a_loss_that_falls_noisily_has_no_spike() -> None:
    assert watch(falling(4000)) == []
    assert watch(falling(4000, noise=0.3)) == []


def test_a_jump_of_the_loss_is_a_spike_and_so_is_the_next() -> None:
    losses = falling(1000)
    losses[700] = 500.0
    losses[702] = 600.0
    assert watch(losses) == [700, 702]


def test_a_loss_below_zero_can_spike_too() -> None:
    losses = [-1000.0 + (step % 7) for step in range(300)]
    losses[200] = -100.0
    assert watch(losses) == [200]


def test_a_loss_that_stays_higher_becomes_the_usual_one() -> None:
    losses = falling(300) + [2000.0 + step % 3 for step in range(3000)]
    found = watch(losses)
    assert found[0] == 300
    assert max(found) < 2000


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True) | st.none(), max_size=200))
def test_no_loss_upsets_the_watch(losses: list[float | None]) -> None:
    watching = LossWatch()
    for step, loss in enumerate(losses):
        alert = watching.see(step, loss)
        assert alert is None or (step >= SPIKE_MEMORY and not math.isnan(alert.severity))


def test_an_alert_is_told_once_unless_it_becomes_twice_as_bad() -> None:
    told = Told()

    def alert(kind: str, severity: float) -> Alert:
        return Alert(kind=kind, text="", hint="", value=0.0, severity=severity)

    severities = [0.4, 0.5, 0.79, 0.8, 0.3, 1.0, 1.7]
    assert [told.is_news(alert("dead-units", s)) for s in severities] == [True, False, False, True, False, False, True]
    assert told.is_news(alert("loss-spike", 0.1))
