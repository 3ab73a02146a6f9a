"""Rewrite lines of CSV that Python's csv module reads otherwise than spreadsheets do."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator

from airflow_provider_revox.files.blank import SPACES

_TEXT = '((?:[^"]++|"")*+)'  # never matched again in another way, so a long cell takes no long time


class CsvLines:
    """
    Hands lines to ``csv.reader``, so that a cell may have blanks around its quotes.

    :param blocks: Blocks of whole lines.
    :param delimiter: The character between two cells.
    """

    def __init__(self, blocks: Iterable[str], delimiter: str) -> None:
        self._blocks = blocks
        self._tidy = _Tidy(delimiter)
        self.row_ended = True
        """The reader sets this at the end of each row. A line that follows no end continues a quoted cell."""
        self.have_formulas = False
        """Whether a cell may be a formula, which :func:`~.formulas.unwrapped` then tells."""

    def __iter__(self) -> Iterator[str]:
        for block in self._blocks:
            lines = io.StringIO(block, newline="")
            if '"' not in block:  # neither begins nor ends a quoted cell
                yield from lines
                continue
            self.have_formulas = self.have_formulas or "=" in block
            may_change = self._tidy.may_change(block)
            for line in lines:
                text = self._tidy.line(line, within_quotes=not self.row_ended) if may_change else line
                self.row_ended = False
                yield text


class _Tidy:
    """Takes blanks around quotes, and formulas with a delimiter in their text, out of lines."""

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter
        self._spaces = [space for space in SPACES if space != delimiter]
        one = f"[{re.escape(''.join(self._spaces))}]"
        any_, before, end = (
            f"{one}*",
            f"(?:^|{re.escape(delimiter)})",
            f"(?={re.escape(delimiter)}|[\r\n]|\\Z)",
        )
        closed = f'"{any_}{end}'
        self._is_untidy = re.compile(f'"{one}+{end}|{before}(?:{one}+"|{any_}={any_}["T])').search
        # A formula that wraps text is read as that text.
        self._quoted = re.compile(f'{any_}(?:={any_})?"{_TEXT}({closed}|\\Z)').match
        self._called = re.compile(f'{any_}={any_}T\\({any_}"{_TEXT}"{any_}\\){any_}{end}').match
        self._opened = re.compile(f'{any_}(?=")').match
        self._rest = re.compile(f"{_TEXT}({closed}|\\Z)").match

    def may_change(self, text: str) -> bool:
        """Return whether a line of a text may have to change. To search for two characters takes little."""
        return (
            '="' in text
            or '("' in text
            or any(space in text and (f'{space}"' in text or f'"{space}' in text) for space in self._spaces)
        )

    def line(self, line: str, *, within_quotes: bool) -> str:
        """
        Return a line with each quoted or wrapped cell as the csv module expects it.

        :param within_quotes: Whether the line begins within a quoted cell.
        """
        if not self._is_untidy(line):
            return line
        cell, place = self._rest_of_cell(line) if within_quotes else self._cell(line, 0)
        cells = [cell]
        while place < len(line) and line[place] == self._delimiter:
            cell, place = self._cell(line, place + 1)
            cells.append(cell)
        return self._delimiter.join(cells) + line[place:]

    def _cell(self, line: str, place: int) -> tuple[str, int]:
        """Return a cell as the csv module expects it, and where it ends."""
        if cell := self._quoted(line, place):
            return f'"{cell[1]}{cell[2][:1]}', cell.end()
        if cell := self._called(line, place):
            return f'"{cell[1]}"', cell.end()
        if cell := self._opened(line, place):
            return line[cell.end() :], len(line)  # more than blanks behind the closing quote: csv refuses it
        end = line.find(self._delimiter, place)
        end = len(line) if end < 0 else end
        return line[place:end], end

    def _rest_of_cell(self, line: str) -> tuple[str, int]:
        if cell := self._rest(line):
            return f"{cell[1]}{cell[2][:1]}", cell.end()
        return line, len(line)
