package io.sluice.server.testing;

import io.sluice.proto.v1.AnswerReply;
import io.sluice.proto.v1.AnswerRequest;
import io.sluice.proto.v1.ClassifyBatchReply;
import io.sluice.proto.v1.ClassifyBatchRequest;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.ClassifyStreamReply;
import io.sluice.proto.v1.ClassifyStreamRequest;
import io.sluice.proto.v1.InferenceServiceGrpc.InferenceServiceStub;
import io.sluice.proto.v1.MultiClassifyReply;
import io.sluice.proto.v1.MultiClassifyRequest;
import java.util.concurrent.TimeUnit;

/** The methods of the inference service, all asked in the same ways. */
public enum InferenceMethod {
  CLASSIFY {
    @Override
    Hearing<?, ?> begin(InferenceServiceStub client, ClassifyRequest row) {
      Hearing<ClassifyRequest, ClassifyReply> hearing = new Hearing<>(reply -> Outcome.ok());
      client.classify(row, hearing);
      return hearing;
    }
  },
  MULTI_CLASSIFY {
    @Override
    Hearing<?, ?> begin(InferenceServiceStub client, ClassifyRequest row) {
      Hearing<MultiClassifyRequest, MultiClassifyReply> hearing =
          new Hearing<>(reply -> Outcome.ok());
      MultiClassifyRequest.Builder request =
          MultiClassifyRequest.newBuilder().addTasks("more").addTasks(row.getTask());
      if (row.hasTextPair()) {
        request.setTextPair(row.getTextPair());
      }
      client.multiClassify(request.setText(row.getText()).build(), hearing);
      return hearing;
    }

    @Override
    Hearing<?, ?> beginNothing(InferenceServiceStub client) {
      Hearing<MultiClassifyRequest, MultiClassifyReply> hearing =
          new Hearing<>(reply -> Outcome.ok());
      client.multiClassify(MultiClassifyRequest.newBuilder().setText("good").build(), hearing);
      return hearing;
    }
  },
  CLASSIFY_BATCH {
    @Override
    Hearing<?, ?> begin(InferenceServiceStub client, ClassifyRequest row) {
      return begin(client, ClassifyBatchRequest.newBuilder().addRows(row).build());
    }

    @Override
    Hearing<?, ?> beginNothing(InferenceServiceStub client) {
      return begin(client, ClassifyBatchRequest.getDefaultInstance());
    }

    private static Hearing<?, ?> begin(InferenceServiceStub client, ClassifyBatchRequest request) {
      Hearing<ClassifyBatchRequest, ClassifyBatchReply> hearing =
          new Hearing<>(reply -> Outcome.of(reply.getRows(0)));
      client.classifyBatch(request, hearing);
      return hearing;
    }
  },
  CLASSIFY_STREAM {
    @Override
    Hearing<?, ?> begin(InferenceServiceStub client, ClassifyRequest row) {
      Hearing<ClassifyStreamRequest, ClassifyStreamReply> hearing =
          new Hearing<>(reply -> Outcome.of(reply.getRow()));
      client.classifyStream(hearing).onNext(ClassifyStreamRequest.newBuilder().setRow(row).build());
      return hearing;
    }

    /** A stream that nobody says anything on. */
    @Override
    public Outcome askInVain(RunningServer server) {
      Hearing<ClassifyStreamRequest, ClassifyStreamReply> hearing =
          new Hearing<>(reply -> Outcome.of(reply.getRow()));
      var unused =
          server
              .data(InferenceServiceStub.class)
              .withDeadlineAfter(100, TimeUnit.MILLISECONDS)
              .classifyStream(hearing);
      return hearing.outcome();
    }
  },
  ANSWER {
    @Override
    Hearing<?, ?> begin(InferenceServiceStub client, ClassifyRequest row) {
      Hearing<AnswerRequest, AnswerReply> hearing = new Hearing<>(reply -> Outcome.ok());
      client.answer(
          AnswerRequest.newBuilder()
              .setTask(row.getTask())
              .setQuestion("who was it")
              .setPassage(row.getText())
              .build(),
          hearing);
      return hearing;
    }

    @Override
    public String task() {
      return "spans";
    }

    @Override
    public String otherKind() {
      return "labels";
    }
  };

  /** A task that can be asked so. */
  public String task() {
    return "labels";
  }

  /** One that cannot. */
  public String otherKind() {
    return "spans";
  }

  public Outcome ask(RunningServer server, String task, String text) {
    return ended(
        begin(
            server.patient(InferenceServiceStub.class),
            ClassifyRequest.newBuilder().setTask(task).setText(text).build()));
  }

  /** Asks about two texts. */
  public Outcome askPair(RunningServer server, String task) {
    return ended(
        begin(
            server.patient(InferenceServiceStub.class),
            ClassifyRequest.newBuilder().setTask(task).setText("good").setTextPair("bad").build()));
  }

  /** Asks with a part missing that there must be one of at least. */
  public Outcome askNothing(RunningServer server) {
    return ended(beginNothing(server.patient(InferenceServiceStub.class)));
  }

  /** Asks with a deadline that cannot be kept. */
  public Outcome askInVain(RunningServer server) {
    InferenceServiceStub client =
        server.data(InferenceServiceStub.class).withDeadlineAfter(1, TimeUnit.MICROSECONDS);
    return begin(client, ClassifyRequest.newBuilder().setTask(task()).setText("good").build())
        .outcome();
  }

  public Outcome askAndCancel(RunningServer server) {
    Hearing<?, ?> hearing =
        begin(
            server.patient(InferenceServiceStub.class),
            ClassifyRequest.newBuilder()
                .setTask(task())
                .setText("the old film was good ".repeat(12))
                .build());
    hearing.cancel();
    return hearing.outcome();
  }

  /** What became of a call, which then is over whatever it is. */
  private static Outcome ended(Hearing<?, ?> hearing) {
    Outcome outcome = hearing.outcome();
    hearing.cancel();
    return outcome;
  }

  abstract Hearing<?, ?> begin(InferenceServiceStub client, ClassifyRequest row);

  Hearing<?, ?> beginNothing(InferenceServiceStub client) {
    return begin(client, ClassifyRequest.newBuilder().setText("good").build());
  }
}
