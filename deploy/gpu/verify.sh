#!/usr/bin/env bash
# Verifies sluice on a machine with an NVIDIA GPU and prints one table: what was measured, its target, met or missed.
#
#   verify.sh [--sections NAME,...] [--size LxH] [--seconds S] [--soak MINUTES] [--out DIR] [--device cuda] [--no-torch]
#
# Sections: correctness, serving, grpc, training, soak; default: all. A section that fails is said to and stops no
# other. Needs sluice in the PATH (source env.sh of unpack.sh), python3, and PyTorch there for what is compared with it.
# Exit code 0: all met; 1: a target missed; 2: wrong usage; 3: a section failed.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sections=correctness,serving,grpc,training,soak size=12x768 seconds=1 soak=10 out='' device=cuda torch=1
usage() { sed -n '2,8p' "${BASH_SOURCE[0]}" >&2; exit 2; }
while (($#)); do
  case $1 in
    --no-torch) torch=''; shift; continue ;;
    --sections | --size | --seconds | --soak | --out | --device) [[ $# -ge 2 ]] || usage ;;
    *) usage ;;
  esac
  case $1 in
    --sections) sections=$2 ;;
    --size) size=$2 ;;
    --seconds) seconds=$2 ;;
    --soak) soak=$2 ;;
    --out) out=$2 ;;
    --device) device=$2 ;;
  esac
  shift 2
done
for s in ${sections//,/ }; do
  case $s in correctness | serving | grpc | training | soak) ;; *) usage ;; esac
done
command -v sluice >/dev/null || { echo "sluice: not in the PATH (expected: source env.sh of unpack.sh)" >&2; exit 2; }
[[ -n $out ]] || out=$(mktemp -d)
mkdir -p "$out"
rows=$out/rows.tsv
: >"$rows"
backbone=random:$size
long=$(awk -v s="$seconds" 'BEGIN { print 4 * s }') # for training, where a second is few steps

row() { # section, what, value, unit, comparison (<=, >= or -), target
  printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$@" >>"$rows"
}
failed() { row "$1" "FAILED: $2" - - ! -; }
why() { # file of what a command said: its last line that is no line of a stack, short and without tabs
  grep -v '^[[:space:]]' "$1" 2>/dev/null | tail -n 1 | tr '\t' ' ' | cut -c1-120
}
run() { # log, command...: into the log, on with it when it fails
  local log=$out/$1; shift
  "$@" >"$log" 2>"$log.err"
}
torch_run() { [[ -n $torch ]] && run "$@"; }

# Logits and gradients against the processor's.
correctness() {
  local precision limit
  for precision in FP32 FP16; do
    limit=1e-3; [[ $precision = FP32 ]] || limit=3e-3
    run "engine-$precision.txt" sluice bench engine --device "$device" --backbone "$backbone" \
      --backbone-precision "$precision" --rows 8 --tasks 8 --tokens 128 --seconds 0.1
    local found
    found=$(sed -n 's/^logits against.*: \([0-9.e+-]*\) of the largest.*/\1/p' "$out/engine-$precision.txt")
    if [[ -n $found ]]; then
      row correctness "logits of 8 bundles, ${precision/FP32/TF32}, largest difference / largest logit" "$found" - '<=' "$limit"
    else
      failed correctness "bench engine in $precision: $(why "$out/engine-$precision.txt.err")"
    fi
  done
  run error.txt sluice bench device --device "$device" --backbone "$backbone" --part error --batch 8 --tokens 64
  awk -F'[ :,()]+' '/: loss .*gradients/ {
      form = /TF32/ ? "TF32" : "float32"; where = /all open/ ? "all open" : "upper half"
      for (i = 1; i < NF; i++) { if ($i == "gradients") g = $(i + 1); if ($i == "gates") z = $(i + 1); if ($i == "limit") l = $(i + 1) }
      printf "correctness\tgradients, %s, %s, relative\t%s\t-\t<=\t%s\n", form, where, g, l
      printf "correctness\tgradients of gates, %s, %s, relative\t%s\t-\t<=\t%s\n", form, where, z, l
    }' "$out/error.txt" >"$out/error.rows"
  cat "$out/error.rows" >>"$rows"
  [[ -s $out/error.rows ]] || failed correctness "bench device --part error: $(why "$out/error.txt.err")"
}

