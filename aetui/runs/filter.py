"""The filter of the runs: a small grammar, read once, then asked of every run.

``variant:vae state:running loss<0.03 epoch>=5 data:digits name:/^big/ -old "quoted text" (a OR b) beta:4 kl<5``

Terms that stand side by side must all hold; ``OR`` (or ``|``) binds less, parentheses group, ``-`` or ``NOT`` turns a
term round. A word alone is looked for in name, variant and data, without regard to case.
"""

from __future__ import annotations

import fnmatch
import re
import warnings
from collections.abc import Callable, Collection
from dataclasses import dataclass

from aetui.follow.entries import Entry
from aetui.runs.filter_fields import ALIASES, FIELDS, NUMBERS, SPLITS, Value, field_name, option_names, value_of
from export.errors import nearest

HINT = "variant:vae state:running loss<0.03 text -not a OR b"
"""For an empty line."""

Test = Callable[[Entry], bool]

_FIELD = re.compile(r"([A-Za-z][\w./-]*)(\s*(?:!=|<=|>=|<|>|=)\s*|:\s*)")
_BARE = re.compile(r"[^\s()|\"]+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_REGEX = re.compile(r"/((?:[^/\\]|\\.|/(?![\s)]|$))*)/(?=[\s)]|$)")
_NUMBER = re.compile(r"([+-]?(?:\d+(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d{1,3}))?)([kM]?)")
_SCALES = {"": 1.0, "k": 1e3, "M": 1e6}
_DEEPEST = 50


class FilterError(ValueError):
    """What is wrong with a filter. at: the character that is wrong, from 0."""

    def __init__(self, text: str, at: int) -> None:
        super().__init__(text)
        self.at = at


@dataclass(frozen=True)
class Filter:
    """text: as it was typed. matches: whether a run passes."""

    text: str
    matches: Test


ALL = Filter("", lambda entry: True)
"""Everything passes."""


def parse(text: str, terms: Collection[str] = ()) -> Filter:
    """Read ``text``. terms: the names of logged terms, which are fields too. Raises FilterError and nothing else."""
    if not text.strip():
        return ALL
    return Filter(text, _Reader(text, frozenset(field_name(term) for term in terms)).read())


class _Reader:
    """Recursive descent over ``text``; ``at`` is where it stands."""

    def __init__(self, text: str, terms: Collection[str]) -> None:
        self.text = text
        self.terms = terms
        self.at = 0
        self.depth = 0

    def read(self) -> Test:
        test = self._any()
        if self.at < len(self.text):
            raise FilterError("this ) closes nothing", self.at)
        return test

    def _any(self) -> Test:
        tests = [self._all()]
        while self._takes("OR") or self._takes("|"):
            tests.append(self._all())
        return tests[0] if len(tests) == 1 else lambda entry: any(test(entry) for test in tests)

    def _all(self) -> Test:
        tests = []
        while not self._at_end():
            tests.append(self._one())
            while self._takes("AND"):
                if self._at_end():
                    raise FilterError("something is missing after AND", self.at)
        if not tests:
            raise FilterError("something is missing here", self.at)
        return tests[0] if len(tests) == 1 else lambda entry: all(test(entry) for test in tests)

    def _one(self) -> Test:
        self.depth += 1
        start = self.at
        if self.depth > _DEEPEST:
            raise FilterError(f"more than {_DEEPEST} levels are too deep", start)
        if self._takes("NOT") or self._takes("-"):
            self._skip()
            if self._at_end():
                raise FilterError("what is to be left out?", self.at)
            inner = self._one()
            test: Test = lambda entry: not inner(entry)  # noqa: E731
        elif self._takes("("):
            test = self._any()
            if not self._takes(")"):
                raise FilterError("a ) is missing for this (", start)
        elif (found := _FIELD.match(self.text, self.at)) and not self._is_path(found):
            test = self._field(found)
        else:
            test = _word(self._value("text"))
        self.depth -= 1
        return test

    def _is_path(self, found: re.Match[str]) -> bool:
        """``C:\\data`` or ``http://…`` are no fields."""
        return found.group(2) == ":" and self.text[found.end() : found.end() + 2] in ("//", "\\\\")

    def _field(self, found: re.Match[str]) -> Test:
        start, sign = self.at, found.group(2).strip()
        name = field_name(found.group(1))
        self._known(name, found.group(1), start)
        self.at = found.end()
        value_at = self.at
        if self._at_end() or self.text[self.at] == "|":
            wanted = "a number" if name in NUMBERS or sign in ("<", "<=", ">", ">=") else "a value"
            raise FilterError(f"{wanted} is missing after {found.group(0).strip()}", value_at)
        value = self._value(name)
        if sign in ("<", "<=", ">", ">="):
            return _comparison(name, sign, _number(value, value_at))
        test = _number_equals(name, value, value_at) if name in NUMBERS else _text_test(name, value, exact=sign == "=")
        return (lambda entry: not test(entry)) if sign == "!=" else test

    def _known(self, name: str, written: str, at: int) -> None:
        own = name.partition(".")[2] if name.partition(".")[0] in SPLITS else name
        options = option_names()
        if name in FIELDS or name in options or own in self.terms:
            return
        guess = nearest(name, [*FIELDS, *self.terms, *options])
        raise FilterError(f"no field {written!r}" + (f": did you mean {guess}?" if guess else ""), at)

    def _value(self, field: str) -> re.Pattern[str] | str:
        """The word, quoted text or /regular expression/ here."""
        start, rest = self.at, self.text[self.at]
        if rest == '"':
            found = _QUOTED.match(self.text, self.at)
            if found is None:
                raise FilterError('a closing " is missing', start)
            self.at = found.end()
            return re.sub(r"\\(.)", r"\1", found.group(1))
        if rest == "/":
            found = _REGEX.match(self.text, self.at)
            if found is None:
                raise FilterError('a closing / is missing (a path goes into "…")', start)
            self.at = found.end()
            return _regex(found.group(0)[1:-1], start)
        found = _BARE.match(self.text, self.at)
        if found is None:
            raise FilterError("something is missing here", start)
        self.at = found.end()
        word = found.group(0)
        if "*" in word and field not in NUMBERS:
            return _regex(fnmatch.translate(word), start)
        return word

    def _skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def _at_end(self) -> bool:
        """No term begins here: the end, a ``)`` or an ``OR``."""
        self._skip()
        return self.text[self.at : self.at + 1] in ("", ")", "|") or self._sees("OR")

    def _sees(self, word: str) -> bool:
        """``word`` is here; one of letters with nothing else behind it."""
        end = self.at + len(word)
        whole = not word.isalpha() or not self.text[end : end + 1].strip() or self.text[end] in "()"
        return self.text.startswith(word, self.at) and whole

    def _takes(self, word: str) -> bool:
        self._skip()
        seen = self._sees(word)
        self.at += len(word) if seen else 0
        return seen


