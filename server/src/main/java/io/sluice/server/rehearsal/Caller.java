package io.sluice.server.rehearsal;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.client.grpc.GrpcClients;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import io.grpc.stub.StreamObserver;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.InferenceServiceGrpc.InferenceServiceStub;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A client in one protocol: asks the label of a text. Thread-safe. */
interface Caller {
  /**
   * Completes when it is answered, exceptionally if refused. Neither the task's name nor the text
   * needs quoting.
   */
  CompletionStage<?> ask(String task, String text);

  static Caller grpc(int port, ClientFactory clients) {
    InferenceServiceStub stub =
        GrpcClients.builder("gproto+http://127.0.0.1:" + port + "/")
            .factory(clients)
            .build(InferenceServiceStub.class);
    return (task, text) -> {
      CompletableFuture<ClassifyReply> answer = new CompletableFuture<>();
      stub.classify(
          ClassifyRequest.newBuilder().setTask(task).setText(text).build(), completing(answer));
      return answer;
    };
  }

  static Caller json(int port, ClientFactory clients) {
    WebClient client = WebClient.builder("http://127.0.0.1:" + port).factory(clients).build();
    return (task, text) ->
        client
            .execute(
                HttpRequest.of(
                    HttpMethod.POST,
                    "/v1/tasks/" + task + ":classify",
                    MediaType.JSON,
                    "{\"text\": \"" + text + "\"}"))
            .aggregate()
            .thenAccept(
                answer -> {
                  if (!answer.status().equals(HttpStatus.OK)) {
                    throw new IllegalStateException(answer.contentUtf8());
                  }
                });
  }

  private static <T> StreamObserver<T> completing(CompletableFuture<T> answer) {
    return new StreamObserver<>() {
      @Override
      public void onNext(T value) {
        answer.complete(value);
      }

      @Override
      public void onError(Throwable failure) {
        answer.completeExceptionally(failure);
      }

      @Override
      public void onCompleted() {}
    };
  }
}
