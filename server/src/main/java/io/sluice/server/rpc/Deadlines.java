package io.sluice.server.rpc;

import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Puts the time at which the host will give a request up (the client's deadline or the server's own
 * limit) into its gRPC context, where services find it without knowing the host.
 */
public final class Deadlines implements ServerInterceptor {
  private static final Context.Key<Long> DEADLINE_NANOS = Context.key("sluice-deadline-nanos");

  /** The deadline of the present call by {@link System#nanoTime()}; null when it has none. */
  static @Nullable Long currentNanos() {
    return DEADLINE_NANOS.get();
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    ServiceRequestContext request = ServiceRequestContext.currentOrNull();
    long timeoutMillis = request == null ? 0 : request.requestTimeoutMillis();
    if (timeoutMillis <= 0) {
      return next.startCall(call, headers);
    }
    long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    Context context = Context.current().withValue(DEADLINE_NANOS, deadlineNanos);
    return Contexts.interceptCall(context, call, headers, next);
  }
}