# The engine against one plain session, both on the device, and PyTorch's forward.
serving() {
  local precision
  for precision in FP32 FP16; do
    local name=${precision/FP32/TF32} log=$out/serving-$precision.txt
    run "serving-$precision.txt" sluice bench engine --device "$device" --backbone "$backbone" \
      --backbone-precision "$precision" --rows 1,8,32,64 --tasks 1,64,1000 --tokens 128 --seconds "$seconds"
    awk -v n="$name" '
      /^ *[0-9]+ +[0-9]+ +[0-9.]+ +[0-9.]+ +[0-9.]+ +[0-9.]+ +[0-9]+ *$/ {
        if (!($2 in seen)) { seen[$2] = 1; printf "serving\t%s, %s rows: plain session\t%s\tms\t-\t-\n", n, $2, $3 }
        printf "serving\t%s, %s rows: engine, %s task%s\t%s\tms\t-\t-\n", n, $2, $1, ($1 > 1 ? "s" : ""), $4
        printf "serving\t%s, %s rows: engine, %s task%s, of the speed of the plain session\t%s\t-\t>=\t%s\n", n, $2, $1, ($1 > 1 ? "s" : ""), $6, ($1 > 1 ? 0.8 : 0.9)
      }
      /^tasks: .* bytes each/ { for (i = 1; i < NF; i++) if ($(i + 1) == "bytes") each = $i }
      /bytes of the device for each/ { printf "serving\t%s: device memory for each further task, of its weights\t%.2f\t-\t<=\t1.5\n", n, $3 / each }
    ' "$log" >"$log.rows"
    cat "$log.rows" >>"$rows"
    [[ -s $log.rows ]] || failed serving "bench engine in $precision: $(why "$log.err")"
  done
  [[ -n $torch ]] || return 0
  files
  if torch_run torch-serving.jsonl python3 "$here/peer.py" "$out/steps" --serve 1,8,32,64 --seconds "$seconds"; then
    python3 - "$out/torch-serving.jsonl" >>"$rows" <<'END'
import json, sys
for line in open(sys.argv[1]):
    found = json.loads(line)
    if "ms" in found:
        print("serving", f"{found['framework']}, {found['rows']} rows: forward", f"{found['ms']:.2f}", "ms", "-", "-", sep="\t")
    else:
        print("serving", "FAILED: torch: " + found["failed"][:80].replace("\n", " "), "-", "-", "!", "-", sep="\t")
END
  else
    failed serving "peer.py --serve: $(why "$out/torch-serving.jsonl.err")"
  fi
}

# Steps of the trainer, and their files for PyTorch.
files() {
  [[ ! -s $out/learn.txt ]] || return 0
  run learn.txt sluice bench device --device "$device" --backbone "$backbone" --part learn --batch 32 --tokens 128 \
    --seconds "$long" --files "$out/steps"
}
training() {
  files
  awk '/^[0-9]+ x [0-9]+, / { where = /all open/ ? "all open" : "lower half closed, trunk kept"; printf "training\t%s\t%s\texamples/s\t-\t-\n", where, $NF }' \
    "$out/learn.txt" >"$out/learn.rows"
  cat "$out/learn.rows" >>"$rows"
  [[ -s $out/learn.rows ]] || { failed training "bench device --part learn: $(why "$out/learn.txt.err")"; return; }
  [[ -n $torch ]] || return 0
  torch_run torch-training.jsonl python3 "$here/peer.py" "$out/steps" --seconds "$long" ||
    { failed training "peer.py: $(why "$out/torch-training.jsonl.err")"; return; }
  python3 - "$out" >>"$rows" <<'END'
import json, pathlib, re, sys
out = pathlib.Path(sys.argv[1])
ours = [float(l.split()[-1]) for l in (out / "learn.txt").read_text().splitlines() if re.match(r"\d+ x \d+, ", l)]
for line in open(out / "torch-training.jsonl"):
    found = json.loads(line)
    everything = found["step"].endswith("-from-1")
    where, target = ("all open", 0.8) if everything else ("lower half closed, trunk kept", 1.5)
    if "failed" in found:
        print("training", "FAILED: torch: " + found["failed"][:80].replace("\n", " "), "-", "-", "!", "-", sep="\t")
        continue
    rate = found["examples_per_second"]
    print("training", f"{where}: {found['framework']}", f"{rate:.0f}", "examples/s", "-", "-", sep="\t")
    print("training", f"{where}: sluice / {found['framework']}", f"{ours[0 if everything else -1] / rate:.2f}", "-", ">=", target, sep="\t")
    print("training", f"{where}: first loss, difference to {found['framework']}", f"{found['first_loss_error']:.1e}", "-", "<=", "1e-3", sep="\t")
END
}

