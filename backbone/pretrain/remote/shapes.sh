#!/usr/bin/env bash
# On the machine, in the first folder: shapes.sh SECONDS SEARCH CONFIRM MODEL: unpacks, encodes the folder's part of
# text, then pretrains each shape of shapes.txt from nothing on a GPU of its own, in the background, for SECONDS. Behind
# that the runs of search.jsonl for SEARCH seconds (the encoder of MODEL, an export, unless a run names another), and
# what they choose with old.jsonl for CONFIRM seconds. The times stand in /tmp/w/until.*, and may be changed there.
here=$(cd "$(dirname "$0")" && pwd)
w=/tmp/w
mkdir -p $w/text $w/log $w/out
cp "$here"/*.py "$here"/*.sh "$here"/*.jsonl "$here/shapes.txt" $w/
cp "$here/tokenizer.json" $w/text/
cp "$4" $w/model.onnx
bash "$here/part.sh" wait
now=$(date +%s)
echo $((now + $1)) > $w/until.shapes
echo $((now + $1 + $2)) > $w/until.search
echo $((now + $1 + $2 + $3)) > $w/until.confirm
setsid bash $w/chain.sh > $w/log/chain.txt 2>&1 < /dev/null &
nvidia-smi -L
cat $w/log/prepare-*.txt
date '+%T %s'
