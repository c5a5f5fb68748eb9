#!/usr/bin/env bash
# Installs in .tools/ what isn't an npm package: the linters of the workflows, and what the tests of the workflows need.
# As root on Debian or Ubuntu it installs the packages for the tests of a pause too.
# Every version is pinned here or in requirements.txt, and nothing is installed twice. If Go or Python is missing, it
# says what is left out; with --all, that is a failure.
set -euo pipefail
cd "$(dirname "$0")/../.."

actionlint=github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
act=github.com/nektos/act@v0.2.87
requirements=dev/tools/requirements.txt

bin=$PWD/.tools/bin
python=$PWD/.tools/python
mkdir -p "$bin"

missing=0
leave_out() {
  printf 'left out: %s, as there is no %s here\n' "$1" "$2" >&2
  missing=1
}

# Installs a Go program by its package and version. Building it here gives the same version everywhere.
go_program() {
  local package=${1%@*} version=${1#*@}
  local program=$bin/${package##*/}
  # Go itself tells which version was built. Its whole output is read: closing the pipe early would look like an error.
  if [ -x "$program" ] && go version -m "$program" | grep "^.mod.*[[:space:]]${version//./\\.}[[:space:]]" >/dev/null; then
    return
  fi
  printf 'installing %s %s\n' "${package##*/}" "$version"
  GOBIN=$bin CGO_ENABLED=0 go install "$package@$version"
}

if command -v go >/dev/null; then
  go_program "$actionlint"
  go_program "$act"
else
  leave_out 'actionlint and act' 'Go'
fi

# The copy is made last, so that an interrupted installation starts again from scratch.
if command -v python3 >/dev/null; then
  if ! cmp -s "$requirements" "$python/requirements.txt"; then
    printf 'installing the Python packages of %s\n' "$requirements"
    rm -rf "$python"
    python3 -m venv "$python"
    "$python/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --requirement "$requirements"
    for program in aws shellcheck zizmor; do
      ln -sf "../python/bin/$program" "$bin/$program"
    done
    cp "$requirements" "$python/requirements.txt"
  fi
else
  leave_out 'zizmor, shellcheck and the AWS CLI' 'Python 3'
fi

# What the tests of a pause need, from Debian's packages. They freeze file systems, so they run as root or not at all.
packages=(busybox dash e2fsprogs mariadb-server openssh-client openssh-server postgresql sqlite3 util-linux xfsprogs)
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  if ! dpkg --status "${packages[@]}" >/dev/null 2>&1; then
    printf 'installing the Debian packages %s\n' "${packages[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update --quiet=2
    apt-get install --quiet=2 --yes --no-install-recommends "${packages[@]}" >/dev/null
  fi
else
  printf 'left out: what the tests of a pause need, as this is not root on Debian or Ubuntu\n' >&2
fi

if [ "${1:-}" = --all ]; then
  exit "$missing"
fi