# Requests through gRPC, clients on the other cores: at what it carries and at half of that.
grpc() {
  local precision
  for precision in FP32 FP16; do
    run "load-$precision.json" sluice bench load --device "$device" --backbone "$backbone" --backbone-precision "$precision" \
      --tokens 128 --tasks 64 --rates 1000,2000,3000,4000,5000,6000,8000,10000,12000,16000 --seconds 5 --repeats 1 --json
    if ! python3 - "$out/load-$precision.json" "${precision/FP32/TF32}" >>"$rows" <<'END'
import json, sys
text = open(sys.argv[1]).read()
figures = json.loads(text[text.index("{"):])["figures"]
steps = [(s["rate"], s["windows"][0]) for s in figures["steps"]]
name = sys.argv[2]
# What it carries: the highest rate of which it answers at least 95 % in time.
carried = [s for s in steps if s[1]["goodput"] >= 0.95 * s[1]["asked"] / s[1]["seconds"]]
full = carried[-1] if carried else steps[0]
half = min(steps, key=lambda s: abs(s[0] - full[0] / 2))
above = [s for s in steps if s[0] > full[0]]
print("grpc", f"{name}, 64 tasks, highest rate of which 95 % is answered", f"{full[1]['goodput']:.0f}" if carried else 0, "/s", "-", "-", sep="\t")
if above:
    rate, window = max(above, key=lambda s: s[1]["goodput"])
    print("grpc", f"{name}, 64 tasks, most answers when overloaded, at {rate:.0f}/s", f"{window['goodput']:.0f}", "/s", "-", "-", sep="\t")
else:
    print("grpc", f"FAILED: {name}: the highest rate was carried, no end was seen", "-", "-", "!", "-", sep="\t")
for words, (rate, window), target in (("at that rate", full, "-"), (f"at half of it ({half[0]:.0f}/s)", half, "50")):
    p99 = window["latencies"]["p99Nanos"] / 1e6
    print("grpc", f"{name}, 64 tasks, {words}: p99", f"{p99:.1f}", "ms", "-" if target == "-" else "<=", target, sep="\t")
END
    then
      failed grpc "bench load in $precision: $(why "$out/load-$precision.json.err")"
    fi
  done
}

# Swaps and churn under load: nothing refused, and the device's memory where it was.
soak() {
  local sampler begin=$SECONDS
  (while :; do nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits | head -n 1; sleep 2; done) >"$out/memory.txt" 2>/dev/null &
  sampler=$!
  run soak.json sluice bench soak --device "$device" --backbone "$backbone" --tokens 64 --minutes "$soak" --json
  local status=$?
  kill "$sampler" 2>/dev/null; wait "$sampler" 2>/dev/null
  if ((SECONDS - begin < soak * 60)); then
    # What the device's memory did then is the start of a server, not a soak.
    failed soak "bench soak ended after $((SECONDS - begin)) s: $(why "$out/soak.json.err")"
    return
  fi
  row soak "bench soak of $soak minutes: its own verdicts, exit code" "$status" - '<=' 0
  # The first part is the start; what is compared is the second fifth against the last.
  awk '{ m[NR] = $1 } END {
      n = int(NR / 5); if (n < 2) exit 1
      for (i = 2 * n - n + 1; i <= 2 * n; i++) if (m[i] > a) a = m[i]
      for (i = NR - n; i < NR; i++) if (m[i] > b) b = m[i]
      printf "soak\tdevice memory, last part / early part\t%.3f\t-\t<=\t1.02\n", b / a }' "$out/memory.txt" >>"$rows" ||
    failed soak "too few samples of the device's memory in $out/memory.txt"
}

for s in ${sections//,/ }; do
  echo "== $s" >&2
  "$s" || failed "$s" "ended with $?"
done

card=$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null | head -n 1)
python3 - "$rows" "${card:-no GPU}" "$size" <<'END'
import sys
rows = [line.rstrip("\n").split("\t") for line in open(sys.argv[1])]
print(f"\n{sys.argv[2]}; encoder of random weights {sys.argv[3]}, 128 tokens a row unless said\n")
table, missed, failed = [("section", "what", "measured", "target", "")], 0, 0
for section, what, value, unit, compared, target in rows:
    verdict = ""
    if compared == "!":
        failed, verdict = failed + 1, "FAILED"
    elif compared in ("<=", ">="):
        met = float(value) <= float(target) if compared == "<=" else float(value) >= float(target)
        missed, verdict = missed + (not met), "met" if met else "MISSED"
    goal = "" if compared in ("-", "!") else f"{compared} {target}"
    table.append((section, what, value if unit == "-" else f"{value} {unit}", goal, verdict))
widths = [max(len(r[i]) for r in table) for i in range(5)]
for r in table:
    print("  ".join(cell.rjust(w) if i == 2 else cell.ljust(w) for i, (cell, w) in enumerate(zip(r, widths))).rstrip())
print(f"\n{missed} missed, {failed} failed")
sys.exit(3 if failed else 1 if missed else 0)
END
status=$?
echo "logs: $out" >&2
exit $status
