"""Full fine-tuning of an encoder on one task, the check of what pretraining gave.

    finetune.py --encoder encoder.pt --tokenizer tokenizer.json --train A.jsonl[,B.jsonl] --dev D.jsonl [...]

Rows: a (or question), b (or passage, optional), label. Prints one JSON line: accuracy, or Pearson's r with --regression.
Rows of similar length go together; batches are padded to a multiple of 16 tokens, and a whole step is captured as a
CUDA graph for each such length. With --save the tuned encoder is kept as a checkpoint, a start for another task.

Against learning the rows by heart, all off unless asked for: --dropout in the encoder, --replace (tokens by others, the
noise of pretraining), --smooth, --average (the weights scored are a running mean), --rdrop (two passes under different
dropout shall agree; Liang et al. 2021), --smart (so shall a pass with the embeddings moved a little in the direction
that changes the answer most; Jiang et al. 2020).
"""
import argparse
import json
import os
import random
import time

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import nn

from model import MASK, Lookup, build, from_checkpoint, load, to_checkpoint

SHOWN = ('layer_decay', 'dropout', 'attention_dropout', 'replace', 'smooth', 'average', 'rdrop', 'smart', 'radius')
DEFAULTS = {'layer_decay': 0.9, 'radius': 0.1}
POOL = 16  # batches whose rows are sorted by length


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--encoder', required=True)
    p.add_argument('--tokenizer', required=True)
    p.add_argument('--train', required=True, help='files of training rows, separated by commas')
    p.add_argument('--dev', required=True, help='file of rows to score on')
    p.add_argument('--epochs', type=float, default=3)
    p.add_argument('--lr', type=float, default=2e-4)
    p.add_argument('--maxlen', type=int, default=128)
    p.add_argument('--batch', type=int, default=32)
    p.add_argument('--layer-decay', type=float, default=0.9, help='factor on the rate for each layer further down')
    p.add_argument('--seed', type=int, default=0)
    p.add_argument('--dropout', type=float, default=0, help='in the encoder, of what each sublayer adds')
    p.add_argument('--attention-dropout', type=float, default=0, help='in the encoder, of the attention weights')
    p.add_argument('--replace', type=float, default=0, help='share of tokens replaced by random ones in training')
    p.add_argument('--smooth', type=float, default=0, help='label smoothing')
    p.add_argument('--average', type=float, default=0, help='how far back the mean of the weights reaches, a share of all steps')
    p.add_argument('--rdrop', type=float, default=0, help='weight of two passes agreeing')
    p.add_argument('--smart', type=float, default=0, help='weight of agreeing with a pass on moved embeddings')
    p.add_argument('--radius', type=float, default=0.1, help='how far they move, as a share of their length')
    p.add_argument('--save', help='encoder.pt to keep the tuned encoder in')
    p.add_argument('--regression', action='store_true', help='labels are numbers')
    p.add_argument('--plain', action='store_true', help='no CUDA graphs')
    p.add_argument('--device', default='cuda')
    return p.parse_args()


def rows(files):
    for path in files.split(','):
        with open(path, encoding='utf-8') as file:
            for line in file:
                r = json.loads(line)
                yield r.get('a', r.get('question')), r.get('b', r.get('passage')), r['label']


class Examples:
    """Encoded rows on the device: ids, segment types and target of each, and the lengths on the host."""

    def __init__(self, data, tokenizer, target, device):
        coded = tokenizer.encode_batch([(a, b) if b else a for a, b, _ in data])
        self.lengths = [len(e.ids) for e in coded]
        width = (max(self.lengths) + 15) // 16 * 16
        ids, types = np.zeros((2, len(coded), width), np.int32)
        for i, e in enumerate(coded):
            ids[i, :len(e.ids)] = e.ids
            types[i, :len(e.ids)] = e.type_ids
        ids, types = torch.from_numpy(ids), torch.from_numpy(types)
        self.ids, self.types = ids.to(device), types.to(device)
        self.target = torch.tensor([target(label) for *_, label in data], device=device)

    def padded(self, batch):
        return (max(self.lengths[i] for i in batch) + 15) // 16 * 16

    def take(self, index, length):
        return self.ids[index, :length].long(), self.types[index, :length].long()


