"""Chooses recipes by their scores on held-out rows (hold.py).

    choose.py runs.jsonl eval.jsonl [--seeds 3] > chosen.jsonl

Runs are named FAMILY/RECIPE; a seed has held-out rows of its own. A run is compared with its family's first run of the
most seeds, seed by seed. The run with the highest mean gain is written as a run for --seeds seeds. The table of all
goes to the standard error: gain, seeds, scores.
"""
import argparse
import collections
import json
import statistics
import sys


def lines(path):
    with open(path, encoding='utf-8') as file:
        return [json.loads(line) for line in file]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('runs')
    p.add_argument('eval')
    p.add_argument('--seeds', type=int, default=3)
    args = p.parse_args()
    scores = collections.defaultdict(dict)
    for line in lines(args.eval):
        if 'score' in line and '/' in line.get('run', ''):
            scores[line['run']][line['seed']] = line['score']
    runs = {run['run']: run for run in lines(args.runs)}
    families = collections.defaultdict(list)
    for name in runs:
        if scores[name]:
            families[name.split('/')[0]].append(name)
    for names in families.values():
        base = scores[max(names, key=lambda name: len(scores[name]))]
        gains = {name: [score - base[seed] for seed, score in scores[name].items() if seed in base] for name in names}
        names = sorted((name for name in names if gains[name]), key=lambda name: -statistics.mean(gains[name]))
        for name in names:
            print(f'{name:32} {statistics.mean(gains[name]):6.2f} {len(gains[name])}', scores[name], file=sys.stderr)
        print(json.dumps({**runs[names[0]], 'seeds': list(range(args.seeds))}))


if __name__ == '__main__':
    main()
