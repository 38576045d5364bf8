#!/usr/bin/env bash
# pack.sh PARTS TOKENIZER TASKS OUT [ENCODER]: what a run on a lent machine needs, in folders OUT/1 .. OUT/5 of at most
# 58 MB, to be sent one after the other. PARTS: folder of p*.txt.xz (mix.py, then xz), 14 of them of about 14 MB.
# OUT/1 has the scripts, the tokenizer, the encoder for a warm start and two parts; OUT/2 the tasks and three parts.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
parts=$1 tokenizer=$2 tasks=$3 out=$4 encoder=${5:-}
mkdir -p "$out"/{1,2,3,4,5}
cp "$here"/../*.py "$here"/*.sh "$tokenizer" "$out/1/"
[ -z "$encoder" ] || cp "$encoder" "$out/1/init.pt"
tar -C "$tasks" -cJf "$out/2/tasks.tar.xz" mnli lingnli wiki_nli sst2 boolq rte trec stsb cola
n=0
for part in "$parts"/p*.txt.xz; do
  n=$((n + 1))
  cp "$part" "$out/$((n <= 2 ? 1 : (n + 3) / 3))/"
done
for folder in 2 3 4 5; do cp "$here/part.sh" "$out/$folder/"; done
du -sm "$out"/*