class Classifier(nn.Module):
    """The encoder with a small head on its first token."""

    def __init__(self, cfg, outputs):
        super().__init__()
        self.encoder = build(cfg)
        self.dense, self.out = nn.Linear(cfg['hidden'], cfg['hidden']), nn.Linear(cfg['hidden'], outputs)
        self.dropout = nn.Dropout(0.1)

    def embed(self, ids, types):
        return self.encoder.embeddings(Lookup.apply(self.encoder.words, ids), types)

    def forward(self, ids, types):
        return self.answer(self.embed(ids, types), ids)

    def answer(self, embedded, ids):
        h = self.encoder.encode(embedded, (ids != 0)[:, None, None, :])[:, 0]
        return self.out(self.dropout(F.gelu(self.dense(self.dropout(h)))))


def difference(y, z, regression):
    """How far two answers are apart: the symmetric Kullback-Leibler divergence, or the squared difference."""
    if regression:
        return F.mse_loss(y, z)
    p, q = F.log_softmax(y, -1), F.log_softmax(z, -1)
    return ((p.exp() - q.exp()) * (p - q)).sum(-1).mean()


def batches(lengths, size):
    """Batches of row numbers for ever; rows of similar length together."""
    order = []
    while True:
        while len(order) < size * POOL:
            more = list(range(len(lengths)))
            random.shuffle(more)
            order += more
        pool, order = sorted(order[:size * POOL], key=lengths.__getitem__), order[size * POOL:]
        made = [pool[i:i + size] for i in range(0, len(pool), size)]
        random.shuffle(made)
        yield from made


def depth(name, layers):
    """0 for embeddings, i + 1 for layer i, layers + 1 for all that follows."""
    if name.startswith('encoder.layers.'):
        return int(name.split('.')[2]) + 1
    return 0 if name.startswith(('encoder.words', 'encoder.embeddings', 'encoder.project')) else layers + 1


