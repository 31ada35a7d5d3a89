"""Hostile inputs: valid samples in which pieces are replaced, repeated or removed."""

from __future__ import annotations

from hypothesis import strategies as st

# Values that break readers of any format: long, deep, large, invisible, binary, infinite.
ANYWHERE = (
    *(b"", b"\0", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\x1b[2J", "\u202e".encode()),
    *(b"\n", b"\r", b"\t", b" ", b"-", b"1e400", b"nan", b"-0", b"9" * 30, b"9" * 5000, b"0x" * 9),
    *(
        b"true",
        b"null",
        b'"',
        b"'",
        b"\\ud800",
        b"\\",
        b"/",
        b"../",
        b"*",
        b"%",
        b"\xf0\x9f\x92\xa9",
    ),
)
YAML = (
    *(b": ", b":\n  ", b"- ", b"[", b"]", b"{", b"}", b", ", b"&a ", b"*a ", b"<<: ", b"? "),
    *(b"!!int ", b"!!float ", b"!!timestamp ", b"!!set ", b"!!omap ", b"!!binary ", b"!!pairs "),
    *(b"!!python/object/apply:os.abort []", b"1:1:", b"1:59:59.5", b"2020-01-01 ", b"| ", b"> "),
    *(b"%YAML 1.1\n", b"---\n", b"...\n", b"#", b"~", b"=", b"\xc2\x85", b"0b1_", b".inf", b"0o7"),
)
JSON = (
    *(b"[", b"]", b"{", b"}", b'{"a":', b'{"a": 1, "a": 2}', b",", b":", b"NaN", b"Infinity"),
    *(b"-Infinity", b"1.0", b"1E+999", b'"\\udfff"', b'"__proto__"', b"[[],[]],"),
)
REQUIREMENTS = (
    *(b"a==1\n", b"a;", b"(" * 9, b"a[b,c]", b"a @ file:///x", b"-r x\n", b"==1.*", b"~=", b"!="),
    *(b"; python_version < '3'", b"1!2.post3.dev4+x", b"a::b", b"=1=b", b">=", b"<", b" or "),
)
CSV = (b",", b"\n,", b'"', b'""', b'"\n"', b",,,,,,,,", b"1_0", b"inf", b"NA", b"a,b,y\n", b";")
PATTERNS = (b"(?:a*)*", b"a{99999999999}", b"(?P<x>", b"[[a]", b"(?i)", b"\\1", b"***", b"*a" * 9)
PICKLES = (
    b"c",
    b"\x8c\x04",
    b"\x8d",
    b"\x93",
    b"(",
    b".",
    b"I1\n",
    b"L",
    b"X\xff\xff\xff\x7f",
    b"S'",
)
ZIPS = (b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"\xff" * 8)
TERMINAL = (b"\x1b]0;x\x07", b"\x9b", b"Traceback (most recent call last)\n", b":1: UserWarning: ")
MOST_TIMES = 200_000
MOST_BYTES = 2_000_000


@st.composite
def edited(draw: st.DrawFn, samples: tuple[bytes, ...], words: tuple[bytes, ...]) -> bytes:
    """Return a sample after a few edits; each replaces a piece by another one, repeated."""
    content = draw(st.sampled_from(samples))
    pieces = st.sampled_from((*words, *ANYWHERE)) | st.binary(max_size=6)
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(content)))
        length = draw(st.sampled_from((0, 0, 1, 2, 8, 64, len(content))))
        # A repeated piece can exhaust a reader, where a long random one is only refused.
        times = draw(st.sampled_from((1, 1, 1, 1, 2, 3, 50, 1000, 20_000, MOST_TIMES)))
        piece = draw(pieces)
        piece *= min(times, MOST_BYTES // max(1, len(piece)))
        content = content[:start] + piece + content[start + length :]
    return content
