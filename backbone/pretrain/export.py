"""Encoder checkpoint to a folder that a serving system can import.

    export.py encoder.pt tokenizer.json OUT

Writes model.onnx (inputs input_ids, attention_mask, token_type_ids, each int64 (batch, sequence); output
last_hidden_state, float32 (batch, sequence, hidden); weights stored as float16 with a Cast behind each, arithmetic in
float32), tokenizer.json, config.json and reference.json (PyTorch's ids and outputs for a few texts), and checks ONNX
Runtime and the fast `Encoder` against the Hugging Face module.
"""
import argparse
import json
import os

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer

from model import Lookup, build, from_checkpoint, load, reference

INPUTS = ['input_ids', 'attention_mask', 'token_type_ids']
TEXTS = [('A man is playing a guitar.', 'Somebody makes music.'), ('the film was a complete waste of time', None),
         ('Zürich: naïve café, 3.5% — déjà vu?', None),
         ('is ethanol made from corn',
          'Ethanol fuel is ethyl alcohol. In the United States it is mainly produced from corn.')]


class Plain(torch.nn.Module):
    """The Hugging Face module with plain tensors in and out."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.module(input_ids=input_ids, attention_mask=attention_mask,
                           token_type_ids=token_type_ids).last_hidden_state


def halve(path):
    """Stores every large float32 initializer as float16 with a Cast to float32 behind it."""
    model = onnx.load(path)
    casts = []
    for i, tensor in enumerate(model.graph.initializer):
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < 256:
            continue
        value, name = numpy_helper.to_array(tensor), tensor.name
        half = numpy_helper.from_array(value.astype(np.float16), name + '_f16')
        model.graph.initializer[i].CopyFrom(half)
        casts.append(helper.make_node('Cast', [name + '_f16'], [name], name=name + '_cast', to=TensorProto.FLOAT))
    nodes = casts + list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def write_onnx(module, path):
    ids = torch.randint(5, 1000, (2, 16))
    mask = torch.ones_like(ids)
    mask[1, 12:] = 0
    axes = {name: {0: 'batch', 1: 'sequence'} for name in INPUTS + ['last_hidden_state']}
    torch.onnx.export(module, (ids, mask, torch.zeros_like(ids)), path, input_names=INPUTS,
                      output_names=['last_hidden_state'], dynamic_axes=axes, opset_version=17, dynamo=False)
    halve(path)


def compare(module, fast, tokenizer, path):
    """(reference outputs, largest error of ONNX Runtime, also behind padding, and of the fast encoder)."""
    session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
    references, worst, worst_fast = [], 0.0, 0.0
    for a, b in TEXTS:
        coded = tokenizer.encode(a, b) if b else tokenizer.encode(a)
        ids, types = torch.tensor([coded.ids]), torch.tensor([coded.type_ids])
        inputs = (ids, torch.ones_like(ids), types)
        with torch.no_grad():
            wanted = module(*inputs).numpy()
            ours = fast(Lookup.apply(fast.words, ids), types).numpy()
        worst_fast = max(worst_fast, float(np.abs(ours - wanted).max()))
        for pad in (0, 5):
            feed = {n: np.pad(v.numpy(), ((0, 0), (0, pad))) for n, v in zip(INPUTS, inputs)}
            got = session.run(None, feed)[0][:, :ids.shape[1]]
            worst = max(worst, float(np.abs(got - wanted).max()))
        references.append({'a': a, 'b': b, 'ids': coded.ids, 'type_ids': coded.type_ids,
                           'first': [round(float(v), 5) for v in wanted[0, 0]],
                           'last': [round(float(v), 5) for v in wanted[0, -1]]})
    return references, worst, worst_fast


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('encoder')
    p.add_argument('tokenizer')
    p.add_argument('out')
    args = p.parse_args()
    os.makedirs(args.out, exist_ok=True)
    cfg, checkpoint = load(args.encoder)
    inner = reference(cfg)
    unused = inner.load_state_dict({k: v.float() for k, v in checkpoint['enc'].items()}, strict=False)
    assert not unused.missing_keys and not unused.unexpected_keys, unused
    module = Plain(inner).eval()
    fast = build(cfg).eval()
    from_checkpoint(fast, checkpoint['enc'])
    path = f'{args.out}/model.onnx'
    write_onnx(module, path)
    tokenizer = Tokenizer.from_file(args.tokenizer)
    tokenizer.save(f'{args.out}/tokenizer.json')
    references, worst, worst_fast = compare(module, fast, tokenizer, path)
    with open(f'{args.out}/reference.json', 'w', encoding='utf-8') as out:
        json.dump(references, out)
    with open(f'{args.out}/config.json', 'w', encoding='utf-8') as out:
        json.dump({**cfg, 'max_position_embeddings': 512, 'steps': checkpoint['step'], 'tokens': checkpoint['tokens']}, out, indent=1)
    print('worst error', worst, 'fast encoder', worst_fast, 'bytes', os.path.getsize(path))


if __name__ == '__main__':
    main()
