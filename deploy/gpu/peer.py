"""The training steps that `sluice bench device --part learn --files DIR` wrote, in PyTorch.

    python3 peer.py DIR [--device cuda] [--seconds 2] [--no-compile] [--serve 1,8,32,64]

Builds the same encoder, adapters and head from the files, trains over the same batches in the same
order with AdamW, eagerly and compiled, and says how far its losses are from those in the files.
Matrix products are in TF32. Where the step begins above a trunk, the trunk runs without gradients.
--serve measures the encoder's forward instead, ids from the host, the first token's state to it,
for batches of so many rows, in TF32 and in half precision.
One JSON object per line on standard output.
"""

import argparse
import json
import pathlib
import time

import numpy as np
import torch
import torch.nn.functional as F


def load(folder):
    step = json.loads((folder / "step.json").read_text())

    def tensors(file, entries):
        flat = np.fromfile(folder / file, dtype="<f4")
        return [
            torch.from_numpy(flat[e["offset"] : e["offset"] + int(np.prod(e["shape"]))].reshape(e["shape"]).copy())
            for e in entries
        ]

    weights = dict(zip([e["name"] for e in step["weights"]], tensors("weights.bin", step["weights"])))
    learned = list(zip(step["parameters"], tensors("parameters.bin", step["parameters"])))
    longs = np.fromfile(folder / "rows.bin", dtype="<i8")
    rows = step["rows"] * step["batches"]
    ids = torch.from_numpy(longs[: rows * step["tokens"]].reshape(step["batches"], step["rows"], step["tokens"]).copy())
    labels = torch.from_numpy(longs[rows * step["tokens"] :].reshape(step["batches"], step["rows"]).copy())
    return step, weights, learned, ids, labels


