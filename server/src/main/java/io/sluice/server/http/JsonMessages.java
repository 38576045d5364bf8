package io.sluice.server.http;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.RetryInfo;
import com.linecorp.armeria.common.grpc.GrpcJsonMarshaller;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Messages in the JSON form that protobuf defines. Written, a field is always there, so that a
 * reader sees {@code "abstained": false}; read, an unknown or wrong field is refused by its name,
 * and a value of another kind than the field's, which the parser would turn into one, as well.
 * Thread-safe.
 */
final class JsonMessages implements GrpcJsonMarshaller {
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer()
          .usingTypeRegistry(TypeRegistry.newBuilder().add(RetryInfo.getDescriptor()).build())
          .alwaysPrintFieldsWithNoPresence()
          .omittingInsignificantWhitespace();
  private static final JsonFormat.Parser PARSER = JsonFormat.parser();

  @Override
  public <T> void serializeMessage(Marshaller<T> marshaller, T message, OutputStream out)
      throws IOException {
    out.write(json((MessageOrBuilder) message).getBytes(StandardCharsets.UTF_8));
  }

  static String json(MessageOrBuilder message) throws InvalidProtocolBufferException {
    return PRINTER.print(message);
  }

  @Override
  public <T> T deserializeMessage(Marshaller<T> marshaller, InputStream in) throws IOException {
    String json = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    PrototypeMarshaller<T> known = (PrototypeMarshaller<T>) marshaller;
    Message prototype = (Message) known.getMessagePrototype();
    Message.Builder message = prototype.newBuilderForType();
    try {
      PARSER.merge(json, message);
    } catch (InvalidProtocolBufferException e) {
      throw Status.INVALID_ARGUMENT
          .withDescription(JsonFault.of(json, prototype, e).toString())
          .asRuntimeException();
    }
    JsonFault loose = JsonKinds.fault(json, prototype);
    if (loose != null) {
      throw Status.INVALID_ARGUMENT.withDescription(loose.toString()).asRuntimeException();
    }
    Class<?> type = prototype.getClass();
    @SuppressWarnings("unchecked") // built by the prototype of T
    T built = (T) type.cast(message.build());
    return built;
  }
}
