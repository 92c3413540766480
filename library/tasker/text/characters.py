"""Sets of characters, for texts that may only have some: `not text.strip(WORD)` needs no regular expression.

`re` with what it imports takes 4 ms of the start, so a plain run does without it. Where a look for characters is as
short as the expression, it stands in its place.
"""

DIGITS = "0123456789"
SMALL = "abcdefghijklmnopqrstuvwxyz"
HEXADECIMAL = f"{DIGITS}abcdefABCDEF"
WORD = f"{SMALL}{SMALL.upper()}{DIGITS}_"
