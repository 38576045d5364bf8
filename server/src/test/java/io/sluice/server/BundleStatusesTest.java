package io.sluice.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.BundleHeader;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.BundleSigner;
import io.sluice.registry.bundle.SigningKeys;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.registry.testing.TestingBundles;
import io.sluice.server.access.AccessSettings;
import io.sluice.server.access.ClientLimits;
import io.sluice.server.testing.JsonClient;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.SignatureSwap;
import io.sluice.server.testing.StatusTable;
import io.sluice.server.testing.TestingBackbone;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a server that takes signed bundles only says to each that it does not take: every cell of
 * the third table in {@code docs/statuses.md}, over real channels. Meanwhile it answers as before.
 */
@Timeout(60)
class BundleStatusesTest {
  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = TestingBackbone.create();
  private static final ServedBundles bundles = new ServedBundles(backbone, runtime);
  private static final int LARGEST_BYTES = 1 << 20;

  private static final BundleHeader TO_FILM =
      BundleHeader.newBuilder().setTask("film").setActivate(true).build();

  private static final Map<String, Upload> matters = new LinkedHashMap<>();
  private static RunningServer running;
  private static AdapterBundle served;

  private record Upload(BundleHeader header, ByteString bytes) {
    static Upload of(byte[] bytes) {
      return new Upload(TO_FILM, ByteString.copyFrom(bytes));
    }

    String overGrpc() {
      try {
        running.upload(header, bytes.toByteArray());
        return "OK";
      } catch (StatusRuntimeException e) {
        return e.getStatus().getCode().toString();
      }
    }

    String overHttp() {
      String path =
          "/v1/tasks/%s:register?activate=%s"
              .formatted(header.getTask().replace(" ", "%20"), header.getActivate());
      if (header.hasExpectedDigest()) {
        path += "&expectedDigest=" + header.getExpectedDigest();
      }
      if (header.hasExpectedActiveDigest()) {
        path += "&expectedActiveDigest=" + header.getExpectedActiveDigest();
      }
      JsonClient client = JsonClient.overHttp1(running.server().adminPort());
      return String.valueOf(
          client.upload(path, "application/octet-stream", bytes.toByteArray()).status());
    }
  }

  @BeforeAll
  static void start(@TempDir Path folder) {
    KeyPair keys = BundleSigner.newKeys();
    Path open = folder.resolve("release.pub");
    SigningKeys.write(keys, folder.resolve("release.key"), open);
    BundleSigner ours = new BundleSigner(keys);
    ServerSettings all = ServerSettings.defaults();
    BundleLimits most = BundleLimits.defaults();
    running =
        new RunningServer(
            folder.resolve("store"),
            backbone,
            new ServerSettings(
                all.host(),
                all.port(),
                all.adminHost(),
                all.adminPort(),
                all.requestTimeout(),
                all.adminTimeout(),
                all.requestLimits(),
                new BundleLimits(
                    LARGEST_BYTES,
                    most.maxEntries(),
                    most.maxGraphBytes(),
                    most.maxManifestBytes(),
                    most.maxProbeBytes(),
                    most.maxAttachmentBytes(),
                    most.maxProbeRows(),
                    most.maxNodes(),
                    most.maxElementsPerToken()),
                all.engine(),
                new AccessSettings(null, null, open, ClientLimits.defaults()),
                all.telemetry(),
                all.bundleCosts()),
            runtime);
    served = ours.sign(bundles.bundle(1, 1, 3));
    running.activate("film", served);

    AdapterBundle better = bundles.bundle(2, 2);
    AdapterBundle signed = ours.sign(better);
    matters.put("no bundle", Upload.of("hello".getBytes(US_ASCII)));
    matters.put("cut short", Upload.of(Arrays.copyOf(signed.bytes(), signed.sizeBytes() / 2)));
    matters.put("a bit of it changed", Upload.of(changed(signed, signed.sizeBytes() / 2, 1)));
    matters.put("of a newer format", Upload.of(changed(signed, 36 + "sluice-bundle ".length(), 8)));
    matters.put("unsigned, where signatures are required", Upload.of(better.bytes()));
    matters.put(
        "signed by a key that is not trusted",
        Upload.of(new BundleSigner(BundleSigner.newKeys()).sign(better).bytes()));
    matters.put(
        "with the signature of another bundle",
        Upload.of(SignatureSwap.of(signed.bytes(), served.bytes())));
    matters.put(
        "for another backbone", Upload.of(ours.sign(TestingBundles.small().build()).bytes()));
    matters.put(
        "of another kind than the task",
        Upload.of(
            ours.sign(
                    bundles.proven(
                        bundles
                            .builder()
                            .kind(TaskKind.ANSWER_SPAN)
                            .textFields("question", "passage")
                            .adaptAt(2, 4)))
                .bytes()));
    matters.put(
        "with probe vectors that the server does not come to",
        Upload.of(
            ours.sign(
                    bundles
                        .builder()
                        .seed(2)
                        .adaptAt(1, 4)
                        .probe(bundles.bundle(1, 1).probe())
                        .build())
                .bytes()));
    matters.put(
        "another one than was said",
        new Upload(
            TO_FILM.toBuilder().setExpectedDigest(served.digest().toString()).build(),
            ByteString.copyFrom(signed.bytes())));
    matters.put(
        "while another one is active than was expected",
        new Upload(
            TO_FILM.toBuilder().setExpectedActiveDigest(signed.digest().toString()).build(),
            ByteString.copyFrom(signed.bytes())));
    matters.put(
        "for a name that no task can have",
        new Upload(
            TO_FILM.toBuilder().setTask("Bad Name").build(), ByteString.copyFrom(signed.bytes())));
    matters.put("over 256 MiB", Upload.of(new byte[LARGEST_BYTES + 1]));
  }

  private static byte[] changed(AdapterBundle bundle, int at, int bits) {
    byte[] bytes = bundle.bytes();
    bytes[at] ^= (byte) bits;
    return bytes;
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  @TestFactory
  List<DynamicTest> statuses_everyCellOfTheTable_isWhatAClientSees() {
    List<DynamicTest> tests = new ArrayList<>();
    List<String> found = new ArrayList<>();
    for (List<String> row : StatusTable.rows("the bundle is")) {
      found.add(row.get(0));
      Upload upload = requireNonNull(matters.get(row.get(0)));
      tests.add(
          dynamicTest(
              row.get(0) + ": gRPC",
              () -> {
                assertThat(upload.overGrpc()).isEqualTo(row.get(1));
                requireAnswering();
              }));
      tests.add(
          dynamicTest(
              row.get(0) + ": HTTP",
              () -> {
                assertThat(upload.overHttp()).isEqualTo(row.get(2));
                requireAnswering();
              }));
    }
    assertThat(found).containsExactlyElementsOf(matters.keySet());
    return tests;
  }

  private static void requireAnswering() {
    assertThat(
            running
                .inference()
                .classify(ClassifyRequest.newBuilder().setTask("film").setText("good").build())
                .getInfo()
                .getBundleDigest())
        .isEqualTo(served.digest().toString());
  }
}
