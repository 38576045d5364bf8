"""Replaced-token-detection pretraining (ELECTRA) inside a time budget, on the GPUs of one machine, resumable.

A small generator fills masked positions, the encoder says of every token whether it was replaced. The generator's word
vectors are the encoder's, with DeBERTa-v3's gradient-disentangled sharing: the encoder learns the difference only. With
--order it also tells from its first token how two segments belong together: in order, swapped, or from different texts
(StructBERT's sentence objective).

    prepare.py TEXT; pretrain.py --text TEXT --out OUT --minutes M [--init encoder.pt] [--graph] ...

Parts of text (TEXT/*.npy) that appear while it runs are taken in. State is kept in OUT/state.pt (a second call goes on
from it), the encoder alone (float16) in OUT/encoder.pt, the curve in OUT/log.jsonl.

Several GPUs: one process each with RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT set (remote/train.sh), --batch for each.
"""
import argparse
import glob
import json
import os
import sys
import time

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import nn

from model import CLS, MASK, SEP, Encoder, Lookup, build, from_checkpoint, load, make_config, to_checkpoint

HELD_OUT = 600_000  # tokens at the start of the first part, never trained on
CLOCK = 50  # steps between looks at the clock


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--text', required=True, help='folder of parts of text as token ids (prepare.py)')
    p.add_argument('--out', required=True, help='folder for state, encoder and curve')
    p.add_argument('--minutes', type=float, default=20, help='length of this call; the rate falls to zero at its end')
    p.add_argument('--deadline', help='file with the Unix time to end at, read again and again; goes before --minutes')
    p.add_argument('--init', help='encoder.pt to start the encoder from')
    p.add_argument('--init-others', help='others.pt to start generator and heads from')
    p.add_argument('--order', type=float, default=0,
                   help='weight of telling how two segments belong together; 0: their order is left alone')
    p.add_argument('--residual', default='float32', choices=('float32', 'bfloat16'), help='type of the residual stream')
    p.add_argument('--vocab', type=int, default=16384)
    p.add_argument('--layers', type=int, default=12)
    p.add_argument('--hidden', type=int, default=256)
    p.add_argument('--emb', type=int, help='width of the words, --hidden if not given')
    p.add_argument('--heads', type=int, default=4)
    p.add_argument('--ffn', type=int, default=1024)
    p.add_argument('--gen-layers', type=int, default=3)
    p.add_argument('--gen-hidden', type=int, default=128, help='width of the generator, a multiple of 64')
    p.add_argument('--mask', type=float, default=0.15, help='share of masked positions')
    p.add_argument('--weight', type=float, default=50, help='weight of the encoder\'s loss beside the generator\'s')
    p.add_argument('--batch', type=int, default=256, help='sequences of 128 tokens a step and process')
    p.add_argument('--long-every', type=int, default=8, help='every n-th step has 512-token sequences; 0: never')
    p.add_argument('--lr', type=float, default=1e-3)
    p.add_argument('--warmup', type=int, default=1000, help='steps')
    p.add_argument('--beta2', type=float, default=0.98)
    p.add_argument('--decay', type=float, default=0.01, help='weight decay')
    p.add_argument('--graph', action='store_true', help='capture each whole step as a CUDA graph')
    p.add_argument('--no-compile', action='store_true')
    p.add_argument('--every', type=int, default=500, help='steps between lines of the log')
    p.add_argument('--validate', type=int, default=5000, help='steps between validations')
    p.add_argument('--save-minutes', type=float, default=3)
    p.add_argument('--seed', type=int, default=0)
    p.add_argument('--device', default='cuda')
    return p.parse_args()


