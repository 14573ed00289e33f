#!/usr/bin/env bash
# Trains for a short while on one device and reports the speed, as ModelZoo's scripts do.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
KIND=performance
RANK_SIZE=1
# shellcheck source=test/training.sh
. "$(dirname "${BASH_SOURCE[0]}")/training.sh"
