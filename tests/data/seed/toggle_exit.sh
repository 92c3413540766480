#!/bin/sh
# Exit 0 with a 1 on stdout, exit 1 with a 1 on stderr, and so on in turns.
if [ -e toggled ]; then
  rm toggled
  echo 1 >&2
  exit 1
fi
touch toggled
echo 1