class Crew:
    """The processes that train one model together, one a GPU; the first of them leads. Alone, all of this is nothing."""

    def __init__(self, device):
        self.rank, self.size = int(os.environ.get('RANK', 0)), int(os.environ.get('WORLD_SIZE', 1))
        self.leads = self.rank == 0
        self.device = torch.device(device, self.rank) if device == 'cuda' else torch.device(device)
        if self.device.type == 'cuda':
            torch.cuda.set_device(self.device)
        if self.size > 1:
            dist.init_process_group('nccl' if self.device.type == 'cuda' else 'gloo', rank=self.rank, world_size=self.size)

    def average(self, gradients):
        """Replaces each gradient by its mean over the processes; can be captured."""
        if self.size == 1:
            return
        flat = torch.cat([g.reshape(-1) for g in gradients])
        dist.all_reduce(flat)
        flat /= self.size
        parts = flat.split([g.numel() for g in gradients])
        torch._foreach_copy_(gradients, [part.view_as(g) for part, g in zip(parts, gradients)])

    def follow(self, value):
        """The leader's number."""
        if self.size == 1:
            return value
        told = torch.tensor(value, dtype=torch.float64, device=self.device)
        dist.broadcast(told, 0)
        return told.item()


class Text:
    """All tokens there are so far, on the device; `poll` takes in new parts."""

    def __init__(self, folder, device, room=400_000_000):
        self.folder, self.device, self.seen, self.size = folder, device, set(), 0
        self.data = torch.zeros(room, dtype=torch.int16, device=device)

    def poll(self):
        ready = (f for f in sorted(glob.glob(f'{self.folder}/*.npy')) if not f.endswith('.part.npy'))
        new = [f for f in ready if f not in self.seen]
        for path in new:
            self.seen.add(path)
            ids = torch.from_numpy(np.load(path).astype(np.int16))
            self.data[self.size:self.size + len(ids)].copy_(ids)
            self.size += len(ids)
        return len(new)

    def windows(self, batch, length, share, rng, low, high, reorder):
        """(ids, segment types, masked positions, order) of windows from [low, high) of the token stream.

        [CLS] A [SEP] B [SEP] for 60 % of them, else one segment. B went on where A ends, anywhere in a sentence: were it
        always behind one, the marks at the edges alone would tell the order. order says what became of that: 0 left so,
        1 swapped, 2 B from another window; -1 where there is one segment, and everywhere without `reorder`.
        """
        device, inner = self.device, length - 3
        start = torch.randint(low, high - inner - 1, (batch,), device=device, generator=rng)
        at = torch.arange(inner, device=device)[None]
        window = self.data[start[:, None] + at].long()
        two = torch.rand(batch, device=device, generator=rng) < 0.6
        wish = torch.rand(batch, inner, device=device, generator=rng)
        edge = inner // 8
        cut = torch.where((at >= edge) & (at < inner - edge), wish, -1.0).argmax(1) + 1
        order = torch.where(two & reorder, torch.randint(0, 3, (batch,), device=device, generator=rng), -1)
        first = torch.where(order == 1, inner - cut, cut)[:, None]
        sep = torch.where(two[:, None], first, inner) + 1
        j = torch.arange(length, device=device)[None].expand(batch, length)
        source = torch.where(j <= sep, j - 1, j - 2)
        turned = torch.where(j <= sep, source + cut[:, None], source - first)
        source = torch.where((order == 1)[:, None], turned, source).clamp(0, inner - 1)
        foreign = (order == 2)[:, None] & (j > sep)
        x = torch.where(foreign, window.roll(1, 0).gather(1, source), window.gather(1, source))
        x = torch.where(j == 0, CLS, torch.where((j == sep) | (j == length - 1), SEP, x))
        draw = torch.rand(batch, length, device=device, generator=rng)
        draw = torch.where((x == CLS) | (x == SEP), -1.0, draw)
        return x, (j > sep).long(), draw.topk(int(round(length * share)), dim=1).indices, order


class Guess(nn.Module):
    """The generator's head: its loss at masked positions, and a token drawn for each."""

    def __init__(self, width, emb, vocab):
        super().__init__()
        self.dense, self.norm, self.bias = nn.Linear(width, emb), nn.LayerNorm(emb), nn.Parameter(torch.zeros(vocab))

    def forward(self, h, words, wanted):
        logits = (F.linear(self.norm(F.gelu(self.dense(h))), words) + self.bias).float()
        loss = F.cross_entropy(logits.flatten(0, 1), wanted.flatten())
        with torch.no_grad():
            noise = torch.rand_like(logits).clamp(1e-9, 1 - 1e-7)
            drawn = (logits - torch.log(-torch.log(noise))).argmax(-1)
        return loss, drawn


