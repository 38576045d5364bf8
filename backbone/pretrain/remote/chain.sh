#!/usr/bin/env bash
# On the machine: chain.sh: what shapes.sh began, one stage after the other; /tmp/w/stage names the one at work.
cd /tmp/w || exit 1
export PYTHONUNBUFFERED=1 TORCHINDUCTOR_CACHE_DIR=/tmp/w/inductor OMP_NUM_THREADS=4 RAYON_NUM_THREADS=4
gpus=${GPUS:-$(nvidia-smi -L | wc -l)}
left() { echo $(($(cat "until.$1") - $(date +%s))); }
stage() { echo "$1" > stage; date "+%T %s $1"; }

stage shapes
gpu=0
while read -r name shape; do
  for graph in --graph ''; do # the second only where the first failed
    # shellcheck disable=SC2086
    CUDA_VISIBLE_DEVICES=$gpu python3 pretrain.py --text text --out "out/$name" --deadline until.shapes $graph $shape \
      --order 1 --gen-hidden 128 --gen-layers 3 --batch 256 --lr 1e-3 --warmup 1000 --validate 2500 \
      --save-minutes 60 $MORE >> "log/$name.txt" 2>&1 < /dev/null && break
  done &
  gpu=$(((gpu + 1) % gpus))
done < shapes.txt
python3 from_onnx.py model.onnx r3.pt
python3 hold.py tasks hold --folds 3
cp hold/all/boolq/questions.jsonl tasks/boolq/
wait
stage search
python3 evaluate.py r3.pt text/tokenizer.json 'hold/f{seed}' --runs search.jsonl --gpus "$gpus" --together "${TOGETHER:-6}" \
  --out search.out --seconds "$(left search)" > log/search.txt 2>&1
stage confirm
python3 choose.py search.jsonl search.out > chosen.jsonl 2> log/choose.txt
cat chosen.jsonl old.jsonl > confirm.jsonl
python3 evaluate.py r3.pt text/tokenizer.json tasks --runs confirm.jsonl --gpus "$gpus" --together "${TOGETHER:-6}" \
  --out confirm.out --seconds "$(left confirm)" > log/confirm.txt 2>&1
stage done
