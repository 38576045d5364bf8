package example;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.sluice.proto.v1.AnswerReply;
import io.sluice.proto.v1.AnswerRequest;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.InferenceServiceGrpc;
import io.sluice.proto.v1.InferenceServiceGrpc.InferenceServiceBlockingStub;
import io.sluice.proto.v1.LabelScore;
import io.sluice.proto.v1.MultiClassifyRequest;
import io.sluice.proto.v1.TaskClassification;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Asks the example tasks of a Sluice server over gRPC. The argument: HOST:PORT. */
public final class Ask {
  private static final String PASSAGE =
      "The gate is locked at ten at night."
          + " Guests get a key at the desk for a deposit of five euros.";

  private final InferenceServiceBlockingStub stub;

  private Ask(InferenceServiceBlockingStub stub) {
    this.stub = stub;
  }

  public static void main(String[] args) throws InterruptedException {
    String server = args.length > 0 ? args[0] : "localhost:8433";
    ManagedChannel channel =
        Grpc.newChannelBuilder(server, InsecureChannelCredentials.create()).build();
    try {
      Ask ask = new Ask(InferenceServiceGrpc.newBlockingStub(channel));
      ask.classify("sentiment", "came a day early and works well");
      ask.answer("boolean-answer", "can guests get a key");
      ask.answer("span-answer", "how much is the deposit");
      ask.multiClassify(
          List.of("sentiment", "intent"), "my parcel should have been here on Monday");
      ask.classify("nobody", "anything");
    } finally {
      channel.shutdown().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  private void classify(String task, String text) {
    ClassifyRequest request = ClassifyRequest.newBuilder().setTask(task).setText(text).build();
    try {
      System.out.printf("%s: %s%n", task, best(inTime().classify(request)));
    } catch (StatusRuntimeException e) {
      // NOT_FOUND: no such task. RESOURCE_EXHAUSTED, UNAVAILABLE: try again later.
      System.out.printf(
          "%s: %s %s%n", task, e.getStatus().getCode(), e.getStatus().getDescription());
    }
  }

  private void answer(String task, String question) {
    AnswerRequest request =
        AnswerRequest.newBuilder()
            .setTask(task)
            .setQuestion(question)
            .setPassage(PASSAGE)
            .build();
    AnswerReply reply = inTime().answer(request);
    if (reply.hasBoolean()) {
      String said = reply.getBoolean().getValue() ? "yes" : "no";
      print(question, said, reply.getBoolean().getScore());
    } else {
      print(question, reply.getSpan().getText(), reply.getSpan().getScore());
    }
  }

  private static void print(String question, String said, float score) {
    System.out.printf(Locale.ROOT, "%s: %s %.3f%n", question, said, score);
  }

  private void multiClassify(List<String> tasks, String text) {
    MultiClassifyRequest request =
        MultiClassifyRequest.newBuilder().addAllTasks(tasks).setText(text).build();
    for (TaskClassification result : inTime().multiClassify(request).getResultsList()) {
      System.out.printf("%s: %s%n", result.getTask(), best(result.getReply()));
    }
  }

  /** A call never waits for ever. */
  private InferenceServiceBlockingStub inTime() {
    return stub.withDeadlineAfter(10, TimeUnit.SECONDS);
  }

  private static String best(ClassifyReply reply) {
    double score =
        reply.getScoresList().stream().mapToDouble(LabelScore::getScore).max().orElseThrow();
    return String.format(Locale.ROOT, "%s %.3f", reply.getLabel(), score);
  }
}
