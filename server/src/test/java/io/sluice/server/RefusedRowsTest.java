package io.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Code;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.ClassifyBatchReply;
import io.sluice.proto.v1.ClassifyBatchRequest;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.ClassifyStreamReply;
import io.sluice.proto.v1.InferenceServiceGrpc.InferenceServiceFutureStub;
import io.sluice.proto.v1.RowReply;
import io.sluice.server.engine.BatchingSettings;
import io.sluice.server.engine.EngineSettings;
import io.sluice.server.engine.OverloadedException.Reason;
import io.sluice.server.testing.RowStream;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.Scrape;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.SharedServer;
import io.sluice.server.testing.TestingBackbone;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Rows that are refused while their call goes on: a client's count of them is the server's. */
@Timeout(60)
class RefusedRowsTest {
  private static final int CALLS = 8;
  private static final int ROWS = 60;
  private static final ClassifyRequest ROW =
      ClassifyRequest.newBuilder()
          .setTask("film")
          .setText("the old film was good ".repeat(12))
          .build();

  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = TestingBackbone.create();
  private static final BatchingSettings two =
      new BatchingSettings(64, 1, 2, Duration.ZERO, Duration.ZERO, Duration.ofSeconds(1));

  @RegisterExtension
  static final SharedServer shared =
      new SharedServer(
          backbone,
          ServerSettings.defaults().withEngine(EngineSettings.defaults().withBatching(two)),
          runtime);

  private static RunningServer server;

  @BeforeAll
  static void activate() {
    server = shared.get();
    server.activate("film", new ServedBundles(backbone, runtime).bundle(1, 1));
  }

  @Test
  void batch_rowsOfAFullQueue_areCountedAsRefusals() throws Exception {
    double before = refusals();
    InferenceServiceFutureStub client = server.patient(InferenceServiceFutureStub.class);
    ClassifyBatchRequest request =
        ClassifyBatchRequest.newBuilder().addAllRows(Collections.nCopies(ROWS, ROW)).build();
    List<Future<ClassifyBatchReply>> calls = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      calls.add(client.classifyBatch(request));
    }
    List<RowReply> rows = new ArrayList<>();
    for (Future<ClassifyBatchReply> call : calls) {
      rows.addAll(call.get().getRowsList());
    }

    requireCounted(rows, before);
  }

  @Test
  void stream_rowsOfAFullQueue_areCountedAsRefusals() {
    double before = refusals();
    List<RowStream> streams =
        Stream.generate(() -> RowStream.open(server, true)).limit(CALLS).toList();
    for (int i = 0; i < ROWS; i++) {
      for (RowStream stream : streams) {
        stream.send(i, ROW);
      }
    }
    streams.forEach(RowStream::halfClose);
    List<RowReply> rows = new ArrayList<>();
    for (RowStream stream : streams) {
      assertThat(stream.end().isOk()).isTrue();
      stream.replies().stream().map(ClassifyStreamReply::getRow).forEach(rows::add);
    }

    requireCounted(rows, before);
  }

  private static void requireCounted(List<RowReply> rows, double before) {
    assertThat(rows).hasSize(CALLS * ROWS);
    List<RowReply> failed = rows.stream().filter(RowReply::hasError).toList();
    assertThat(failed)
        .isNotEmpty()
        .allMatch(row -> row.getError().getCode() == Code.RESOURCE_EXHAUSTED_VALUE);
    assertThat(refusals() - before).isEqualTo(failed.size());
  }

  private static double refusals() {
    Scrape scrape = Scrape.of(server.server().adminPort());
    double sum = 0;
    for (Reason reason : Reason.values()) {
      sum +=
          scrape.value(
              "sluice_refusals_total", Map.of("reason", reason.name().toLowerCase(Locale.ROOT)));
    }
    return sum;
  }
}
