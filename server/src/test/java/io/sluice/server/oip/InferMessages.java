package io.sluice.server.oip;

import com.google.protobuf.ByteString;
import io.sluice.server.oip.stranger.InferTensorContents;
import io.sluice.server.oip.stranger.ModelInferRequest;
import io.sluice.server.oip.stranger.ModelInferRequest.InferInputTensor;
import io.sluice.server.oip.stranger.ModelInferResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What a client sends to infer and reads from the replies, as contents or raw. */
final class InferMessages {
  private InferMessages() {}

  static ModelInferRequest request(String model, List<String> texts) {
    ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName(model);
    add(request, "text", texts, false);
    return request.build();
  }

  static void add(ModelInferRequest.Builder request, String name, List<String> texts, boolean raw) {
    InferInputTensor.Builder input =
        InferInputTensor.newBuilder().setName(name).setDatatype("BYTES").addShape(texts.size());
    if (raw) {
      request.addRawInputContents(raw(texts));
    } else {
      texts.forEach(text -> input.getContentsBuilder().addBytesContents(utf8(text)));
    }
    request.addInputs(input);
  }

  private static ByteString utf8(String text) {
    return ByteString.copyFrom(text, StandardCharsets.UTF_8);
  }

  static ByteString raw(List<String> texts) {
    ByteString raw = ByteString.EMPTY;
    for (String text : texts) {
      ByteString bytes = utf8(text);
      ByteBuffer length =
          ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(bytes.size()).flip();
      raw = raw.concat(ByteString.copyFrom(length)).concat(bytes);
    }
    return raw;
  }

  static List<String> texts(ByteString raw) {
    ByteBuffer bytes = raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    List<String> texts = new ArrayList<>();
    while (bytes.hasRemaining()) {
      byte[] text = new byte[bytes.getInt()];
      bytes.get(text);
      texts.add(new String(text, StandardCharsets.UTF_8));
    }
    return texts;
  }

  static List<Float> floats(ByteString raw) {
    ByteBuffer bytes = raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    return IntStream.range(0, raw.size() / 4).mapToObj(i -> bytes.getFloat(4 * i)).toList();
  }

  static List<String> texts(ModelInferResponse reply, int output) {
    return contents(reply, output).getBytesContentsList().stream()
        .map(ByteString::toStringUtf8)
        .toList();
  }

  static InferTensorContents contents(ModelInferResponse reply, int output) {
    return reply.getOutputs(output).getContents();
  }

  static int count(ByteString raw) {
    return raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).getInt();
  }
}
