"""Fine-tunes encoders on many tasks, several processes side by side on each GPU.

    evaluate.py encoder.pt tokenizer.json TASKS [--out eval.jsonl] [--seeds 3] [--gpus 4] [--also mnli=5e-4,rte=3e-4] ...
    evaluate.py encoder.pt tokenizer.json TASKS --runs runs.jsonl ...

Prints one JSON line a run as it ends. What has not ended after --seconds is stopped and named; what fails is tried
once more without CUDA graphs.

A line of --runs: {"run": name, "task": t, "options": "--lr 5e-4 ...", "seeds": [0, 1]}, the options on top of the
task's own; "encoder" and "tasks" go before those of the command line, "train" before the task's files. {seed} in them
stands for the seed. A run whose encoder is not there yet waits for it: another run may --save it.
"""
import argparse
import dataclasses
import json
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
    p.add_argument('--runs', help='file of runs, in place of all tasks')
    p.add_argument('--seeds', type=int, default=1)
    p.add_argument('--gpus', type=int, default=1)
    p.add_argument('--together', type=int, default=7, help='processes at a time on each GPU')
    p.add_argument('--seconds', type=float, default=600)
    return p.parse_args()


@dataclasses.dataclass(frozen=True)
class Job:
    """One process of finetune.py."""
    name: str  # of its run; '' where there is no list of them
    task: str
    seed: int
    encoder: str
    command: tuple

    def without_graphs(self):
        return dataclasses.replace(self, command=(*self.command, '--plain'))


def job(args, run, seed):
    """The job of a line of --runs for one seed."""
    run = {k: v.format(seed=seed) if isinstance(v, str) else v for k, v in run.items()}
    train, dev, options = TASKS[run['task']]
    tasks = run.get('tasks', args.tasks.format(seed=seed))
    encoder = run.get('encoder', args.encoder)
    files = ','.join(f'{tasks}/{name}.jsonl' for name in run.get('train', train).split(','))
    command = (sys.executable, f'{HERE}/finetune.py', '--encoder', encoder, '--tokenizer', args.tokenizer,
               '--train', files, '--dev', f'{tasks}/{dev}.jsonl', '--seed', str(seed), *options.split(),
               *run.get('options', '').split())
    return Job(run.get('run', ''), run['task'], seed, encoder, command)


def jobs(args):
    if args.runs:
        with open(args.runs, encoding='utf-8') as file:
            runs = [json.loads(line) for line in file]
    else:
        runs = [{'task': task} for task in TASKS if task in (args.only or ','.join(TASKS)).split(',')]
        others = [each.split('=') for each in args.also.split(',') if each]
        runs += [{'task': task, 'options': f'--lr {rate}'} for task, rate in others]
    return [job(args, run, seed) for run in runs for seed in run.get('seeds', range(args.seeds))]


class Process:
    """A job that runs, on one of the GPUs."""

    def __init__(self, job, gpu):
        self.job, self.gpu = job, gpu
        self.errors = f'/tmp/finetune-{os.getpid()}-{job.name.replace("/", "-")}-{job.task}-{job.seed}.err'
        with open(self.errors, 'w', encoding='utf-8') as errors:
            self.process = subprocess.Popen(
                job.command, stdout=subprocess.PIPE, stderr=errors, text=True,
                env={**os.environ, 'CUDA_VISIBLE_DEVICES': str(gpu), 'OMP_NUM_THREADS': '2', 'RAYON_NUM_THREADS': '4'})

    def outcome(self):
        line = json.loads(self.process.communicate()[0].strip().splitlines()[-1])
        return {'run': self.job.name, **line} if self.job.name else line

    def last_errors(self):
        with open(self.errors, encoding='utf-8') as errors:
            return errors.read()[-800:]


def main():
    args = arguments()
    waiting, running, end = jobs(args), [], time.time() + args.seconds

    def note(line):
        print(json.dumps(line), flush=True)
        if args.out:
            with open(args.out, 'a', encoding='utf-8') as out:
                out.write(json.dumps(line) + '\n')

    def next_job():
        ready = next((job for job in waiting if os.path.exists(job.encoder)), None)
        if ready:
            waiting.remove(ready)
        return ready

    while time.time() < end:
        while len(running) < args.together * args.gpus and (ready := next_job()):
            busy = [process.gpu for process in running]
            running.append(Process(ready, min(range(args.gpus), key=busy.count)))
        if not running:
            break  # all is done, or waits for an encoder that nothing will save
        for process in [process for process in running if process.process.poll() is not None]:
            running.remove(process)
            if process.process.returncode == 0:
                note(process.outcome())
                continue
            print('failed', process.job, process.last_errors(), flush=True)
            if '--plain' not in process.job.command:
                waiting.insert(0, process.job.without_graphs())
        time.sleep(0.2)
    for process in running:
        process.process.kill()
    for job, how in [(process.job, 'stopped') for process in running] + [(job, 'not begun') for job in waiting]:
        note({'run': job.name, 'task': job.task, 'seed': job.seed, 'ended': how})


if __name__ == '__main__':
    main()
