#!/usr/bin/env bash
# What the four train_*.sh scripts share; to be sourced with KIND (full or performance) and
# RANK_SIZE set and the script's arguments.
set -euo pipefail
test_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

Network="Pix2Pix_ID0359_for_TensorFlow"
batch_size=1
data_path=""
name_bind=""
wants_host=false
case $KIND in
full) epoch=200 case_suffix=acc ;;
performance) epoch=2 case_suffix=perf ;;
esac
launch_flags=()
train_flags=()
device_flags=()

show_help() {
    cat <<HELP
usage: bash test/$(basename "$0") [--data_path=DIR] [--FLAG=VALUE ...]

Trains pix2pix on $RANK_SIZE device(s) for $epoch epochs and reports images per second\
$([ "$KIND" = full ] && echo ', then scores val/ (or test/)').
  --data_path=DIR       folder with train/ (and val/) of A|B pairs; without it, a small built-in set of
                        synthetic facades is made and used
  --epoch=N             passes over the data ($epoch)
  --batch_size=N        pairs per step and device (1)
  --precision_mode=M    Ascend's names, such as allow_mix_precision
  --over_dump=True      NPU: dump operators that overflow, to test/output/overflow_dump
  --data_dump_flag=True NPU: dump operators' data, to test/output/data_dump
  --data_dump_step=N    which steps to dump (10)
  --profiling=True      profile, to test/output/profiling
  --autotune=True       NPU: tune operators
  --bind_core           give each rank its own share of the CPU's cores
  --rank_table=FILE     which devices train together (default: those of this machine)
  --rank_timeout=N      seconds without a step after which the job ends (600; 0: never)
  --FLAG=VALUE          any other flag of estimator/train.py, such as --which_direction=BtoA
Environment: RANK_SIZE (number of devices), ASCEND_DEVICE_ID (the first), RANK_INDEX (of this server),
PYTHON. Results go to test/output/\$ASCEND_DEVICE_ID/. A run that was interrupted is resumed; a finished
or a different one is renamed, never deleted.
HELP
}

is_true() {
    case $1 in [Tt]rue | 1 | yes) ;; *) return 1 ;; esac
}

# A flag and its value may also be two words, as train.py takes them.
joined=()
for argument in "$@"; do
    case $argument in
    -*) joined+=("$argument") ;;
    *)
        if [ "${#joined[@]}" -eq 0 ] || [[ ${joined[-1]} == *=* || ${joined[-1]} != --* ]]; then
            echo "error: $argument: belongs to no flag; see --help" >&2
            exit 2
        fi
        joined[-1]+="=$argument"
        ;;
    esac
done

output_root="$test_dir/output"
for argument in ${joined[@]+"${joined[@]}"}; do
    case $argument in
    -h | --help)
        show_help
        exit 0
        ;;
    --data_path=*) data_path=${argument#*=} ;;
    --epoch=*) epoch=${argument#*=} ;;
    --batch_size=*) batch_size=${argument#*=} ;;
    --rank_table=*) launch_flags+=("$argument") ;;
    --bind_core | --bind_core=*)
        if [ "$argument" = --bind_core ] || is_true "${argument#*=}"; then
            launch_flags+=(--bind_core)
            name_bind="_bindcore"
        fi
        ;;
    --device=*)
        case $argument in *=cpu | *=gpu) wants_host=true ;; esac
        device_flags=("$argument")
        ;;
    --*) train_flags+=("$argument") ;;
    *)
        echo "error: $argument: flags begin with two dashes; see --help" >&2
        exit 2
        ;;
    esac
done

# shellcheck source=test/env.sh
. "$test_dir/env.sh"

# Dumps and profiles go where ModelZoo's scripts put them, unless the user says otherwise.
train_flags=(
    "--over_dump_path=$output_root/overflow_dump"
    "--data_dump_path=$output_root/data_dump"
    "--profiling_dump_path=$output_root/profiling"
    ${train_flags[@]+"${train_flags[@]}"}
)
if ! $wants_host && has_module "$PYTHON" npu_bridge; then
    launch_flags+=(--npu)
    # First, so that a flag of the user's wins.
    train_flags=(--iterations_per_loop=auto "${train_flags[@]}")
fi

output_dir="$output_root/$ASCEND_DEVICE_ID"
CaseName="${Network}${name_bind}_bs${batch_size}_${RANK_SIZE}p_${case_suffix}"
mkdir -p "$output_dir"

if [ -z "$data_path" ]; then
    data_path="$output_root/synthetic_facades"
    echo "no --data_path given: training on synthetic facades in $data_path, labels to photo"
    (cd "$test_dir/.." && "$PYTHON" -c '
import sys
from input_fn import write_data_set
write_data_set(sys.argv[1], train=100, val=10, seed=0)' "$data_path" 2>"$output_dir/synthetic.log") || {
        tail -n 5 "$output_dir/synthetic.log" >&2
        exit 1
    }
    # First, so that a flag of the user's wins.
    train_flags=(--which_direction=BtoA "${train_flags[@]}")
fi

# Runs a command to its end; what this script is sent to stop goes on to it.
to_the_end() {
    local child code
    "$@" &
    child=$!
    trap 'kill -INT "$child" 2>/dev/null || true' INT
    trap 'kill -TERM "$child" 2>/dev/null || true' TERM
    while true; do
        code=0
        wait "$child" || code=$?
        kill -0 "$child" 2>/dev/null || break
    done
    trap - INT TERM
    return "$code"
}

start_time=$(date +%s)
RANK_SIZE="$RANK_SIZE" to_the_end "$PYTHON" "$test_dir/../estimator/launch.py" --output_dir="$output_root" \
    ${launch_flags[@]+"${launch_flags[@]}"} \
    --data_path="$data_path" --existing=archive --epoch="$epoch" --batch_size="$batch_size" \
    ${device_flags[@]+"${device_flags[@]}"} "${train_flags[@]}"

# On servers and hosts other than the first, the results are elsewhere.
if [ "${RANK_INDEX:-0}" != 0 ] || ! "$PYTHON" -c '
import json, os, sys
sys.exit(json.loads(os.environ.get("TF_CONFIG", "{}")).get("task", {}).get("index", 0))'; then
    exit 0
fi

# All pairs after a full training; after a short one some, to have something to look at.
report_flags=()
test_flags=(--data_path="$data_path" --checkpoint_dir="$output_dir/ckpt")
case $KIND in
full) report_flags=(--with_accuracy) ;;
performance) test_flags+=(--test_size=5) ;;
esac
if [ -d "$data_path/val" ] || [ -d "$data_path/test" ] || [ "$KIND" = full ]; then
    env -u RANK_SIZE -u TF_CONFIG "$PYTHON" "$test_dir/../estimator/train.py" --phase=test \
        "${test_flags[@]}" ${device_flags[@]+"${device_flags[@]}"} 2>&1 |
        tee -a "$output_dir/train_$ASCEND_DEVICE_ID.log"
    report_flags+=(--scored)
    echo "pictures to look at: $output_dir/ckpt/index.html"
else
    echo "no pictures and no scores: $data_path has neither val/ nor test/"
fi
e2e_time=$(($(date +%s) - start_time))

"$PYTHON" "$test_dir/report.py" \
    --checkpoint_dir="$output_dir/ckpt" --output="$output_dir/$CaseName.log" \
    --network="$Network" --rank_size="$RANK_SIZE" --batch_size="$batch_size" \
    --case_name="$CaseName" --e2e_seconds="$e2e_time" ${report_flags[@]+"${report_flags[@]}"}
