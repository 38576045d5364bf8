"""Fine-tunes one encoder on many tasks, several processes side by side.

    evaluate.py encoder.pt tokenizer.json TASKS [--out eval.jsonl] [--seeds 3] [--gpus 4] [--also mnli=5e-4,rte=3e-4] ...

Prints one JSON line a run as it ends. What has not ended after --seconds is stopped and named; what fails is tried
once more without CUDA graphs.
"""
import argparse
import os
import subprocess
import sys
import time

TASKS = {  # longest first: training rows, rows to score on, options of finetune.py
    'mnli': ('mnli/train,lingnli/train,wiki_nli/train', 'mnli/dev_matched', '--epochs 3 --batch 64 --lr 3e-4'),
    'sst2': ('sst2/train', 'sst2/dev', '--epochs 2 --batch 64 --lr 2e-4 --maxlen 96'),
    'boolq': ('boolq/train', 'boolq/dev', '--epochs 5 --batch 32 --lr 1e-4 --maxlen 320'),
    'stsb': ('stsb/train', 'stsb/dev', '--epochs 5 --batch 32 --lr 2e-4 --regression'),
    'rte': ('rte/train', 'rte/dev', '--epochs 6 --batch 32 --lr 1e-4 --maxlen 192'),
    'trec': ('trec/train', 'trec/test', '--epochs 5 --batch 32 --lr 2e-4 --maxlen 64'),
    'cola': ('cola/train,cola/val', 'cola/dev', '--epochs 3 --batch 32 --lr 2e-4 --maxlen 64'),
}
HERE = os.path.dirname(os.path.abspath(__file__))


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('encoder')
    p.add_argument('tokenizer')
    p.add_argument('tasks', help='folder with a folder of .jsonl files for each task')
    p.add_argument('--out', help='file that the lines are added to as well')
    p.add_argument('--only', default='', help='tasks to run, separated by commas')
    p.add_argument('--also', default='', help='further runs at another rate: task=rate, separated by commas')
    p.add_argument('--seeds', type=int, default=1)
    p.add_argument('--gpus', type=int, default=1)
    p.add_argument('--together', type=int, default=7, help='processes at a time on each GPU')
    p.add_argument('--seconds', type=float, default=600)
    return p.parse_args()


def command(args, task, seed, extra):
    train, dev, options = TASKS[task]
    files = ','.join(f'{args.tasks}/{name}.jsonl' for name in train.split(','))
    return [sys.executable, f'{HERE}/finetune.py', '--encoder', args.encoder, '--tokenizer', args.tokenizer,
            '--train', files, '--dev', f'{args.tasks}/{dev}.jsonl', '--seed', str(seed), *options.split(), *extra]


class Run:
    """One process of finetune.py, on one of the GPUs."""

    def __init__(self, args, gpu, task, seed, extra=()):
        self.gpu, self.what = gpu, (task, seed, tuple(extra))
        self.errors = f'/tmp/finetune-{task}-{seed}-{"".join(extra)}.err'
        with open(self.errors, 'w', encoding='utf-8') as errors:
            self.process = subprocess.Popen(
                command(args, task, seed, extra), stdout=subprocess.PIPE, stderr=errors, text=True,
                env={**os.environ, 'CUDA_VISIBLE_DEVICES': str(gpu), 'OMP_NUM_THREADS': '2', 'RAYON_NUM_THREADS': '4'})

    def outcome(self):
        return self.process.communicate()[0].strip()

    def last_errors(self):
        with open(self.errors, encoding='utf-8') as errors:
            return errors.read()[-800:]


def main():
    args = arguments()
    only = args.only.split(',') if args.only else list(TASKS)
    waiting = [(task, seed, ()) for task in TASKS if task in only for seed in range(args.seeds)]
    others = [job.split('=') for job in args.also.split(',') if job]
    waiting += [(task, seed, ('--lr', rate)) for task, rate in others for seed in range(args.seeds)]
    running, end = [], time.time() + args.seconds

    def note(line):
        print(line, flush=True)
        if args.out:
            with open(args.out, 'a', encoding='utf-8') as out:
                out.write(line + '\n')

    while waiting or running:
        while waiting and len(running) < args.together * args.gpus:
            busy = [run.gpu for run in running]
            running.append(Run(args, min(range(args.gpus), key=busy.count), *waiting.pop(0)))
        for run in list(running):
            if run.process.poll() is None:
                continue
            running.remove(run)
            if run.process.returncode == 0:
                note(run.outcome())
                continue
            print('failed', run.what, run.last_errors(), flush=True)
            task, seed, extra = run.what
            if '--plain' not in extra:
                waiting.insert(0, (task, seed, (*extra, '--plain')))
        if time.time() > end:
            for run in running:
                run.process.kill()
                print('stopped', run.what, flush=True)
            break
        time.sleep(0.2)


if __name__ == '__main__':
    main()
