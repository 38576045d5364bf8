package io.sluice.server.rpc;

import static java.util.Objects.requireNonNull;

import com.linecorp.armeria.common.util.TimeoutMode;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the time of a request and puts its end into the gRPC context, where services find it
 * without knowing the host. The client's deadline holds if it is the earlier one. Methods that
 * answer with a stream (rows, health watch, reflection) last as long as the client likes; what they
 * bring is bounded row by row.
 */
public final class Deadlines implements ServerInterceptor {
  private static final Context.Key<Long> DEADLINE_NANOS = Context.key("sluice-deadline-nanos");
  private static final Context.Key<Duration> ROW_LIMIT = Context.key("sluice-row-limit");

  private final Duration limit;

  public Deadlines(Duration limit) {
    this.limit = requireNonNull(limit, "limit");
  }

  /** The deadline of the present call by {@link System#nanoTime()}; null when it has none. */
  static @Nullable Long currentNanos() {
    return DEADLINE_NANOS.get();
  }

  /**
   * The deadline of a row that the present stream has just brought, by {@link System#nanoTime()};
   * null when it has none.
   */
  static @Nullable Long rowNanos() {
    Duration limit = ROW_LIMIT.get();
    return limit == null ? null : System.nanoTime() + limit.toNanos();
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    ServiceRequestContext request = ServiceRequestContext.currentOrNull();
    if (request == null) {
      return next.startCall(call, headers);
    }
    Duration asked = ClientTimeout.of(request.request().headers());
    if (asked != null && asked.isZero()) {
      call.close(ClientTimeout.EXPIRED, new Metadata());
      return new ServerCall.Listener<>() {};
    }
    if (!call.getMethodDescriptor().getType().serverSendsOneMessage()) {
      Context context = Context.current().withValue(ROW_LIMIT, limit);
      return Contexts.interceptCall(context, call, headers, next);
    }
    // The host lets a call without a deadline run for ever, as gRPC asks it to, and one whose
    // deadline is now as well.
    Duration timeout = asked;
    if (timeout == null || timeout.compareTo(limit) > 0) {
      timeout = limit;
      request.setRequestTimeout(TimeoutMode.SET_FROM_NOW, limit);
    }
    long deadlineNanos = System.nanoTime() + timeout.toNanos();
    Context context = Context.current().withValue(DEADLINE_NANOS, deadlineNanos);
    return Contexts.interceptCall(context, call, headers, next);
  }
}
