"""Commands called as functions: what they answer, and how they refuse."""

from __future__ import annotations

import json
from typing import Any

import pytest

from export.errors import ExitCode, ToolError
from trainer import cli


def printed(capsys: pytest.CaptureFixture[str], *arguments: object) -> Any:
    """The JSON that the command prints with ``--json``; it has to end well."""
    capsys.readouterr()
    assert cli.run([*map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(*arguments: object, code: ExitCode | None = None) -> ToolError:
    """The error with which the command ends, with ``code`` if any is given: it says what, why and what to do."""
    with pytest.raises(ToolError) as caught:
        cli.run([*map(str, arguments)])
    error = caught.value
    assert error.what
    assert error.why
    assert error.do
    assert code in (None, error.exit_code)
    return error
