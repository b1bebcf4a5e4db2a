#!/bin/sh
# Stands where Electron's program stands: `electron [switches] [-r file] <application's folder> [files]`.
# Playwright takes NODE_OPTIONS away.
export NODE_OPTIONS="$GIGATILE_STAND_IN_NODE_OPTIONS"
exec "${GIGATILE_TEST_NODE:-node}" "$(dirname "$0")/program.ts" "$@"
