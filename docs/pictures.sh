#!/bin/sh
# Draws the pictures of the README from the real views, with the machine that the tests make up.
cd "$(dirname "$0")/.." && UPDATE_PICTURES=1 cargo test --lib pictures
