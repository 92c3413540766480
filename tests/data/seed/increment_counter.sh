#!/bin/sh
# Count from 1: the next number at each call.
count=$(($(cat counter 2>/dev/null || echo 0) + 1))
echo "$count" | tee counter
