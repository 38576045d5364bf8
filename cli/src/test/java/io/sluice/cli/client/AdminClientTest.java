package io.sluice.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.server.Server;
import io.grpc.stub.StreamObserver;
import io.sluice.loadtest.client.AdminClient;
import io.sluice.proto.v1.AdapterServiceGrpc.AdapterServiceImplBase;
import io.sluice.proto.v1.ListReply;
import io.sluice.proto.v1.ListRequest;
import io.sluice.proto.v1.Revision;
import io.sluice.proto.v1.Task;
import io.sluice.server.access.PortAccess;
import io.sluice.server.http.PortServices;
import io.sluice.server.http.ServicePort;
import io.sluice.server.telemetry.Telemetry;
import io.sluice.server.telemetry.TelemetrySettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client against a port as servers open it. */
@Timeout(60)
class AdminClientTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int LIMIT_OF_THE_LIBRARY = 10 << 20;

  @Test
  void list_tenThousandTasksOfTenRevisions_isTakenWhole() {
    Revision revision =
        Revision.newBuilder().setNumber(1).setDigest("sha256:" + "a".repeat(64)).build();
    Task task =
        Task.newBuilder()
            .setName("sentiment-of-reviews-4711")
            .addAllRevisions(Collections.nCopies(10, revision))
            .setActiveDigest(revision.getDigest())
            .build();
    List<Task> tasks = Collections.nCopies(14_000, task);
    assertThat(14_000L * task.getSerializedSize()).isGreaterThan(LIMIT_OF_THE_LIBRARY);
    try (Telemetry telemetry = new Telemetry(TelemetrySettings.defaults());
        Server server =
            new ServicePort(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                    LONG,
                    1 << 20,
                    PortAccess.toAll(LONG),
                    telemetry,
                    null)
                .open(PortServices.only(new Listing(tasks)))) {
      AdminClient client = Connection.plain(Endpoint.local(server.activeLocalPort()), LONG).admin();

      assertThat(client.list().getTasksList()).isEqualTo(tasks);
    }
  }

  /** Lists tasks that nobody has to train first. */
  private static final class Listing extends AdapterServiceImplBase {
    private final List<Task> tasks;

    Listing(List<Task> tasks) {
      this.tasks = tasks;
    }

    @Override
    public void list(ListRequest request, StreamObserver<ListReply> observer) {
      observer.onNext(ListReply.newBuilder().addAllTasks(tasks).build());
      observer.onCompleted();
    }
  }
}
