package io.sluice.server.oip;

import static java.util.Objects.requireNonNull;

import com.google.api.HttpRule;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.proto.inference.GRPCInferenceServiceGrpc;
import io.sluice.proto.inference.RepositoryIndexRequest;
import io.sluice.proto.inference.RepositoryIndexResponse;
import io.sluice.proto.inference.RepositoryIndexResponse.ModelIndex;
import io.sluice.proto.inference.RepositoryModelLoadRequest;
import io.sluice.proto.inference.RepositoryModelLoadResponse;
import io.sluice.proto.inference.RepositoryModelUnloadRequest;
import io.sluice.proto.inference.RepositoryModelUnloadResponse;
import io.sluice.proto.v1.ActivateRequest;
import io.sluice.proto.v1.AdapterServiceGrpc.AdapterServiceImplBase;
import io.sluice.proto.v1.InferenceServiceGrpc.InferenceServiceImplBase;
import io.sluice.proto.v1.ListReply;
import io.sluice.proto.v1.ListRequest;
import io.sluice.proto.v1.Revision;
import io.sluice.proto.v1.Task;
import io.sluice.server.engine.LiveTasks;
import io.sluice.server.rpc.Statuses;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * {@code inference.GRPCInferenceService} with the model repository extension: the store is the
 * repository, loading is activating, and an index has a line for each task. Thread-safe; never
 * blocks.
 */
public final class RepositoryRpc extends OpenInferenceRpc {
  /** The repository's HTTP forms, for the port that has it. */
  public static final List<HttpRule> HTTP_RULES =
      List.of(
          rule("RepositoryIndex", "/v2/repository/index").setResponseBody("models").build(),
          rule("RepositoryModelLoad", "/v2/repository/models/{model_name}/load").build(),
          rule("RepositoryModelUnload", "/v2/repository/models/{model_name}/unload").build());

  private static final String READY = "READY";

  private final AdapterServiceImplBase adapters;
  private final Consumer<String> withdraw;

  /**
   * @param adapters is asked what is in the store, and to activate
   * @param withdraw takes the task of that name out of service
   */
  public RepositoryRpc(
      LiveTasks tasks,
      InferenceServiceImplBase inference,
      AdapterServiceImplBase adapters,
      Consumer<String> withdraw,
      BooleanSupplier ready) {
    super(tasks, inference, ready);
    this.adapters = requireNonNull(adapters, "adapters");
    this.withdraw = requireNonNull(withdraw, "withdraw");
  }

  @Override
  public void repositoryIndex(
      RepositoryIndexRequest request, StreamObserver<RepositoryIndexResponse> observer) {
    if (!isHere(request.getRepositoryName(), Set.of(), observer)) {
      return;
    }
    list(
        observer,
        tasks -> {
          RepositoryIndexResponse.Builder index = RepositoryIndexResponse.newBuilder();
          tasks.stream()
              .map(RepositoryRpc::line)
              .filter(line -> !request.getReady() || line.getState().equals(READY))
              .forEach(index::addModels);
          observer.onNext(index.build());
          observer.onCompleted();
        });
  }

  @Override
  public void repositoryModelLoad(
      RepositoryModelLoadRequest request, StreamObserver<RepositoryModelLoadResponse> observer) {
    if (!isHere(request.getRepositoryName(), request.getParametersMap().keySet(), observer)) {
      return;
    }
    list(
        observer,
        tasks -> {
          Optional<Revision> newest = newest(tasks, request.getModelName());
          if (newest.isEmpty()) {
            observer.onError(Statuses.of(unknown(request.getModelName())));
            return;
          }
          ActivateRequest activate =
              ActivateRequest.newBuilder()
                  .setTask(request.getModelName())
                  .setRevision(newest.get().getNumber())
                  .build();
          adapters.activate(
              activate,
              Relay.toTheEnd(
                  observer,
                  done -> {
                    observer.onNext(RepositoryModelLoadResponse.getDefaultInstance());
                    observer.onCompleted();
                  }));
        });
  }

  @Override
  public void repositoryModelUnload(
      RepositoryModelUnloadRequest request,
      StreamObserver<RepositoryModelUnloadResponse> observer) {
    // There are no dependents to unload with it, so both values of that parameter mean the same.
    Set<String> parameters =
        request.getParametersMap().keySet().stream()
            .filter(name -> !name.equals("unload_dependents"))
            .collect(Collectors.toSet());
    if (!isHere(request.getRepositoryName(), parameters, observer)) {
      return;
    }
    // By way of the list, so that it is done where administration is done.
    list(
        observer,
        tasks -> {
          try {
            withdraw.accept(request.getModelName());
          } catch (SluiceException e) {
            observer.onError(Statuses.of(e));
            return;
          }
          observer.onNext(RepositoryModelUnloadResponse.getDefaultInstance());
          observer.onCompleted();
        });
  }

  private void list(StreamObserver<?> observer, Consumer<List<Task>> then) {
    adapters.list(
        ListRequest.getDefaultInstance(),
        Relay.<ListReply>toTheEnd(observer, reply -> then.accept(reply.getTasksList())));
  }

  /** Whether the request means this repository and asks for nothing it does not have. */
  private static boolean isHere(
      String repository, Set<String> parameters, StreamObserver<?> observer) {
    // What is administered is done whether or not somebody still waits.
    ((ServerCallStreamObserver<?>) observer).setOnCancelHandler(() -> {});
    if (!repository.isEmpty()) {
      observer.onError(
          Statuses.of(
              new SluiceException(
                  ErrorCode.NOT_FOUND,
                  "repository_name: \"" + repository + "\" (expected: \"\", the only one)")));
      return false;
    }
    if (!parameters.isEmpty()) {
      observer.onError(
          Statuses.of(TextInputs.invalid("parameters: " + parameters + " (expected: none)")));
      return false;
    }
    return true;
  }

  private static HttpRule.Builder rule(String method, String path) {
    return HttpRule.newBuilder()
        .setSelector(GRPCInferenceServiceGrpc.SERVICE_NAME + "." + method)
        .setPost(path)
        .setBody("*");
  }

  private static ModelIndex line(Task task) {
    ModelIndex.Builder line = ModelIndex.newBuilder().setName(task.getName());
    if (task.hasActive()) {
      return line.setVersion(task.getActiveDigest()).setState(READY).build();
    }
    boolean chosen = !task.getActiveDigest().isEmpty();
    return line.setVersion(
            chosen
                ? task.getActiveDigest()
                : newest(List.of(task), task.getName()).map(Revision::getDigest).orElse(""))
        .setState("UNAVAILABLE")
        .setReason(
            chosen ? "the active bundle is unloaded or cannot be served" : "no bundle is active")
        .build();
  }

  private static Optional<Revision> newest(List<Task> tasks, String name) {
    return tasks.stream()
        .filter(task -> task.getName().equals(name))
        .flatMap(task -> task.getRevisionsList().stream())
        .reduce((older, newer) -> newer);
  }

  private static SluiceException unknown(String name) {
    return new SluiceException(
        ErrorCode.NOT_FOUND, "model_name: \"" + name + "\" (expected: a task of the store)");
  }
}
