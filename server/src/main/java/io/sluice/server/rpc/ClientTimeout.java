package io.sluice.server.rpc;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.RequestContext;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.grpc.protocol.GrpcHeaderNames;
import io.grpc.Status;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How long a client waits, as the header {@code grpc-timeout} says: {@code 500m}. */
public final class ClientTimeout {
  /** What is said to who does not wait at all. */
  public static final Status EXPIRED =
      Status.DEADLINE_EXCEEDED.withDescription("deadline passed before the request came");

  /** What is said to a header of another form. */
  static final Status UNREAD =
      Status.INVALID_ARGUMENT.withDescription(
          "grpc-timeout: not a time (expected: 1 to 8 digits and one of H, M, S, m, u, n)");

  private static final Pattern FORM = Pattern.compile("([0-9]{1,8})([HMSmun])");

  private ClientTimeout() {}

  /** Zero or more; null when the client says nothing, or nothing that can be read. */
  public static @Nullable Duration of(RequestHeaders headers) {
    Matcher form = FORM.matcher(headers.get(GrpcHeaderNames.GRPC_TIMEOUT, ""));
    return form.matches()
        ? Duration.of(Long.parseLong(form.group(1)), unit(form.group(2).charAt(0)))
        : null;
  }

  /** Whether the client says something that cannot be read. */
  static boolean isUnread(RequestContext context) {
    HttpRequest request = context.request();
    return request != null
        && request.headers().contains(GrpcHeaderNames.GRPC_TIMEOUT)
        && of(request.headers()) == null;
  }

  private static ChronoUnit unit(char letter) {
    return switch (letter) {
      case 'H' -> ChronoUnit.HOURS;
      case 'M' -> ChronoUnit.MINUTES;
      case 'S' -> ChronoUnit.SECONDS;
      case 'm' -> ChronoUnit.MILLIS;
      case 'u' -> ChronoUnit.MICROS;
      default -> ChronoUnit.NANOS;
    };
  }
}
