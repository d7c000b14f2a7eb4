"""A QR code as SVG: ISO/IEC 18004:2015, byte mode, versions 1 to 10, error correction level M."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from markupsafe import escape

BLOCKS = {
    1: (10, ((1, 16),)), 2: (16, ((1, 28),)), 3: (26, ((1, 44),)), 4: (18, ((2, 32),)), 5: (24, ((2, 43),)),
    6: (16, ((4, 27),)), 7: (18, ((4, 31),)), 8: (22, ((2, 38), (2, 39))), 9: (22, ((3, 36), (2, 37))),
    10: (26, ((4, 43), (1, 44))),
}  # fmt: skip
"""Table 9: by version how many correction codewords a block has, and (blocks, data codewords) of each kind."""
ALIGNED = {1: (), 2: (6, 18), 3: (6, 22), 4: (6, 26), 5: (6, 30), 6: (6, 34), 7: (6, 22, 38), 8: (6, 24, 42),
           9: (6, 26, 46), 10: (6, 28, 50)}  # fmt: skip
"""Table E.1: where the alignment patterns have their middle."""
QUIET = 4
"""Modules of white around it (section 5.3.8)."""


class TooLong(ValueError):
    """More than version 10 holds."""


# The field of 256 elements that codewords are calculated in (section 7.5.2).
_EXP = [1]
for _ in range(254):
    _EXP.append(_EXP[-1] << 1 ^ (0x11D if _EXP[-1] & 0x80 else 0))
_LOG = {value: power for power, value in enumerate(_EXP)}


def _times(one: int, other: int) -> int:
    return _EXP[(_LOG[one] + _LOG[other]) % 255] if one and other else 0


def correction(data: Sequence[int], count: int) -> list[int]:
    """The Reed-Solomon codewords for one block: the remainder after division by the generator."""
    generator = [1]
    for power in range(count):
        shifted = [*generator, 0]
        for at, factor in enumerate(generator):
            shifted[at + 1] ^= _times(factor, _EXP[power])
        generator = shifted
    rest = [*data, *[0] * count]
    for at in range(len(data)):
        lead = rest[at]
        for step, factor in enumerate(generator):
            rest[at + step] ^= _times(factor, lead)
    return rest[len(data) :]


def version_for(length: int) -> int:
    """The smallest version that holds so many bytes."""
    for version, (_, blocks) in BLOCKS.items():
        room = 8 * sum(count * size for count, size in blocks) - 4 - (16 if version > 9 else 8)
        if 8 * length <= room:
            return version
    raise TooLong(f"{length} bytes are more than this code holds.")


def codewords(text: bytes, version: int) -> list[int]:
    """Data and correction of all blocks, interleaved (sections 7.4 to 7.6)."""
    each, blocks = BLOCKS[version]
    total = sum(count * size for count, size in blocks)
    width = 16 if version > 9 else 8
    bits = f"0100{len(text):0{width}b}" + "".join(f"{octet:08b}" for octet in text)
    bits += "0" * min(4, 8 * total - len(bits))
    bits += "0" * (-len(bits) % 8)
    data = [int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)]
    data += [(0xEC, 0x11)[at % 2] for at in range(total - len(data))]
    parts, at = [], 0
    for count, size in blocks:
        for _ in range(count):
            parts.append(data[at : at + size])
            at += size
    checks = [correction(part, each) for part in parts]
    longest = max(map(len, parts))
    said = [part[at] for at in range(longest) for part in parts if at < len(part)]
    return said + [check[at] for at in range(each) for check in checks]


MASKS: tuple[Callable[[int, int], bool], ...] = (
    lambda r, c: (r + c) % 2 == 0, lambda r, c: r % 2 == 0, lambda r, c: c % 3 == 0, lambda r, c: (r + c) % 3 == 0,
    lambda r, c: (r // 2 + c // 3) % 2 == 0, lambda r, c: r * c % 2 + r * c % 3 == 0,
    lambda r, c: (r * c % 2 + r * c % 3) % 2 == 0, lambda r, c: ((r + c) % 2 + r * c % 3) % 2 == 0,
)  # fmt: skip
"""Table 10."""


@dataclass
class Code:
    """The modules, row by row; what is a fixed pattern is `taken`."""

    version: int
    rows: list[list[bool]] = field(default_factory=list)
    taken: set[tuple[int, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.size = 17 + 4 * self.version
        self.rows = [[False] * self.size for _ in range(self.size)]

    def put(self, row: int, column: int, dark: bool) -> None:
        if 0 <= row < self.size and 0 <= column < self.size:
            self.rows[row][column] = dark
            self.taken.add((row, column))

    def patterns(self) -> None:
        """Finders, timing, alignment, and the room for format and version (section 6.3)."""
        for row, column in ((3, 3), (3, self.size - 4), (self.size - 4, 3)):
            for r in range(-4, 5):
                for c in range(-4, 5):
                    self.put(row + r, column + c, max(abs(r), abs(c)) in (0, 1, 3))
        for at in range(8, self.size - 8):
            self.put(6, at, at % 2 == 0)
            self.put(at, 6, at % 2 == 0)
        middles = ALIGNED[self.version]
        for row in middles:
            for column in middles:
                if (row, column) not in self.taken or (6 in (row, column) and self._free(row, column)):
                    for r in range(-2, 3):
                        for c in range(-2, 3):
                            self.put(row + r, column + c, max(abs(r), abs(c)) != 1)
        self.format(0)
        if self.version > 6:
            for at, dark in enumerate(version_bits(self.version)):
                row, column = at // 3, self.size - 11 + at % 3
                self.put(row, column, dark)
                self.put(column, row, dark)

    def _free(self, row: int, column: int) -> bool:
        """On a timing pattern, not in the corner of a finder."""
        edge = self.size - 7
        return (row, column) not in ((6, 6), (6, edge), (edge, 6))

    def format(self, mask: int) -> None:
        """Twice the level and the mask (section 7.9)."""
        bits = format_bits(mask)
        for at, dark in enumerate(bits):
            self.put(*(*_first(at), dark))
            self.put(*((self.size - 1 - at, 8) if at < 7 else (8, self.size - 15 + at)), dark)
        self.put(self.size - 8, 8, True)

    def fill(self, words: Sequence[int]) -> None:
        """Up and down in columns of two, from the right (section 7.7.3)."""
        bits = (bool(word >> (7 - at) & 1) for word in words for at in range(8))
        for row, column in self._way():
            self.rows[row][column] = next(bits, False)

    def _way(self) -> Iterator[tuple[int, int]]:
        up = True
        for right in [*range(self.size - 1, 6, -2), *range(5, 0, -2)]:
            for row in range(self.size - 1, -1, -1) if up else range(self.size):
                for column in (right, right - 1):
                    if (row, column) not in self.taken:
                        yield row, column
            up = not up

    def masked(self, mask: int) -> "Code":
        made = Code(self.version)
        made.taken = self.taken
        hit = MASKS[mask]
        made.rows = [
            [dark ^ ((r, c) not in self.taken and hit(r, c)) for c, dark in enumerate(row)]
            for r, row in enumerate(self.rows)
        ]
        made.format(mask)
        return made

    def penalty(self) -> int:
        """How hard it is to read (section 7.8.3.1): runs, squares, what looks like a finder, more dark than light."""
        lines = ["".join("#" if dark else "." for dark in row) for row in self.rows]
        lines += ["".join(each) for each in zip(*lines, strict=True)]
        found = 0
        for line in lines:
            run = 1
            for before, after in zip(line, line[1:] + " ", strict=True):
                if before == after:
                    run += 1
                else:
                    found += run - 2 if run >= 5 else 0
                    run = 1
            for like in ("#.###.#....", "....#.###.#"):
                found += 40 * sum(line.startswith(like, at) for at in range(len(line)))
        for r in range(self.size - 1):
            for c in range(self.size - 1):
                square = {self.rows[r][c], self.rows[r][c + 1], self.rows[r + 1][c], self.rows[r + 1][c + 1]}
                found += 3 * (len(square) == 1)
        dark = sum(map(sum, self.rows))
        return found + 10 * (abs(20 * dark - 10 * self.size**2) // self.size**2)


def _first(at: int) -> tuple[int, int]:
    """Around the finder at the top left: along row 8, then up column 8, around the timing patterns."""
    if at < 8:
        return 8, at + (at > 5)
    return 14 - at + (at < 9), 8


def _checked(value: int, generator: int, bits: int) -> int:
    """`value` followed by its remainder (annexes C and D)."""
    rest = value << bits
    while rest.bit_length() > bits:
        rest ^= generator << (rest.bit_length() - bits - 1)
    return value << bits | rest


def format_bits(mask: int) -> list[bool]:
    """Level M is 00; the pattern keeps them from being all light."""
    word = _checked(mask, 0b10100110111, 10) ^ 0b101010000010010
    return [bool(word >> (14 - at) & 1) for at in range(15)]


def version_bits(version: int) -> list[bool]:
    """The lowest bit first, as they are placed."""
    word = _checked(version, 0b1111100100101, 12)
    return [bool(word >> at & 1) for at in range(18)]


def code(text: str) -> Code:
    """The code of `text`, with the mask that reads best. Raises TooLong."""
    octets = text.encode()
    plain = Code(version_for(len(octets)))
    plain.patterns()
    plain.fill(codewords(octets, plain.version))
    return min((plain.masked(mask) for mask in range(len(MASKS))), key=Code.penalty)


def svg(text: str, label: str) -> str:
    """Black on white in any theme, a module a unit; `label` is what it says for who does not see it."""
    made = code(text)
    runs = []
    for r, row in enumerate(made.rows):
        c = 0
        while c < made.size:
            if row[c]:
                start = c
                while c < made.size and row[c]:
                    c += 1
                runs.append(f"M{start + QUIET} {r + QUIET}h{c - start}v1h-{c - start}z")
            else:
                c += 1
    side = made.size + 2 * QUIET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img" shape-rendering="crispEdges">'
        f'<title>{escape(label)}</title><path fill="#fff" d="M0 0h{side}v{side}H0z"/>'
        f'<path fill="#000" d="{"".join(runs)}"/></svg>'
    )
