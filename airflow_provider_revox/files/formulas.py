"""Read the formulas that spreadsheets wrap text in."""

from __future__ import annotations

import re

_TEXT = '((?:[^"]++|"")*+)'
_is_wrapped = re.compile(rf'=\s*(?:"{_TEXT}"|T\s*\(\s*"{_TEXT}"\s*\))', re.IGNORECASE).fullmatch


def unwrapped(cell: str) -> str:
    """
    Return the text of a formula that only wraps text, as ``="0612345678"``; other cells pass.

    Exports write such formulas so that a spreadsheet keeps zeros, plus signs and long numbers.
    """
    if '"' not in cell or (formula := _is_wrapped(cell.strip())) is None:
        return cell
    text: str = formula[2] if formula[1] is None else formula[1]
    return text.replace('""', '"')
