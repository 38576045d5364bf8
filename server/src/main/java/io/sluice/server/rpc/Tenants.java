package io.sluice.server.rpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.regex.Pattern;

/**
 * Puts the tenant a request names, in the metadata {@code sluice-tenant}, into the gRPC context. A
 * request over HTTP names it in the header of the same name.
 */
public final class Tenants implements ServerInterceptor {
  private static final String NAME = "sluice-tenant";
  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of(NAME, Metadata.ASCII_STRING_MARSHALLER);
  private static final Context.Key<String> TENANT = Context.key(NAME);
  private static final Pattern LEGAL = Pattern.compile("[A-Za-z0-9._-]{1,63}");

  /** The tenant of the present call, empty if it names none; an illegal one is a refusal. */
  static String current() {
    String tenant = TENANT.get();
    if (tenant == null) {
      return "";
    }
    if (!LEGAL.matcher(tenant).matches()) {
      throw Texts.invalid(
          NAME + ": \"" + tenant + "\" (expected: 1 to 63 letters, digits, '.', '_' and '-')");
    }
    return tenant;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    String tenant = headers.get(HEADER);
    return tenant == null
        ? next.startCall(call, headers)
        : Contexts.interceptCall(Context.current().withValue(TENANT, tenant), call, headers, next);
  }
}
