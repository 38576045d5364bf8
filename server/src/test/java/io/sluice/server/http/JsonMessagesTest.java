package io.sluice.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.RowReply;
import org.junit.jupiter.api.Test;

class JsonMessagesTest {
  @Test
  void json_fieldsOfDefaultValue_areWritten() throws InvalidProtocolBufferException {
    assertThat(JsonMessages.json(ClassifyReply.getDefaultInstance()))
        .contains("\"label\":\"\"", "\"scores\":[]", "\"abstained\":false")
        .doesNotContain("info");
  }

  @Test
  void json_rowThatIsRefused_saysWhenToComeBack() throws InvalidProtocolBufferException {
    RetryInfo retry =
        RetryInfo.newBuilder().setRetryDelay(Duration.newBuilder().setSeconds(2)).build();
    RowReply row =
        RowReply.newBuilder()
            .setError(Status.newBuilder().setCode(8).addDetails(Any.pack(retry)))
            .build();
    assertThat(JsonMessages.json(row)).contains("\"code\":8", "\"retryDelay\":\"2s\"");
  }
}
