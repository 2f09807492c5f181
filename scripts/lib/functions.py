"""The Lambda functions, as listed in infrastructure/functions.txt."""

import pathlib

_LIST = pathlib.Path(__file__).resolve().parents[2] / "infrastructure" / "functions.txt"
_LINES = [line.split() for line in _LIST.read_text().splitlines() if line and not line.startswith("#")]

FUNCTIONS = [name for name, *_ in _LINES]
# Functions that may ask the language model.
MODEL_FUNCTIONS = [name for name, *properties in _LINES if "model" in properties]
