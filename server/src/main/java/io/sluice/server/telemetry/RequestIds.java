package io.sluice.server.telemetry;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.netty.util.AsciiString;
import io.netty.util.AttributeKey;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Gives every request its id: the {@code x-request-id} it came with if that is one, else a new one;
 * the reply has it in the same header, whatever it is. Thread-safe.
 */
final class RequestIds implements DecoratingHttpServiceFunction {
  private static final AsciiString HEADER = AsciiString.cached("x-request-id");
  private static final AttributeKey<String> ID = AttributeKey.valueOf(RequestIds.class, "ID");
  private static final int MOST_CHARS = 128;

  @Override
  public HttpResponse serve(HttpService service, ServiceRequestContext ctx, HttpRequest request)
      throws Exception {
    String given = request.headers().get(HEADER);
    String id = given != null && isId(given) ? given : fresh();
    ctx.setAttr(ID, id);
    ctx.setAdditionalResponseHeader(HEADER, id);
    return service.serve(ctx, request);
  }

  /** The id of the present request; empty outside of one. */
  static String of(@Nullable ServiceRequestContext request) {
    String id = request == null ? null : request.attr(ID);
    return id == null ? "" : id;
  }

  /** Nothing that could break a line of the log, and not much of it. */
  private static boolean isId(String text) {
    return !text.isEmpty()
        && text.length() <= MOST_CHARS
        && text.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '"' && c != '\\');
  }

  private static String fresh() {
    return Long.toHexString(ThreadLocalRandom.current().nextLong() | Long.MIN_VALUE);
  }
}
