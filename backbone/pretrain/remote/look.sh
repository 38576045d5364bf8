#!/usr/bin/env bash
# On the machine: look.sh SECONDS RESULTS: waits that long, or until the chain ends, then shows how far it is and puts
# scores and logs in RESULTS, in one file.
cd /tmp/w || exit 1
for _ in $(seq "$1"); do
  [ "$(cat stage)" != done ] || break
  sleep 1
done
cp search.out confirm.out chosen.jsonl log/ 2> /dev/null
tar -C /tmp/w -czf "$2/results.tar.gz" log
date '+%T %s'
cut -c1-200 log/chain.txt | tail -n 3
grep -h -A3 failed log/search*.txt log/confirm.txt 2> /dev/null | cut -c1-600 | head -n 8
cut -c1-110 search.out
cut -c1-110 confirm.out 2> /dev/null
cat log/choose.txt 2> /dev/null
nvidia-smi --query-gpu=utilization.gpu,memory.used --format=csv,noheader
