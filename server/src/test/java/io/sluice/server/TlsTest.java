package io.sluice.server;

import static io.sluice.server.testing.Asked.requireStatus;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.grpc.GrpcClients;
import com.linecorp.armeria.common.TlsKeyPair;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.AdapterServiceGrpc.AdapterServiceBlockingStub;
import io.sluice.proto.v1.ListRequest;
import io.sluice.server.access.AccessSettings;
import io.sluice.server.access.ClientLimits;
import io.sluice.server.access.TlsSettings;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.TestingBackbone;
import io.sluice.server.testing.TestingCertificate;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TLS with certificates on both sides, and what is wrong with it told by name. */
@Timeout(60)
class TlsTest {
  private static final OnnxRuntime runtime = OnnxRuntime.shared();

  private static Path home;
  private static Path certificate;
  private static Path key;
  private static TestingCertificate client;
  private static RunningServer running;

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException {
    home = folder;
    certificate = folder.resolve("live.crt");
    key = folder.resolve("live.key");
    install(TestingCertificate.create(folder, "first", "-1d", 10));
    client = TestingCertificate.create(folder, "client", "-1d", 10);
    TestingCertificate.create(folder, "expired", "-3d", 1);
    TestingCertificate.create(folder, "early", "+2d", 3);
    Files.writeString(folder.resolve("rubbish"), "rubbish");
    running = start("store", certificate, key, client.certificate());
  }

  private static RunningServer start(
      String store, Path certificate, Path key, @Nullable Path authorities) {
    return new RunningServer(
        home.resolve(store),
        TestingBackbone.create(),
        ServerSettings.defaults()
            .withAdminHost("0.0.0.0")
            .withAccess(
                new AccessSettings(
                    null,
                    new TlsSettings(certificate, key, authorities),
                    null,
                    ClientLimits.defaults())),
        runtime);
  }

  private static void install(TestingCertificate made) throws IOException {
    for (Path[] one : new Path[][] {{made.key(), key}, {made.certificate(), certificate}}) {
      Path next = Files.copy(one[0], home.resolve("next"), StandardCopyOption.REPLACE_EXISTING);
      Files.move(next, one[1], StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  @Test
  void call_withItsCertificate_isAnswered_alsoAfterARenewal() throws IOException {
    assertThat(list(home.resolve("first.crt"), client)).isZero();
    TestingCertificate renewed = TestingCertificate.create(home, "renewed", "-1d", 10);
    // Half of a renewal: the old pair goes on.
    Files.copy(renewed.key(), key, StandardCopyOption.REPLACE_EXISTING);
    assertThat(list(home.resolve("first.crt"), client)).isZero();
    install(renewed);
    await().until(() -> answers(renewed.certificate()));
  }

  @Test
  void call_withoutACertificate_orWithAForeignOne_isRefused() {
    TestingCertificate foreign = TestingCertificate.create(home, "foreign", "-1d", 10);
    for (TestingCertificate shown : new TestingCertificate[] {null, foreign}) {
      requireStatus(() -> list(certificate, shown), Status.Code.UNAVAILABLE, "");
    }
  }

  @Test
  void call_plainText_isToldWhatIsWrong() throws Exception {
    for (int port : new int[] {running.server().port(), running.server().adminPort()}) {
      AdapterServiceBlockingStub plain =
          GrpcClients.newClient(
              "gproto+http://127.0.0.1:" + port + "/", AdapterServiceBlockingStub.class);
      requireStatus(
          () -> plain.list(ListRequest.getDefaultInstance()),
          Status.Code.FAILED_PRECONDITION,
          "port: plain text (expected: TLS");
      HttpResponse<String> reply =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v2/health/live"))
                      .build(),
                  BodyHandlers.ofString());
      assertThat(reply.statusCode()).isEqualTo(400);
      assertThat(reply.body()).contains("port: plain text (expected: TLS");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          expired.crt | expired.key | client.crt  | expired.crt: valid from
          early.crt   | early.key   | client.crt  | early.crt: valid from
          client.crt  | expired.key | client.crt  | expired.key: a key of another certificate
          rubbish     | client.key  | client.crt  | rubbish: no
          client.crt  | rubbish     | client.crt  | rubbish: not a private key
          client.crt  | none        | client.crt  | none: not read
          none        | client.key  | client.crt  | none: not read
          client.crt  | client.key  | expired.crt | expired.crt: valid from
          client.crt  | client.key  | client.key  | client.key: no
          """)
  void start_wrongFile_isNamed(String crt, String keyFile, String ca, String message) {
    assertThatThrownBy(
            () ->
                start("wrong", home.resolve(crt), home.resolve(keyFile), home.resolve(ca)).close())
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining(message);
  }

  private static boolean answers(Path authority) {
    try {
      return list(authority, client) == 0;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  private static int list(Path authority, @Nullable TestingCertificate shown) {
    var builder =
        ClientFactory.builder().tlsCustomizer(tls -> tls.trustManager(authority.toFile()));
    if (shown != null) {
      builder.tls(TlsKeyPair.of(shown.key().toFile(), shown.certificate().toFile()));
    }
    try (ClientFactory factory = builder.build()) {
      return GrpcClients.builder("gproto+https://127.0.0.1:" + running.server().adminPort() + "/")
          .factory(factory)
          .build(AdapterServiceBlockingStub.class)
          .list(ListRequest.getDefaultInstance())
          .getTasksCount();
    }
  }
}
