"""Training rows split into rows to learn from and rows to choose a recipe by, so that no dev set chooses anything.

    hold.py TASKS OUT [--folds 4]

Writes OUT/f0, OUT/f1, ... in the layout of TASKS: the held-out rows of a fold are where the dev rows are in TASKS, the
other training rows where the training rows are. Rows that share a premise, passage or sentence stay on one side. SST-2
trains on phrases of its sentences: whole sentences are held out, and the phrases of three words and more that they
contain are left out. Also OUT/*/boolq/questions.jsonl: questions that have an answer but no passage.
"""
import argparse
import json
import os
import random

HELD = {'mnli': ('train', 'dev_matched', 'a', 3000), 'sst2': ('train', 'dev', None, 1000),
        'boolq': ('train', 'dev', 'passage', 600), 'rte': ('train', 'dev', 'a', 370)}  # files, key, rows held out
BESIDE = {'mnli': ['lingnli/train', 'wiki_nli/train']}  # files whose rows keep to the same split


def read(path):
    with open(f'{path}.jsonl', encoding='utf-8') as file:
        return [json.loads(line) for line in file]


def write(path, rows):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(f'{path}.jsonl', 'w', encoding='utf-8') as file:
        file.writelines(json.dumps(row) + '\n' for row in rows)


def spans(text, least):
    """All runs of at least that many words of a text that are not all of it."""
    words = text.split()
    return {' '.join(words[i:j]) for i in range(len(words)) for j in range(i + least, len(words) + 1)
            if j - i < len(words)}


def sentences(rows):
    """Rows of five words and more that are part of no other row."""
    parts = set()
    for row in rows:
        parts |= spans(row['a'], 5)
    plain = {' '.join(row['a'].split()) for row in rows}
    return sorted(text for text in plain if text not in parts and len(text.split()) >= 5)


def groups(rows, key):
    """The groups of a task in a fixed random order."""
    found = sentences(rows) if key is None else sorted({row[key] for row in rows})
    random.Random(7).shuffle(found)
    return found


def split(rows, key, chosen):
    """(rows to learn from, rows held out)"""
    if key is not None:
        return [r for r in rows if r[key] not in chosen], [r for r in rows if r[key] in chosen]
    parts = set().union(*(spans(text, 3) for text in chosen))
    plain = [(' '.join(row['a'].split()), row) for row in rows]
    return ([row for text, row in plain if text not in chosen and text not in parts],
            [row for text, row in plain if text in chosen])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('tasks')
    p.add_argument('out')
    p.add_argument('--folds', type=int, default=4)
    args = p.parse_args()
    for task, (train, dev, key, size) in HELD.items():
        rows = read(f'{args.tasks}/{task}/{train}')
        order, at = groups(rows, key), 0
        for fold in range(args.folds):
            chosen, count = set(), 0
            while count < size:
                chosen.add(order[at])
                count += 1 if key is None else sum(row[key] == order[at] for row in rows)
                at += 1
            kept, held = split(rows, key, chosen)
            write(f'{args.out}/f{fold}/{task}/{train}', kept)
            write(f'{args.out}/f{fold}/{task}/{dev}', held)
            print(task, fold, len(kept), len(held), flush=True)
            for name in BESIDE.get(task, []):
                write(f'{args.out}/f{fold}/{name}', split(read(f'{args.tasks}/{name}'), key, chosen)[0])
    asked = {row['question'] for row in read(f'{args.tasks}/boolq/train')}
    more = [row for row in read(f'{args.tasks}/boolq/train_questions_labels_all9427') if row['question'] not in asked]
    for folder in ['all', *(f'f{fold}' for fold in range(args.folds))]:
        write(f'{args.out}/{folder}/boolq/questions', more)


if __name__ == '__main__':
    main()
