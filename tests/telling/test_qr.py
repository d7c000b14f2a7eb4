"""The code on a card: the same modules as an encoder of somebody else draws, and what the standard prints as examples."""

from hashlib import sha256

import pytest

from webapp.telling import qr

FULL = (
    (1, 14, 1, "0267489041800a0b"),
    (2, 26, 2, "ec1a001b478f3f2e"),
    (3, 42, 3, "dddc7c401f98df8b"),
    (4, 62, 4, "651c6402662e76f2"),
    (5, 84, 5, "65320b789545cdbd"),
    (6, 106, 6, "dbed2237cad7c55c"),
    (7, 122, 7, "86cb1c25bfac72f6"),
    (8, 152, 0, "0dd9b2f721348b4f"),
    (9, 180, 1, "0ea89d6728a7921d"),
    (10, 213, 2, "90fa69eef392db98"),
)
"""Version, bytes it holds, a mask, and the digest of the modules that segno 1.6 draws for that."""


@pytest.mark.parametrize(("version", "length", "mask", "drawn"), FULL)
def test_every_version_is_drawn_module_by_module_as_others_do(version: int, length: int, mask: int, drawn: str) -> None:
    text = ("https://firsthand.example/vertel/open-dag?" * 10)[:length].encode()
    assert qr.version_for(length) == version
    code = qr.Code(version)
    code.patterns()
    code.fill(qr.codewords(text, version))
    modules = "".join("01"[dark] for row in code.masked(mask).rows for dark in row)
    assert sha256(modules.encode()).hexdigest()[:16] == drawn


def test_numbers_that_the_standard_prints() -> None:
    """ISO/IEC 18004:2015, annex I.3 (correction of version 1-M), table C.1 and table D.1."""
    data = [0x10, 0x20, 0x0C, 0x56, 0x61, 0x80, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11]
    assert qr.correction(data, 10) == [0xA5, 0x24, 0xD4, 0xC1, 0xED, 0x36, 0xC7, 0x87, 0x2C, 0x55]
    said = ["".join("01"[bit] for bit in qr.format_bits(mask)) for mask in (0, 5, 7)]
    assert said == ["101010000010010", "100000011001110", "100101010100000"]
    assert "".join("01"[bit] for bit in reversed(qr.version_bits(7))) == "000111110010010100"


def test_what_does_not_fit_is_refused() -> None:
    assert qr.version_for(213) == 10
    with pytest.raises(qr.TooLong):
        qr.svg("x" * 214, "x")


def test_the_picture_says_what_it_is_and_stands_in_white() -> None:
    picture = qr.svg("http://x/vertel", "<leads> there")
    assert 'viewBox="0 0 33 33"' in picture
    assert "<title>&lt;leads&gt; there</title>" in picture