class Encoder(torch.nn.Module):
    """RandomEncoder of Sluice's load test, and gated bottlenecks of some of its points."""

    def __init__(self, step, weights, learned):
        super().__init__()
        self.hidden, self.gate = step["hidden"], step["gate"]
        self.head_size = 64 if self.hidden % 64 == 0 else 16
        self.layers, self.lowest = step["points"] // 2, step["lowest"]

        def numbered(name, i):
            return weights[name if i == 0 else f"{name}_{i}"]

        def linear(layer, i):
            w = numbered("weight", 2 + 6 * layer + i).t().contiguous()
            return [w, numbered("bias", 6 * layer + i)]

        def norm(i):
            return [numbered("scale", i), numbered("shift", i)]

        frozen = [numbered("weight", 0), numbered("weight", 1), *norm(0)]
        for layer in range(self.layers):
            for i in range(6):
                frozen += linear(layer, i)
            frozen += norm(1 + 2 * layer) + norm(2 + 2 * layer)
        self.frozen = torch.nn.ParameterList([torch.nn.Parameter(t, requires_grad=False) for t in frozen])
        self.learned = torch.nn.ParameterList([torch.nn.Parameter(t) for _, t in learned])
        self.where = {(e["point"], e["name"]): i for i, (e, _) in enumerate(learned)}
        gates = sorted({e["point"] for e, _ in learned if e["point"] > 0})
        self.gates = torch.nn.Parameter(torch.full((len(gates),), self.gate))
        self.gate_of = {point: i for i, point in enumerate(gates)}

    def adapted(self, point, y):
        if point not in self.gate_of:
            return y
        w = lambda name: self.learned[self.where[(point, name)]]
        inner = F.gelu(y @ w("down") + w("down_bias"))
        return y + self.gates[self.gate_of[point]] * (inner @ w("up") + w("up_bias"))

    def block(self, layer, x, f, attention):
        if attention:
            b, s, _ = x.shape
            split = lambda t: t.view(b, s, -1, self.head_size).transpose(1, 2)
            q, k, v = (split(F.linear(x, f[2 * i], f[2 * i + 1])) for i in range(3))
            mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, s, -1)
            return F.layer_norm(x + F.linear(mixed, f[6], f[7]), (self.hidden,), f[12], f[13], 1e-5)
        wide = F.gelu(F.linear(x, f[8], f[9]))
        return F.layer_norm(x + F.linear(wide, f[10], f[11]), (self.hidden,), f[14], f[15], 1e-5)

    def trunk(self, ids):
        """Through the blocks below the lowest open point."""
        f = self.frozen
        x = F.embedding(ids, f[0]) + f[1][: ids.shape[1]]
        x = F.layer_norm(x, (self.hidden,), f[2], f[3], 1e-5)
        for point in range(1, self.lowest):
            x = self.block((point - 1) // 2, x, self.of((point - 1) // 2), point % 2 == 1)
        return x

    def of(self, layer):
        return list(self.frozen)[4 + 16 * layer : 20 + 16 * layer]

    def forward(self, x, labels):
        for point in range(self.lowest, 2 * self.layers + 1):
            layer = (point - 1) // 2
            x = self.adapted(point, self.block(layer, x, self.of(layer), point % 2 == 1))
        w = lambda name: self.learned[self.where[(0, name)]]
        return F.cross_entropy(x[:, 0] @ w("head_weights") + w("head_bias"), labels)


def measure(folder, device, seconds, compiled):
    step, weights, learned, ids, labels = load(folder)
    model = Encoder(step, weights, learned).to(device)
    optimizer = torch.optim.AdamW(
        [p for p in model.learned], lr=step["learning_rate"], weight_decay=0, fused=device.startswith("cuda")
    )
    trunk = torch.compile(model.trunk) if compiled else model.trunk
    upper = torch.compile(model) if compiled else model
    pinned = device.startswith("cuda")
    batches = [(i.pin_memory() if pinned else i, t.pin_memory() if pinned else t) for i, t in zip(ids, labels)]

    def once(n):
        tokens, target = batches[n % len(batches)]
        tokens, target = tokens.to(device, non_blocking=True), target.to(device, non_blocking=True)
        optimizer.zero_grad(set_to_none=True)
        model.gates.grad = None
        if model.lowest > 1:
            with torch.no_grad():
                x = trunk(tokens)
        else:
            x = trunk(tokens)
        loss = upper(x, target)
        loss.backward()
        optimizer.step()
        return loss.item()

    losses = [once(n) for n in range(len(batches))]
    worst = max(abs(a - b) / abs(b) for a, b in zip(losses, step["losses"]))
    times, n, begin = [], 0, time.perf_counter()
    while n < 5 or time.perf_counter() - begin < seconds:
        before = time.perf_counter()
        once(n)
        times.append(time.perf_counter() - before)
        n += 1
    total = time.perf_counter() - begin
    return {
        "step": folder.name,
        "framework": "torch " + torch.__version__.split("+")[0] + (" compiled" if compiled else " eager"),
        "first_loss": losses[0],
        "first_loss_error": abs(losses[0] - step["losses"][0]) / abs(step["losses"][0]),
        "worst_loss_error": worst,
        "ms": 1e3 * sorted(times)[len(times) // 2],
        "examples_per_second": n * step["rows"] / total,
    }


def serve(folder, device, seconds, compiled, half, rows):
    step, weights, learned, _, _ = load(folder)
    step["lowest"] = step["points"] + 1
    model = Encoder(step, weights, learned).to(device).eval()
    model = model.half() if half else model
    forward = torch.compile(model.trunk, mode="reduce-overhead", dynamic=False) if compiled else model.trunk
    name = f"torch {torch.__version__.split('+')[0]} {'compiled' if compiled else 'eager'} {'fp16' if half else 'tf32'}"
    with torch.inference_mode():
        for count in rows:
            ids = torch.randint(4, 200, (count, step["tokens"]))
            times, begin = [], None
            for n in range(100000):
                before = time.perf_counter()
                forward(ids.to(device))[:, 0].float().cpu()
                after = time.perf_counter()
                if n == 10:
                    begin = after
                if n > 10:
                    times.append(after - before)
                    if len(times) >= 5 and after - begin > seconds:
                        break
            print(json.dumps({"framework": name, "rows": count, "ms": 1e3 * sorted(times)[len(times) // 2]}), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--no-compile", action="store_true")
    parser.add_argument("--serve", default="")
    args = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = True
    if args.serve:
        folder = next(f for f in sorted(args.folder.iterdir()) if (f / "step.json").exists())
        for compiled in (False,) if args.no_compile else (False, True):
            for half in (False, True):
                try:
                    serve(folder, args.device, args.seconds, compiled, half, [int(n) for n in args.serve.split(",")])
                except Exception as e:  # one that fails stops no other
                    print(json.dumps({"compiled": compiled, "half": half, "failed": str(e)[:500]}), flush=True)
        return
    for folder in sorted(f for f in args.folder.iterdir() if (f / "step.json").exists()):
        for compiled in (False,) if args.no_compile else (False, True):
            try:
                print(json.dumps(measure(folder, args.device, args.seconds, compiled)), flush=True)
            except Exception as e:  # one that fails stops no other
                print(json.dumps({"step": folder.name, "compiled": compiled, "failed": str(e)[:500]}), flush=True)


if __name__ == "__main__":
    main()
