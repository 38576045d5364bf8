#!/usr/bin/env bash
# On the machine: finish.sh WAIT SECONDS RESULTS ARGS...: waits for the end of training (at most WAIT seconds), puts the
# encoder in RESULTS in pieces of 15 MB, then fine-tunes it on the tasks, with ARGS for evaluate.py.
cd /tmp/w || exit 1
wait=$1 seconds=$2 results=$3
shift 3
for _ in $(seq "$((wait * 2))"); do
  [ ! -e done ] || break
  sleep 0.5
done
date '+%T %s'
grep -v -i warn log/train0.txt | cut -c1-230 | tail -n 4
split -b 15000000 out/encoder.pt "$results/encoder.pt."
cp out/log.jsonl log/train0.txt "$results/"
python3 evaluate.py out/encoder.pt text/tokenizer.json tasks --gpus "$(nvidia-smi -L | wc -l)" --out "$results/eval.jsonl" --seconds "$seconds" "$@"
date '+%T %s'
ls -la "$results"
