#!/usr/bin/env bash
# On the machine: look.sh SECONDS RESULTS: waits that long, or until the chain ends, then shows how far it is and puts
# curves, scores and logs in RESULTS, in one file.
cd /tmp/w || exit 1
for _ in $(seq "$1"); do
  [ "$(cat stage)" != done ] || break
  sleep 1
done
date '+%T %s'
cat log/chain.txt | cut -c1-300 | tail -n 12
for name in $(cut -d' ' -f1 shapes.txt); do grep -v -i warn "log/$name.txt" | cut -c1-200 | tail -n 2; done
grep -h -A3 failed log/search.txt log/confirm.txt 2> /dev/null | cut -c1-900 | head -n 20
wc -l search.out confirm.out 2> /dev/null
tail -n 3 search.out confirm.out 2> /dev/null | cut -c1-250
cat log/choose.txt 2> /dev/null
nvidia-smi --query-gpu=utilization.gpu,memory.used --format=csv,noheader
for name in $(cut -d' ' -f1 shapes.txt); do cp "out/$name/log.jsonl" "log/$name.jsonl"; done
cp search.out confirm.out chosen.jsonl log/ 2> /dev/null
tar -C /tmp/w -czf "$2/results.tar.gz" log
