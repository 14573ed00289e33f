#!/usr/bin/env bash
# Finds or makes the Python that the scripts run on; to be sourced. Sets:
#   PYTHON            the interpreter
#   ASCEND_DEVICE_ID  0 unless set
# WITH_TEST_TOOLS=true has the tests' tools installed as well.
# Order: $PYTHON if given; an Ascend environment (python3 with npu_bridge); python3.7; 3.11, 3.10,
# 3.9, 3.8. An Ascend environment, and a given $PYTHON that has TensorFlow, are used as they are;
# any other is the base of a virtual environment in .venv/.

project_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export ASCEND_DEVICE_ID="${ASCEND_DEVICE_ID:-0}"
export PYTHONUNBUFFERED=1

has_module() { # has_module PYTHON MODULE
    "$1" -c "import importlib.util, sys; sys.exit(importlib.util.find_spec('$2') is None)" \
        >/dev/null 2>&1
}

find_python() { # find_python VERSION: prints a working interpreter of that version
    local candidate
    for candidate in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python; do
        # A pyenv shim exists for versions that are not active, and fails when run.
        if "$candidate" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$1')" \
            >/dev/null 2>&1; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    return 1
}

choose_base_python() {
    local version
    if [ -n "${PYTHON:-}" ]; then
        if ! command -v "$PYTHON"; then
            echo "error: PYTHON=$PYTHON is no program; name a Python 3.7 to 3.11" >&2
            return 1
        fi
        return
    fi
    if has_module python3 npu_bridge; then
        command -v python3
        return
    fi
    for version in 3.7 3.11 3.10 3.9 3.8; do
        find_python "$version" && return
    done
    echo "error: no Python 3.7, 3.11, 3.10, 3.9 or 3.8 found; install one or set PYTHON" >&2
    return 1
}

# Makes the virtual environment once; a marker inside says that it is complete and for what.
prepare_python() {
    local base version venv wanted
    base=$(choose_base_python) || return 1
    if has_module "$base" npu_bridge || { [ -n "${PYTHON:-}" ] && has_module "$base" tensorflow; }
    then
        PYTHON=$base
        return
    fi
    version=$("$base" -c 'import sys; print("%d.%d" % sys.version_info[:2])') || return 1
    venv="$project_dir/.venv/$version"
    wanted=$(cat "$project_dir/setup.py" "$project_dir/test/constraints-$version.txt" 2>/dev/null |
        cksum)
    if [ "$(cat "$venv/complete" 2>/dev/null)" != "$wanted" ]; then
        echo "setting up Python $version in $venv (once)"
        make_environment "$base" "$version" "$venv" || return 1
        echo "$wanted" >"$venv/complete"
    fi
    if ${WITH_TEST_TOOLS:-false} && [ ! -e "$venv/test_tools" ]; then
        echo "installing the tests' tools in $venv (once)"
        install_project "$version" "$venv" "[test]" || return 1
        touch "$venv/test_tools"
    fi
    PYTHON="$venv/bin/python"
}

make_environment() { # make_environment BASE VERSION FOLDER
    rm -rf "$3"
    mkdir -p "$3"
    logged "$3.log" "$1" -m venv "$3" &&
        logged "$3.log" "$3/bin/python" -m pip install "pip<24.1" wheel &&
        install_project "$2" "$3" ""
}

install_project() { # install_project VERSION FOLDER EXTRAS
    local constraints=()
    [ -f "$project_dir/test/constraints-$1.txt" ] &&
        constraints=(-c "$project_dir/test/constraints-$1.txt")
    logged "$2.log" "$2/bin/python" -m pip install ${constraints[@]+"${constraints[@]}"} \
        -e "$project_dir$3"
}

logged() { # logged LOG COMMAND...: runs a command, whose output goes to the log
    local log=$1
    shift
    if ! "$@" >>"$log" 2>&1; then
        tail -n 5 "$log" >&2
        echo "error: setting up the Python environment failed; the whole log is $log" >&2
        return 1
    fi
}

prepare_python || exit 2
export PYTHON