def _regex(text: str, at: int) -> re.Pattern[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a pattern may come to mean in a later Python
            return re.compile(text, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise FilterError(f"no regular expression: {error}", at) from error


def _holds(value: Value, wanted: re.Pattern[str] | str) -> bool:
    text = "" if value is None else str(value)
    return wanted.search(text) is not None if isinstance(wanted, re.Pattern) else wanted.lower() in text.lower()


def _word(wanted: re.Pattern[str] | str) -> Test:
    variants = () if isinstance(wanted, re.Pattern) else ALIASES["variant"].get(wanted.lower(), ())
    return lambda entry: (
        entry.variant in variants or any(_holds(text, wanted) for text in (entry.name, entry.variant, entry.data))
    )


def _text_test(name: str, wanted: re.Pattern[str] | str, *, exact: bool) -> Test:
    if isinstance(wanted, re.Pattern):
        return lambda entry: _holds(value_of(entry, name), wanted)
    word = wanted.lower()
    if (values := ALIASES.get(name, {}).get(word)) is not None:
        return lambda entry: value_of(entry, name) in values
    number = _read_number(wanted)

    def test(entry: Entry) -> bool:
        value = value_of(entry, name)
        if value is None:
            return word == "none"
        if isinstance(value, bool):
            return word == str(value).lower()
        if isinstance(value, float):
            return number is not None and abs(value - number[0]) <= number[1]
        return value.lower() == word if exact else word in value.lower()

    return test


def _number_equals(name: str, wanted: re.Pattern[str] | str, at: int) -> Test:
    if isinstance(wanted, str) and wanted.lower() == "none":
        return lambda entry: value_of(entry, name) is None
    if isinstance(wanted, str) and ".." in wanted:
        low, high = (_number(part, at) for part in wanted.split("..", 1))
        return lambda entry: isinstance(value := value_of(entry, name), int | float) and low <= value <= high
    found = None if isinstance(wanted, re.Pattern) else _read_number(wanted)
    if found is None:
        raise FilterError(f"{name} is a number", at)
    middle, within = found
    return lambda entry: isinstance(value := value_of(entry, name), int | float) and abs(value - middle) <= within


def _comparison(name: str, sign: str, limit: float) -> Test:
    def test(entry: Entry) -> bool:
        value = value_of(entry, name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        if sign in ("<", "<="):
            return value < limit or (sign == "<=" and value == limit)
        return value > limit or (sign == ">=" and value == limit)

    return test


def _number(wanted: re.Pattern[str] | str, at: int) -> float:
    found = None if isinstance(wanted, re.Pattern) else _read_number(wanted)
    if found is None:
        shown = wanted.pattern if isinstance(wanted, re.Pattern) else wanted
        raise FilterError(f"{shown!r} is no number", at)
    return found[0]


def _read_number(text: str) -> tuple[float, float] | None:
    """(the number, half a unit of its last digit): 0.03 is what is written so; or None. ``12k`` is 12,000."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    digits = len(found.group(2) or found.group(3) or "")
    scale = _SCALES[found.group(5)]
    try:
        return float(found.group(1)) * scale, 0.5 * 10.0 ** (int(found.group(4) or 0) - digits) * scale
    except OverflowError:
        return None
