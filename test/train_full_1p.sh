#!/usr/bin/env bash
# Trains for 200 epochs on one device, then scores, and reports as ModelZoo's scripts do.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
KIND=full
RANK_SIZE=1
# shellcheck source=test/training.sh
. "$(dirname "${BASH_SOURCE[0]}")/training.sh"
