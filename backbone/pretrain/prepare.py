"""Text to token ids.

    prepare.py TEXT [--vocab 16384]

Trains TEXT/tokenizer.json (uncased WordPiece in BERT's manner) if it is absent, then writes X.npy (uint16 ids, one
stream, no special tokens) for each TEXT/X.txt that has none.
"""
import argparse
import glob
import multiprocessing
import os
import time

import numpy as np
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']
CHUNK = 3_000_000  # bytes of text that one job encodes


def lines(path, most):
    """Yields paragraphs of a file, about `most` characters in all."""
    size = 0
    with open(path, encoding='utf-8', errors='replace') as text:
        for line in text:
            line = line.strip()
            if len(line) > 1:
                yield line
                size += len(line)
                if size > most:
                    return


def train_tokenizer(files, vocab, path, most=60_000_000):
    """Trains on at most that many characters of each file and saves to `path`."""
    t = Tokenizer(models.WordPiece(unk_token='[UNK]'))
    t.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=True)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.decoder = decoders.WordPiece(prefix='##')
    trainer = trainers.WordPieceTrainer(vocab_size=vocab, special_tokens=SPECIAL, min_frequency=5, limit_alphabet=400)
    t.train_from_iterator((line for f in files for line in lines(f, most)), trainer)
    t.post_processor = processors.TemplateProcessing(single='[CLS] $A [SEP]', pair='[CLS] $A [SEP] $B:1 [SEP]:1',
                                                     special_tokens=[('[CLS]', 2), ('[SEP]', 3)])
    t.save(path)


def encode(job):
    """Ids of the lines that start in bytes [low, high) of a file; job: (tokenizer, file, low, high)."""
    tokenizer, path, low, high = job
    t, out, waiting = Tokenizer.from_file(tokenizer), [], []

    def flush():
        out.extend(np.array(e.ids, dtype=np.uint16) for e in t.encode_batch(waiting, add_special_tokens=False))
        waiting.clear()

    with open(path, 'rb') as text:
        if low:
            text.seek(low - 1)
            text.readline()
        while text.tell() < high:
            line = text.readline()
            if not line:
                break
            line = line.decode('utf-8', 'replace').strip()
            if len(line) > 1:
                waiting.append(line)
            if len(waiting) >= 4000:
                flush()
    if waiting:
        flush()
    return np.concatenate(out) if out else np.zeros(0, np.uint16)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('text', help='folder of .txt files')
    p.add_argument('--vocab', type=int, default=16384, help='size of a new vocabulary')
    p.add_argument('--workers', type=int, default=os.cpu_count())
    args = p.parse_args()
    begun, tokenizer = time.time(), f'{args.text}/tokenizer.json'
    files = sorted(glob.glob(f'{args.text}/*.txt'))
    if not os.path.exists(tokenizer):
        train_tokenizer(files, args.vocab, tokenizer)
        print('tokenizer', round(time.time() - begun, 1), flush=True)
    os.environ['TOKENIZERS_PARALLELISM'] = 'false'
    for path in files:
        out = path[:-4] + '.npy'
        if os.path.exists(out):
            continue
        size = os.path.getsize(path)
        n = max(1, size // CHUNK)
        jobs = [(tokenizer, path, size * k // n, size * (k + 1) // n) for k in range(n)]
        with multiprocessing.get_context('fork').Pool(args.workers) as pool:
            ids = np.concatenate(pool.map(encode, jobs, chunksize=1))
        np.save(out + '.part.npy', ids)
        os.rename(out + '.part.npy', out)
        print(os.path.basename(path), len(ids), 'tokens, unknown', round(float((ids == 1).mean()), 5),
              round(time.time() - begun, 1), flush=True)


if __name__ == '__main__':
    main()
