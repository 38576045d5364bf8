#!/usr/bin/env bash
# On the machine: chain.sh: what recipes.sh began, one stage after the other; /tmp/w/stage names the one at work.
cd /tmp/w || exit 1
export PYTHONUNBUFFERED=1
gpus=${GPUS:-$(nvidia-smi -L | wc -l)}
stage() { echo "$1" > stage; date "+%T %s $1"; }
runs() { # LIST TOGETHER STAGE TASKS: the runs of a list until the stage ends
  python3 evaluate.py r3.pt tokenizer.json "$4" --runs "$1.jsonl" --gpus "$gpus" --together "$2" --out "$3.out" \
    --seconds "$(($(cat "until.$3") - $(date +%s)))" > "log/$1.txt" 2>&1
}

python3 from_onnx.py model.onnx r3.pt
stage search
runs search-long "${TOGETHER:-3}" search 'hold/f{seed}' &
runs search-short "${TOGETHER:-3}" search 'hold/f{seed}' &
wait
stage confirm
cat search-long.jsonl search-short.jsonl > search.jsonl
python3 choose.py search.jsonl search.out > chosen.jsonl 2> log/choose.txt
cat chosen.jsonl old.jsonl > confirm.jsonl
runs confirm "${TOGETHER:-5}" confirm tasks
stage done
