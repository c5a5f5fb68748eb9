#!/usr/bin/env bash
# Lints the workflows, the examples, every action.yml and the shell scripts: `npm run lint:workflows`. It says which linters
# can't be installed and are left out; with --all, that is a failure.
set -euo pipefail
cd "$(dirname "$0")/../.."

dev/tools/install.sh "$@"
bin=.tools/bin

# actionlint passes the scripts in a workflow's `run` to shellcheck, if it is installed.
shellcheck=
if [ -x "$bin/shellcheck" ]; then
  shellcheck=$bin/shellcheck
  "$shellcheck" .ci/run dev/tools/*.sh src/pause/*.sh
  printf 'shellcheck: no findings in the scripts\n'
fi

if [ -x "$bin/actionlint" ]; then
  "$bin/actionlint" -shellcheck "$shellcheck" -pyflakes '' .github/workflows/*.yml examples/*.yml
  printf 'actionlint: no findings in the workflows and examples\n'
fi

if [ -x "$bin/zizmor" ]; then
  zizmor() { "$bin/zizmor" --offline --quiet --no-progress --strict-collection "$@"; }
  zizmor --persona pedantic --no-config .github action.yml ./*/action.yml
  zizmor --config dev/tools/zizmor-examples.yml examples/*.yml examples/*/action.yml
  printf 'zizmor: no findings in the workflows, actions and examples\n'
fi
