#!/usr/bin/env bash
# Trains the tasks that `sluice serve` starts with, and puts their bundles where it finds them: some minutes on
# two cores. What they reach is in examples/DATA.md.
#
#   examples/train.sh [TASK...]     default: all four
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
bundles=$root/cli/src/main/resources/io/sluice/cli/examples
trained=$(mktemp -d)
trap 'rm -rf "$trained"' EXIT

train() {
  local task=$1
  shift
  "$root/sluice" train \
    --data "$root/examples/$task/train.jsonl" --dev "$root/examples/$task/dev.jsonl" \
    --out "$trained/$task.bundle" --max-params 0.7% --seed 1 "$@"
}

(($#)) || set -- sentiment intent boolean-answer span-answer
for task; do
  case $task in
    sentiment | intent) train "$task" --dropout 0.1 --label-smoothing 0.1 ;;
    boolean-answer) train "$task" --task-kind ANSWER_BOOLEAN --dropout 0.1 --label-smoothing 0.1 ;;
    span-answer) train "$task" --task-kind ANSWER_SPAN ;;
    *)
      printf 'train.sh: task: %s (expected: sentiment, intent, boolean-answer or span-answer)\n' "$task" >&2
      exit 2
      ;;
  esac
done
# Only now: the command is built again when its resources have changed.
mv "$trained"/*.bundle "$bundles"
