#!/usr/bin/env bash
# Trains the tasks that `sluice serve` starts with, and puts their bundles where it finds them: some minutes on
# two cores, but for boolean-answer, which takes hours there and five minutes on a GPU (DEVICE=cuda). What they
# reach is in examples/DATA.md.
#
#   [DEVICE=cuda] examples/train.sh [TASK...]     default: all four
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
bundles=$root/cli/src/main/resources/io/sluice/cli/examples
trained=$(mktemp -d)
trap 'rm -rf "$trained"' EXIT

java=${JAVA_HOME:+$JAVA_HOME/bin/}java

# The rows of this one are not in the repository, but what writes them.
notices=$root/examples/boolean-answer/notices

train() {
  local task=$1 rows=$root/examples/$1/train.jsonl
  shift
  if [[ $task == boolean-answer ]]; then
    rows=$trained/$task.jsonl
    "${java}c" -d "$trained/notices" "$notices"/*.java
    "$java" -cp "$trained/notices" Notices "$notices" 120000 11 > "$rows"
  fi
  "$root/sluice" train \
    --data "$rows" --dev "$root/examples/$task/dev.jsonl" \
    --out "$trained/$task.bundle" --seed 1 --device "${DEVICE:-cpu}" "$@"
}

(($#)) || set -- sentiment intent boolean-answer span-answer
for task; do
  case $task in
    sentiment | intent) train "$task" --max-params 0.7% --dropout 0.1 --label-smoothing 0.1 ;;
    boolean-answer)
      train "$task" --task-kind ANSWER_BOOLEAN --method everywhere --rank 48 --learning-rate 0.001 \
        --dropout 0.2 --label-smoothing 0.1 --max-tokens 96 --batch-size 128 --steps 5000 --evaluations 12 --patience 99
      ;;
    span-answer) train "$task" --max-params 0.7% --task-kind ANSWER_SPAN ;;
    *)
      printf 'train.sh: task: %s (expected: sentiment, intent, boolean-answer or span-answer)\n' "$task" >&2
      exit 2
      ;;
  esac
done
# Only now: the command is built again when its resources have changed.
mv "$trained"/*.bundle "$bundles"
