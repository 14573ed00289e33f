#!/usr/bin/env bash
# Trains for a short while on one device and reports the speed, as ModelZoo's scripts do.
set -euo pipefail
test_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

Network="Pix2Pix_ID0359_for_TensorFlow"
RANK_SIZE=1
batch_size=1
epoch=2
data_path=""
extra=()

show_help() {
    cat <<'HELP'
usage: bash test/train_performance_1p.sh [--data_path=DIR] [--FLAG=VALUE ...]

Trains pix2pix on one device for 2 epochs and reports images per second.
  --data_path=DIR   folder with train/ (and val/) of A|B pairs; without it, a small built-in set of
                    synthetic facades is made and used
  --epoch=N         passes over the data (2)
  --batch_size=N    pairs per step (1)
  --FLAG=VALUE      any other flag of estimator/train.py, such as --which_direction=BtoA
Results go to test/output/$ASCEND_DEVICE_ID/. A run that was interrupted is resumed; a finished or
a different one is renamed, never deleted.
HELP
}

for argument in "$@"; do
    case $argument in
    -h | --help)
        show_help
        exit 0
        ;;
    --data_path=*) data_path=${argument#*=} ;;
    --epoch=*) epoch=${argument#*=} ;;
    --batch_size=*) batch_size=${argument#*=} ;;
    --*=*) extra+=("$argument") ;;
    *)
        echo "error: $argument: flags are written --flag=value; see --help" >&2
        exit 2
        ;;
    esac
done

# shellcheck source=test/env.sh
. "$test_dir/env.sh"

output_dir="$test_dir/output/$ASCEND_DEVICE_ID"
log="$output_dir/train_$ASCEND_DEVICE_ID.log"
CaseName="${Network}_bs${batch_size}_${RANK_SIZE}p_perf"
mkdir -p "$output_dir"

if [ -z "$data_path" ]; then
    data_path="$test_dir/output/synthetic_facades"
    echo "no --data_path given: training on synthetic facades in $data_path, labels to photo"
    (cd "$test_dir/.." && "$PYTHON" -c '
import sys
from input_fn import write_data_set
write_data_set(sys.argv[1], train=100, val=10, seed=0)' "$data_path" 2>"$output_dir/synthetic.log") || {
        tail -n 5 "$output_dir/synthetic.log" >&2
        exit 1
    }
    # First, so that a flag of the user's wins.
    extra=(--which_direction=BtoA "${extra[@]}")
fi

start_time=$(date +%s)
status=0
"$PYTHON" "$test_dir/../estimator/train.py" \
    --data_path="$data_path" \
    --checkpoint_dir="$output_dir/ckpt" \
    --frozen_dir="$output_dir/frozen" \
    --existing=archive \
    --epoch="$epoch" \
    --batch_size="$batch_size" \
    "${extra[@]}" 2>&1 | tee "$log" || status=$?
if [ "$status" -ne 0 ]; then
    echo "error: training failed with exit code $status; its log is $log" >&2
    exit "$status"
fi
e2e_time=$(($(date +%s) - start_time))

"$PYTHON" "$test_dir/report.py" \
    --checkpoint_dir="$output_dir/ckpt" --output="$output_dir/$CaseName.log" \
    --network="$Network" --rank_size="$RANK_SIZE" --batch_size="$batch_size" \
    --case_name="$CaseName" --e2e_seconds="$e2e_time"