class Judge(nn.Module):
    """The encoder's head: the loss of telling replaced tokens from original ones, and the share of them it finds."""

    def __init__(self, width):
        super().__init__()
        self.dense, self.out = nn.Linear(width, width), nn.Linear(width, 1)

    def forward(self, h, replaced):
        y = replaced.float()
        d = self.out(F.gelu(self.dense(h))).squeeze(-1).float()
        return F.binary_cross_entropy_with_logits(d, y), ((d > 0).float() * y).sum() / y.sum().clamp(min=1)


class Order(nn.Module):
    """The encoder's head on its first token: the loss of telling how two segments belong together."""

    def __init__(self, width):
        super().__init__()
        self.dense, self.out = nn.Linear(width, width), nn.Linear(width, 3)

    def forward(self, first, order):
        logits = self.out(F.gelu(self.dense(first))).float()
        total = F.cross_entropy(logits, order, ignore_index=-1, reduction='sum')
        return total / (order >= 0).sum().clamp(min=1)


class Pretraining(nn.Module):
    """Generator and encoder; forward gives (generator loss, encoder loss, share found, share replaced, order loss)."""

    def __init__(self, cfg, args):
        super().__init__()
        self.encoder = build(cfg)
        if args.init:
            theirs, checkpoint = load(args.init)
            assert theirs == cfg, (theirs, cfg)
            from_checkpoint(self.encoder, checkpoint['enc'])
        self.generator = Encoder(cfg['vocab'], args.gen_layers, args.gen_hidden, max(1, args.gen_hidden // 64),
                                 4 * args.gen_hidden, emb=cfg['emb'])
        self.encoder.residual = self.generator.residual = getattr(torch, args.residual)
        self.guess = Guess(args.gen_hidden, cfg['emb'], cfg['vocab'])
        self.judge = Judge(cfg['hidden'])
        self.order = Order(cfg['hidden'])
        words = self.encoder.words.data.clone()
        self.generator.words.data.copy_(words)
        if args.init_others:
            missing, unexpected = self.load_state_dict(torch.load(args.init_others, map_location='cpu'), strict=False)
            assert not unexpected and all(name.startswith('encoder.') for name in missing), (missing, unexpected)
        # From here on the difference to the generator's words.
        self.encoder.words.data.copy_(words - self.generator.words.data)

    def others(self):
        """All but the encoder, float16."""
        return {k: v.to('cpu', torch.float16) for k, v in self.state_dict().items() if not k.startswith('encoder.')}

    def words(self):
        return self.generator.words.detach() + self.encoder.words

    def forward(self, x, types, positions, order):
        masked = x.scatter(1, positions, MASK)
        h = self.generator(Lookup.apply(self.generator.words, masked), types)
        h = h.gather(1, positions.unsqueeze(-1).expand(-1, -1, h.shape[-1]))
        guessed, drawn = self.guess(h, self.generator.words, x.gather(1, positions))
        shown = x.scatter(1, positions, drawn)
        replaced = shown != x
        h = self.encoder(Lookup.apply(self.words(), shown), types)
        judged, found = self.judge(h, replaced)
        return guessed, judged, found, replaced.float().mean(), self.order(h[:, 0], order)

    def compile_parts(self):
        """Compiles what is repeated once for all, so that a shape costs seconds and not a minute."""
        torch._dynamo.config.recompile_limit = 64
        for part in (*self.encoder.layers, *self.generator.layers, self.encoder.embeddings, self.generator.embeddings,
                     self.guess, self.judge):
            part.compile(dynamic=False)


class Trainer:
    def __init__(self, args):
        self.args, self.begun = args, time.time()
        self.crew = Crew(args.device)
        self.device = self.crew.device
        self.cuda = self.device.type == 'cuda'
        os.makedirs(args.out, exist_ok=True)
        self.log = open(f'{args.out}/log.jsonl', 'a', encoding='utf-8') if self.crew.leads else None
        torch.set_float32_matmul_precision('high')
        self.text = Text(args.text, self.device, 400_000_000 if self.cuda else 20_000_000)
        self.text.poll()
        self.say(tokens=self.text.size, processes=self.crew.size, args=vars(args))
        self.cfg = make_config(args.vocab, args.layers, args.hidden, args.heads, args.ffn, args.emb)
        torch.manual_seed(args.seed)
        self.model = Pretraining(self.cfg, args).to(self.device)
        self.parameters = list(self.model.parameters())
        groups = [{'params': [x for x in self.parameters if x.ndim > 1], 'weight_decay': args.decay},
                  {'params': [x for x in self.parameters if x.ndim <= 1], 'weight_decay': 0.0}]
        self.rates = [torch.tensor(args.lr, device=self.device) for _ in groups] if args.graph else [args.lr] * 2
        for group, rate in zip(groups, self.rates):
            group['lr'] = rate
        self.optimizer = torch.optim.AdamW(groups, betas=(0.9, args.beta2), eps=1e-6, fused=True, capturable=args.graph)
        self.step, self.tokens, self.spent, self.graphs = 0, 0, 0.0, {}
        self.resume()
        seed = (args.seed * 1000 + self.step) * self.crew.size + self.crew.rank  # each process its own text and noise
        self.rng = torch.Generator(self.device).manual_seed(seed)
        torch.manual_seed(seed)
        if not args.no_compile:
            self.model.compile_parts()
        self.say(parameters=sum(x.numel() for x in self.model.encoder.parameters()),
                 generator=sum(x.numel() for x in self.model.generator.layers.parameters()))

    def say(self, **line):
        """Adds a line to the curve."""
        if not self.crew.leads:
            return
        line['t'] = round(time.time() - self.begun, 1)
        text = json.dumps(line)
        print(text, flush=True)
        self.log.write(text + '\n')
        self.log.flush()

    def resume(self):
        path = f'{self.args.out}/state.pt'
        if not os.path.exists(path):
            return
        z = torch.load(path, map_location=self.device)
        self.model.load_state_dict(z['model'])
        self.optimizer.load_state_dict(z['optimizer'])
        for group, rate in zip(self.optimizer.param_groups, self.rates):
            group['lr'] = rate
        self.step, self.tokens, self.spent = z['step'], z['tokens'], z['spent']
        self.say(resumed=self.step)

    def save(self, spent):
        """Keeps the state and the encoder; each file is replaced whole."""
        out, model = self.args.out, self.model
        encoder = {'cfg': self.cfg, 'enc': to_checkpoint(model.encoder, model.words()), 'step': self.step,
                   'tokens': self.tokens}
        state = {'model': model.state_dict(), 'optimizer': self.optimizer.state_dict(), 'step': self.step,
                 'tokens': self.tokens, 'spent': spent}
        for name, value in (('encoder.pt', encoder), ('others.pt', model.others()), ('state.pt', state)):
            torch.save(value, f'{out}/{name}.new')
            os.replace(f'{out}/{name}.new', f'{out}/{name}')

    def autocast(self):
        return torch.autocast(self.device.type, dtype=torch.bfloat16, cache_enabled=False)

    def batch(self, count, length):
        return self.windows(count, length, self.rng, HELD_OUT, self.text.size)

    def windows(self, count, length, rng, low, high):
        return self.text.windows(count, length, self.args.mask, rng, low, high, self.args.order > 0)

    def validate(self):
        """The five numbers of forward() on held-out text, always the same windows."""
        rng = torch.Generator(self.device).manual_seed(123)
        total = torch.zeros(5, device=self.device)
        for _ in range(8):
            inputs = self.windows(self.args.batch, 128, rng, 0, HELD_OUT)
            with self.autocast():
                total += torch.stack([v.detach() for v in self.model(*inputs)])
        return [round(v, 4) for v in (total / 8).tolist()]

    def train(self, *inputs):
        """One step on one batch; all of it can be captured."""
        self.optimizer.zero_grad(set_to_none=True)
        with self.autocast():
            guessed, judged, found, replaced, ordered = self.model(*inputs)
        (guessed + self.args.weight * judged + self.args.order * ordered).backward()
        self.crew.average([x.grad for x in self.parameters])
        nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        return torch.stack([guessed.detach(), judged.detach(), found, replaced, ordered.detach()])

    def train_graphed(self, count, length):
        """train() on a fresh batch: three times plainly on a side stream, then captured, from then on replayed."""
        inputs = self.batch(count, length)
        known = self.graphs.setdefault((count, length), {'seen': 0, 'inputs': [v.clone() for v in inputs]})
        for held, new in zip(known['inputs'], inputs):
            held.copy_(new)
        if known['seen'] < 3:
            known['seen'] += 1
            side = torch.cuda.Stream()
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                out = self.train(*known['inputs'])
            torch.cuda.current_stream().wait_stream(side)
            return out
        if 'graph' not in known:
            torch.cuda.synchronize()
            self.optimizer.zero_grad(set_to_none=True)
            known['graph'] = torch.cuda.CUDAGraph()
            with torch.cuda.graph(known['graph'], capture_error_mode='thread_local'):
                known['out'] = self.train(*known['inputs'])
            self.say(captured=[count, length])
        known['graph'].replay()
        return known['out']

    def end(self, start):
        """The time at which to stop."""
        try:
            with open(self.args.deadline, encoding='ascii') as file:
                return float(file.read())
        except (OSError, TypeError, ValueError):
            return start + 60 * self.args.minutes

    def run(self):
        args = self.args
        start = saved = time.time()
        first, tokens_before, done = self.step, self.tokens, 0.0
        while True:
            if (self.step - first) % CLOCK == 0:
                if self.cuda:
                    torch.cuda.synchronize()
                now = time.time()
                done = self.crew.follow((self.spent + now - start) / (self.spent + self.end(start) - start))
                if self.step % 1000 == 0 and self.text.poll():
                    self.say(step=self.step, tokens=self.text.size)
            if done >= 1:
                break
            rate = args.lr * min(1.0, (self.step + 1) / args.warmup) * max(0.01, 1 - done)
            for i, group in enumerate(self.optimizer.param_groups):
                if args.graph:
                    self.rates[i].fill_(rate)
                else:
                    group['lr'] = rate
            length = 512 if args.long_every and self.step % args.long_every == args.long_every - 1 else 128
            count = args.batch * 128 // length
            out = self.train_graphed(count, length) if args.graph else self.train(*self.batch(count, length))
            self.step += 1
            self.tokens += count * length * self.crew.size
            if self.step % args.every == 0 or self.step - first in (1, 2, 20, 100):
                losses = [round(v, 4) for v in out.tolist()]
                self.say(step=self.step, losses=losses, lr=round(rate, 6), Mtok=self.tokens // 10**6,
                         tps=int((self.tokens - tokens_before) / (time.time() - start)))
                if not losses[0] < 20:
                    sys.exit('the loss is not a number')
            if self.crew.leads and self.step % args.validate == 0:
                self.say(step=self.step, Mtok=self.tokens // 10**6, val=self.validate())
            if self.crew.leads and time.time() - saved > args.save_minutes * 60:
                self.save(self.spent + time.time() - start)
                saved = time.time()
        if not self.crew.leads:
            return
        val = self.validate()
        self.save(self.spent + time.time() - start)
        self.say(end=self.step, Mtok=self.tokens // 10**6, seconds=round(self.spent + time.time() - start), val=val,
                 MiB=torch.cuda.max_memory_allocated() // 2**20 if self.cuda else 0)


if __name__ == '__main__':
    Trainer(arguments()).run()
