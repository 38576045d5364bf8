package io.sluice.server.rpc;

import io.grpc.BindableService;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.sluice.proto.v1.AdapterServiceGrpc;
import io.sluice.proto.v1.InferenceServiceGrpc;
import io.sluice.server.activation.TaskListener;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What {@code grpc.health.v1} tells: the server ("" ), each service by its full name, each task as
 * {@code task/NAME}. Thread-safe.
 */
public final class Readiness implements TaskListener {
  private static final String TASK_PREFIX = "task/";

  private final HealthStatusManager statuses = new HealthStatusManager();
  private final AtomicBoolean up = new AtomicBoolean();
  private final AtomicBoolean draining = new AtomicBoolean();

  public Readiness() {
    set("", false);
    set(InferenceServiceGrpc.SERVICE_NAME, false);
    set(AdapterServiceGrpc.SERVICE_NAME, false);
  }

  /** The health service, for each port that should tell. */
  public BindableService service() {
    return statuses.getHealthService();
  }

  /** Everything that is up is up. */
  public void ready() {
    up.set(true);
    set("", true);
    set(InferenceServiceGrpc.SERVICE_NAME, true);
    set(AdapterServiceGrpc.SERVICE_NAME, true);
  }

  /** Whether requests are accepted: everything is up, and nothing drains. */
  public boolean isReady() {
    return up.get() && !draining.get();
  }

  @Override
  public void serving(String task, boolean serving) {
    set(TASK_PREFIX + task, serving);
  }

  @Override
  public void retired(String task) {
    statuses.clearStatus(TASK_PREFIX + task);
  }

  /** Nothing is ready any more, for good. */
  public void draining() {
    if (draining.compareAndSet(false, true)) {
      statuses.enterTerminalState();
    }
  }

  private void set(String name, boolean serving) {
    statuses.setStatus(name, serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
  }
}
