"""An exported encoder back to a checkpoint, so that pretraining can go on from what was shipped.

    from_onnx.py model.onnx OUT/encoder.pt

Reads what export.py wrote, also after Sluice's importer has cleaned it: weights are found by the names of their nodes
and initializers, whose values are float16 or float32. The number of heads is not in an export: --heads, one for each 64
of the width if not given.
"""
import argparse
import re

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from model import build, from_checkpoint, make_config

LINEAR = re.compile(r'^/module/(encoder/layer\.\d+/.*|embeddings_project)/MatMul$')


def weights(model):
    """Weights under Hugging Face names, float16."""
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == 'Cast' and node.input[0] in stored:
            stored[node.output[0]] = stored[node.input[0]]
    found = {}
    for name, value in stored.items():
        plain = name.removeprefix('module.')
        if name.startswith('module.') and '@' not in name and not name.endswith('_f16'):
            found[plain] = value
    for node in model.graph.node:
        match = LINEAR.match(node.name)
        if node.op_type == 'MatMul' and match and node.input[1] in stored:
            found[match[1].replace('/', '.') + '.weight'] = stored[node.input[1]].T
    return {name: torch.tensor(np.ascontiguousarray(value, dtype=np.float16)) for name, value in found.items()}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('model')
    p.add_argument('out')
    p.add_argument('--heads', type=int)
    args = p.parse_args()
    state = weights(onnx.load(args.model))
    layers = 1 + max(int(name.split('.')[2]) for name in state if name.startswith('encoder.layer.'))
    vocab, emb = state['embeddings.word_embeddings.weight'].shape
    ffn, hidden = state['encoder.layer.0.intermediate.dense.weight'].shape
    cfg = make_config(vocab, layers, hidden, args.heads or hidden // 64, ffn, emb)
    from_checkpoint(build(cfg), state)  # complete, and of the right shapes
    torch.save({'cfg': cfg, 'enc': state, 'step': 0, 'tokens': 0}, args.out)
    print(cfg)


if __name__ == '__main__':
    main()
