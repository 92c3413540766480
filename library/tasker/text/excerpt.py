"""The lines of a stream that people see."""

EXCERPT = 20  # lines of a stream that the log shows
WIDEST = 1000  # characters of one line


def excerpt(result, stream, everything=False, most=EXCERPT):
    """The lines of a stream that the log shows: the first and the last, and how many are left out between.

    most: lines that are shown.
    """
    lines = result.get(stream, "").rstrip("\n").split("\n") if result.get(stream) else []
    lines += ["…", *result[f"{stream}_end"].rstrip("\n").split("\n")] if result.get(f"{stream}_end") else []
    if not everything:
        lines = [line if len(line) <= WIDEST else f"{line[:WIDEST]}… ({len(line) - WIDEST} more)" for line in lines]
    if everything or len(lines) <= most:
        return lines
    half, hidden = most // 2, len(lines) - most // 2 * 2
    where = f", whole in {result[f'{stream}_file']}" if f"{stream}_file" in result else ""
    return [*lines[:half], f"({hidden} more lines{where})", *lines[-half:]]
