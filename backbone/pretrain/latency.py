"""CPU latency of exported encoders by plain ONNX Runtime, one in turn after the other.

    latency.py [--threads 2] [--rounds 40] A/model.onnx B/model.onnx ...

One JSON line a model and size (texts x tokens): median, first and third quartile of all rounds, in milliseconds.
"""
import argparse
import json
import time

import numpy as np
import onnxruntime

SIZES = [(1, 32), (16, 64)]


def session(path, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    return onnxruntime.InferenceSession(path, options, providers=['CPUExecutionProvider'])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('models', nargs='+')
    p.add_argument('--threads', type=int, default=2)
    p.add_argument('--rounds', type=int, default=40)
    p.add_argument('--least', type=float, default=0.1, help='seconds of runs whose mean is one round')
    args = p.parse_args()
    sessions = {path: session(path, args.threads) for path in args.models}
    for size in SIZES:
        ids = np.random.default_rng(0).integers(5, 16000, size)
        feed = {'input_ids': ids, 'attention_mask': np.ones_like(ids), 'token_type_ids': np.zeros_like(ids)}
        times = {path: [] for path in sessions}
        for turn in range(args.rounds + 1):
            for path, run in sessions.items():
                begun, runs = time.perf_counter(), 0
                while runs == 0 or time.perf_counter() - begun < args.least:
                    run.run(None, feed)
                    runs += 1
                if turn:  # the first is for warming up
                    times[path].append(1000 * (time.perf_counter() - begun) / runs)
        for path, found in times.items():
            low, middle, high = np.percentile(found, [25, 50, 75])
            print(json.dumps({'model': path, 'texts': size[0], 'tokens': size[1], 'ms': round(middle, 2),
                              'quartiles': [round(low, 2), round(high, 2)]}), flush=True)


if __name__ == '__main__':
    main()
