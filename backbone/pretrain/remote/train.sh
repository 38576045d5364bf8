#!/usr/bin/env bash
# On the machine: train.sh ARGS...: pretrains with CUDA graphs until the time in /tmp/w/deadline. After a failure it
# goes on from the last state; where there is none, without graphs. /tmp/w/done appears at the end.
cd /tmp/w || exit 1
export PYTHONUNBUFFERED=1 TORCHINDUCTOR_CACHE_DIR=/tmp/w/inductor
rm -f done
graph=--graph
for try in 1 2 3 4; do
  python3 pretrain.py --text text --out out --deadline deadline $graph "$@" >> log/train.txt 2>&1 && break
  echo "try $try failed" >> log/train.txt
  [ -e out/state.pt ] || graph=
done
touch done
