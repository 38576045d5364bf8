#!/usr/bin/env bash
# On the machine, in the first folder: first.sh SECONDS ARGS...: unpacks the scripts, encodes the folder's parts of
# text, then pretrains in the background until SECONDS from now, with ARGS for pretrain.py; with RUN=shapes.sh the shapes
# of the folder's shapes.txt instead.
here=$(cd "$(dirname "$0")" && pwd)
w=/tmp/w
mkdir -p $w/text $w/log $w/out
cp "$here"/*.py "$here"/*.sh $w/
cp "$here/tokenizer.json" $w/text/
for extra in init.pt shapes.txt; do [ ! -e "$here/$extra" ] || cp "$here/$extra" $w/; done
echo $(($(date +%s) + $1)) > $w/deadline
shift
bash "$here/part.sh" wait
setsid bash "$w/${RUN:-train.sh}" "$@" > /dev/null 2>&1 < /dev/null &
nvidia-smi -L
cat $w/log/prepare-*.txt
date '+%T %s'