class Tuner:
    def __init__(self, args):
        self.args, self.device = args, torch.device(args.device)
        random.seed(args.seed)
        torch.manual_seed(args.seed)
        torch.set_float32_matmul_precision('high')
        cfg, checkpoint = load(args.encoder)
        tokenizer = Tokenizer.from_file(args.tokenizer)
        tokenizer.enable_truncation(args.maxlen)
        train, dev = list(rows(args.train)), list(rows(args.dev))
        names = {name: i for i, name in enumerate(sorted({str(label) for *_, label in train}))}
        target = float if args.regression else lambda label: names.get(str(label), -1)
        self.train, self.dev = (Examples(data, tokenizer, target, self.device) for data in (train, dev))
        self.model = Classifier(cfg, 1 if args.regression else len(names))
        from_checkpoint(self.model.encoder, checkpoint['enc'])
        self.model.encoder.drop(args.dropout, args.attention_dropout)
        self.model.to(self.device)
        self.cfg, self.vocab = cfg, cfg['vocab']
        self.weights = [x.detach() for x in self.model.parameters()]
        self.mean = [x.clone() for x in self.weights] if args.average else []
        self.share = torch.ones((), device=self.device)  # of the weights of a step in their mean
        self.graphed = self.device.type == 'cuda' and not args.plain
        self.optimizer, self.rates = self.make_optimizer(cfg['layers'])
        self.graphs, self.pool = {}, torch.cuda.graph_pool_handle() if self.graphed else None

    def make_optimizer(self, layers):
        """AdamW with one group a depth; the rates are tensors that `run` fills."""
        groups = {}
        for name, parameter in self.model.named_parameters():
            groups.setdefault(depth(name, layers), []).append(parameter)
        factors = [self.args.layer_decay ** (layers + 1 - d) for d in groups]
        rates = [torch.tensor(self.args.lr * f, device=self.device) for f in factors]
        made = [{'params': p, 'lr': rate} for p, rate in zip(groups.values(), rates)]
        optimizer = torch.optim.AdamW(made, weight_decay=0.01, fused=True, capturable=self.graphed)
        return optimizer, list(zip(rates, factors))

    def autocast(self):
        return torch.autocast(self.device.type, dtype=torch.bfloat16, cache_enabled=False)

    def step(self, index, length):
        self.optimizer.zero_grad(set_to_none=True)
        self.loss(index, length).backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        if self.mean:
            change = torch._foreach_sub(self.weights, self.mean)
            torch._foreach_mul_(change, self.share)
            torch._foreach_add_(self.mean, change)

    def loss(self, index, length):
        args, (ids, types), target = self.args, self.train.take(index, length), self.train.target[index]
        if args.rdrop:
            ids, types, target = (torch.cat([x, x]) for x in (ids, types, target))
        if args.replace:
            other = torch.randint_like(ids, MASK + 1, self.vocab)
            ids = torch.where((ids > MASK) & (torch.rand_like(ids, dtype=torch.float32) < args.replace), other, ids)
        with self.autocast():
            embedded = self.model.embed(ids, types)
            y = self.model.answer(embedded, ids).float()
        if args.regression:
            loss = F.mse_loss(y[:, 0], target)
        else:
            loss = F.cross_entropy(y, target, label_smoothing=args.smooth)
        if args.rdrop:
            loss = loss + args.rdrop * difference(*y.chunk(2), args.regression)
        if args.smart:
            loss = loss + args.smart * difference(self.moved(embedded, ids, y.detach()), y, args.regression)
        return loss

    def moved(self, embedded, ids, y):
        """The answer where each embedding has moved by --radius of its length, where that changes the answer most."""
        still = embedded.detach()
        length = still.norm(dim=-1, keepdim=True)
        start = torch.randn_like(still)
        start = (start * (0.01 * length / start.norm(dim=-1, keepdim=True))).requires_grad_()
        with self.autocast():
            far = difference(self.model.answer(still + start, ids).float(), y, self.args.regression)
        way, = torch.autograd.grad(far, start)
        way = way / way.norm(dim=-1, keepdim=True).clamp(min=1e-20)
        with self.autocast():
            return self.model.answer(embedded + self.args.radius * length * way, ids).float()

    def step_graphed(self, index, length):
        """step(): twice plainly for a new length, then captured, from then on replayed."""
        known = self.graphs.setdefault(length, {'seen': 0, 'index': index.clone()})
        known['index'].copy_(index)
        if known['seen'] < 2:
            known['seen'] += 1
            side = torch.cuda.Stream()
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                self.step(known['index'], length)
            torch.cuda.current_stream().wait_stream(side)
            return
        if 'graph' not in known:
            torch.cuda.synchronize()
            self.optimizer.zero_grad(set_to_none=True)
            known['graph'] = torch.cuda.CUDAGraph()
            with torch.cuda.graph(known['graph'], pool=self.pool):  # one at a time, and none leaves anything
                self.step(known['index'], length)
        known['graph'].replay()

    def run(self):
        args, begun = self.args, time.time()
        steps = int(len(self.train.lengths) * args.epochs / args.batch)
        for s, batch in zip(range(steps), batches(self.train.lengths, args.batch)):
            share = min(1, (s + 1) / (0.1 * steps)) * (1 - s / steps)
            for rate, factor in self.rates:
                rate.fill_(args.lr * factor * share)
            if self.mean:
                self.share.fill_(max(1 / (s + 1), 1 / max(1, args.average * steps)))
            index = torch.tensor(batch, device=self.device)
            (self.step_graphed if self.graphed else self.step)(index, self.train.padded(batch))
            if s % 100 == 99 and self.graphed:
                torch.cuda.synchronize()
        if self.mean:
            torch._foreach_copy_(self.weights, self.mean)
        if args.save:
            torch.save({'cfg': self.cfg, 'enc': to_checkpoint(self.model.encoder), 'step': 0, 'tokens': 0}, args.save + '.new')
            os.replace(args.save + '.new', args.save)
        return self.score(), round(time.time() - begun, 1)

    def score(self):
        self.model.eval()
        dev, out = self.dev, torch.zeros(len(self.dev.lengths), device=self.device)
        order = sorted(range(len(dev.lengths)), key=lambda i: dev.lengths[i])
        with torch.no_grad(), self.autocast():
            for at in range(0, len(order), 256):
                batch = order[at:at + 256]
                index = torch.tensor(batch, device=self.device)
                y = self.model(*dev.take(index, dev.padded(batch))).float()
                out[index] = y[:, 0] if self.args.regression else y.argmax(-1).float()
        if self.args.regression:
            return torch.corrcoef(torch.stack([out, dev.target]))[0, 1].item()
        return (out == dev.target).float().mean().item()


def main():
    args = arguments()
    begun = time.time()
    tuner = Tuner(args)
    score, seconds = tuner.run()
    print(json.dumps({
        'task': os.path.basename(os.path.dirname(args.dev)), 'score': round(100 * score, 2), 'lr': args.lr,
        'batch': args.batch, 'epochs': args.epochs, 'seed': args.seed,
        **{name: getattr(args, name) for name in SHOWN if getattr(args, name) != DEFAULTS.get(name, 0)},
        'n_train': len(tuner.train.lengths), 'n_dev': len(tuner.dev.lengths), 's': seconds,
        'total_s': round(time.time() - begun, 1)}), flush=True)


if __name__ == '__main__':
    main()
