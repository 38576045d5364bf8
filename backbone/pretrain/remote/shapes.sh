#!/usr/bin/env bash
# On the machine: shapes.sh: pretrains each shape of shapes.txt from nothing on a GPU of its own, side by side, until the
# time in /tmp/w/deadline; curves and encoders in out/NAME. /tmp/w/done appears at the end.
cd /tmp/w || exit 1
export PYTHONUNBUFFERED=1 TORCHINDUCTOR_CACHE_DIR=/tmp/w/inductor OMP_NUM_THREADS=4 RAYON_NUM_THREADS=4
gpus=$(nvidia-smi -L | wc -l)
gpu=0
while read -r name shape; do
  for graph in --graph ''; do # the second only where the first failed
    # shellcheck disable=SC2086
    CUDA_VISIBLE_DEVICES=$gpu python3 pretrain.py --text text --out "out/$name" --deadline deadline $graph $shape \
      --order 1 --gen-hidden 128 --gen-layers 3 --batch 256 --lr 1e-3 --warmup 1000 --validate 2500 \
      --save-minutes 60 >> "log/$name.txt" 2>&1 < /dev/null && break
  done &
  gpu=$(((gpu + 1) % gpus))
done < shapes.txt
wait
touch done
