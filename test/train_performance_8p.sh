#!/usr/bin/env bash
# Trains for a short while on RANK_SIZE devices, 8 unless it is set and reports the speed, as ModelZoo's scripts do.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
KIND=performance
RANK_SIZE=${RANK_SIZE:-8}
# shellcheck source=test/training.sh
. "$(dirname "${BASH_SOURCE[0]}")/training.sh"
