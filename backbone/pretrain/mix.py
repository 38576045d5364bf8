"""Shuffles the documents of several corpora into parts of about the same mixture.

    python3 mix.py OUT PART_MB IN.txt...

Input: one paragraph a line, documents separated by a blank line. Short documents are joined with the ones behind them
until they hold `--least` characters, long ones are cut after `--most`; what is left over is kept where it is longer
than 200 characters. Output: OUT/p01.txt, OUT/p02.txt, ... in the same form, each with every corpus in it.
"""
import argparse
import random


def documents(path, least, most):
    """Yields the documents of a file."""
    lines, size = [], 0
    with open(path, encoding='utf-8', errors='replace') as text:
        for line in text:
            line = line.strip()
            if (not line and size >= least) or size > most:
                yield '\n'.join(lines)
                lines, size = [], 0
            if line:
                lines.append(line)
                size += len(line)
    if size > 200:
        yield '\n'.join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('out', help='folder that the parts go to')
    parser.add_argument('part_mb', type=float, help='megabytes of text in a part, about')
    parser.add_argument('text', nargs='+', help='corpora, plain text')
    parser.add_argument('--least', type=int, default=6000, help='characters that a document has at least')
    parser.add_argument('--most', type=int, default=40000, help='characters after which a document is cut')
    parser.add_argument('--seed', type=int, default=7)
    args = parser.parse_args()
    docs = []
    for path in args.text:
        found = list(documents(path, args.least, args.most))
        print(path, len(found), 'documents')
        docs += found
    random.Random(args.seed).shuffle(docs)
    total = sum(len(d.encode()) + 2 for d in docs)
    parts = max(1, round(total / args.part_mb / 1e6))
    at = 0
    for part in range(1, parts + 1):
        size = 0
        with open(f'{args.out}/p{part:02d}.txt', 'w', encoding='utf-8') as out:
            while at < len(docs) and (size < total / parts or part == parts):
                out.write(docs[at] + '\n\n')
                size += len(docs[at].encode()) + 2
                at += 1
        print('part', part, size)


if __name__ == '__main__':
    main()
