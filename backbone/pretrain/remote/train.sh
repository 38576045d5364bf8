#!/usr/bin/env bash
# On the machine: train.sh ARGS...: pretrains on all its GPUs with CUDA graphs until the time in /tmp/w/deadline. After a
# failure it goes on from the last state; where there is none, without graphs. /tmp/w/done appears at the end.
cd /tmp/w || exit 1
export PYTHONUNBUFFERED=1 TORCHINDUCTOR_CACHE_DIR=/tmp/w/inductor OMP_NUM_THREADS=4 RAYON_NUM_THREADS=4
export MASTER_ADDR=127.0.0.1 MASTER_PORT=29500 WORLD_SIZE
WORLD_SIZE=$(nvidia-smi -L | wc -l)
rm -f done

together() { # a process for each GPU; the first that fails takes the others along
  local rank status=0
  for ((rank = 0; rank < WORLD_SIZE; rank++)); do
    RANK=$rank python3 pretrain.py --text text --out out --deadline deadline $graph "$@" >> "log/train$rank.txt" 2>&1 &
  done
  for ((rank = 0; rank < WORLD_SIZE; rank++)); do
    wait -n || { status=1; kill -9 $(jobs -p) 2> /dev/null; }
  done
  return $status
}

graph=--graph
for try in 1 2 3 4; do
  together "$@" && break
  echo "try $try failed" >> log/train0.txt
  MASTER_PORT=$((MASTER_PORT + 1))
  [ -e out/state.pt ] || graph=
done
touch done
