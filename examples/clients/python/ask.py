"""Asks the example tasks of a Sluice server over gRPC: python ask.py [HOST:PORT]"""

import sys

import grpc

from sluice.v1 import inference_pb2, inference_pb2_grpc

PASSAGE = (
    "The gate is locked at ten at night. "
    "Guests get a key at the desk for a deposit of five euros."
)
TIMEOUT_SECONDS = 10


def main(server: str) -> None:
    with grpc.insecure_channel(server) as channel:
        stub = inference_pb2_grpc.InferenceServiceStub(channel)
        classify(stub, "sentiment", "came a day early and works well")
        answer(stub, "boolean-answer", "can guests get a key")
        answer(stub, "span-answer", "how much is the deposit")
        multi_classify(
            stub,
            ["sentiment", "intent"],
            "my parcel should have been here on Monday",
        )
        classify(stub, "nobody", "anything")


def classify(stub, task: str, text: str) -> None:
    request = inference_pb2.ClassifyRequest(task=task, text=text)
    try:
        reply = stub.Classify(request, timeout=TIMEOUT_SECONDS)
        print(f"{task}: {best(reply)}")
    except grpc.RpcError as error:
        # NOT_FOUND: no such task. RESOURCE_EXHAUSTED, UNAVAILABLE: try again later.
        print(f"{task}: {error.code().name} {error.details()}")


def answer(stub, task: str, question: str) -> None:
    reply = stub.Answer(
        inference_pb2.AnswerRequest(task=task, question=question, passage=PASSAGE),
        timeout=TIMEOUT_SECONDS,
    )
    if reply.WhichOneof("answer") == "boolean":
        said, score = "yes" if reply.boolean.value else "no", reply.boolean.score
    else:
        said, score = reply.span.text, reply.span.score
    print(f"{question}: {said} {score:.3f}")


def multi_classify(stub, tasks: list[str], text: str) -> None:
    reply = stub.MultiClassify(
        inference_pb2.MultiClassifyRequest(tasks=tasks, text=text),
        timeout=TIMEOUT_SECONDS,
    )
    for result in reply.results:
        print(f"{result.task}: {best(result.reply)}")


def best(reply) -> str:
    score = max(score.score for score in reply.scores)
    return f"{reply.label} {score:.3f}"


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "localhost:8433")
