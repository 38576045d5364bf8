#!/usr/bin/env bash
# On the machine, in the first folder: recipes.sh SEARCH CONFIRM MODEL: the runs of search-*.jsonl, each list beside the
# other, for SEARCH seconds at most; then, for CONFIRM seconds at most, what they choose, and old.jsonl. In the
# background; the encoder is that of MODEL, an export, unless a run names another. The folder has data.tar.xz: tasks/
# and hold/, what hold.py made of them. The times stand in /tmp/w/until.*, and may be changed there.
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p /tmp/w/log /tmp/w/out /tmp/w/text
cp "$here"/*.py "$here"/*.sh "$here"/*.jsonl "$here/tokenizer.json" /tmp/w/
cp "$3" /tmp/w/model.onnx
cd /tmp/w || exit 1
tar -xJf "$here/data.tar.xz"
echo $(($(date +%s) + $1)) > until.search
echo $(($(date +%s) + $1 + $2)) > until.confirm
setsid bash chain.sh > log/chain.txt 2>&1 < /dev/null &
nvidia-smi -L
date '+%T %s'
