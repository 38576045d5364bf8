package io.sluice.server;

import static io.sluice.server.testing.Asked.classify;
import static io.sluice.server.testing.Asked.requireStatus;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.ActivateRequest;
import io.sluice.proto.v1.BundleHeader;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ListReply;
import io.sluice.proto.v1.ListRequest;
import io.sluice.proto.v1.RegisterBundleReply;
import io.sluice.proto.v1.RegisterBundleRequest;
import io.sluice.proto.v1.RollbackRequest;
import io.sluice.proto.v1.Task;
import io.sluice.proto.v1.TaskKind;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.Probe;
import io.sluice.registry.testing.TestingAdapters;
import io.sluice.registry.testing.TestingBundles;
import io.sluice.server.testing.Asked;
import io.sluice.server.testing.OwnServers;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.SharedServer;
import io.sluice.server.testing.TestingBackbone;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Bundles into a server, back and forth, over real channels; and those it refuses. */
@Timeout(60)
class RegistrationTest {
  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = TestingBackbone.create();
  private static final ServedBundles bundles = new ServedBundles(backbone, runtime);

  /** For tests that only add tasks of their own. */
  @RegisterExtension
  static final SharedServer shared = new SharedServer(backbone, ServerSettings.defaults(), runtime);

  @RegisterExtension final OwnServers own = new OwnServers(backbone, runtime);

  @TempDir Path directory;

  @Test
  void registerBundle_badBundle_leavesTheOldOneServing() {
    RunningServer server = shared.get();
    AdapterBundle good = bundles.bundle(1, 1);
    server.activate("guarded", good);

    AdapterBundle drifting = bundles.builder().seed(2).adaptAt(1, 4).probe(good.probe()).build();
    requireStatus(
        () -> server.activate("guarded", drifting),
        Status.Code.FAILED_PRECONDITION,
        "probe: logits differ from the probe vectors by");
    requireStatus(
        () -> server.activate("guarded", bundles.builder().seed(5).adaptAt(1, 4).build()),
        Status.Code.FAILED_PRECONDITION,
        "probe: cannot be computed");
    AdapterBundle idle =
        bundles.proven(
            bundles
                .builder()
                .seed(3)
                .adaptAt(
                    2,
                    "bottleneck_sequential",
                    4,
                    TestingAdapters.zeroEffect(TestingBackbone.HIDDEN, 4)));
    requireStatus(
        () -> server.activate("guarded", idle),
        Status.Code.FAILED_PRECONDITION,
        "adapters at points [2] change the logits by");
    TestingBundles mixing =
        bundles
            .builder()
            .seed(3)
            .adaptAt(2, "mixing", 0, TestingAdapters.mixing(TestingBackbone.HIDDEN));
    Probe alone = bundles.proven(mixing).probe();
    requireStatus(
        () -> server.activate("guarded", mixing.probe(firstRow(alone)).build()),
        Status.Code.FAILED_PRECONDITION,
        "with the rows beside it");
    byte[] cut = Arrays.copyOf(good.bytes(), good.sizeBytes() / 2);
    requireStatus(
        () -> server.upload(header("guarded"), cut), Status.Code.INVALID_ARGUMENT, "cut short");
    byte[] flipped = good.bytes();
    flipped[flipped.length / 2] ^= 1;
    requireStatus(
        () -> server.upload(header("guarded"), flipped), Status.Code.INVALID_ARGUMENT, "");
    requireStatus(
        () -> server.activate("guarded", TestingBundles.small().build()),
        Status.Code.FAILED_PRECONDITION,
        "backbone");
    requireStatus(
        () -> server.upload(header("Bad Name"), good.bytes()),
        Status.Code.INVALID_ARGUMENT,
        "task: \"Bad Name\"");
    requireStatus(
        () ->
            server.upload(
                header("guarded").toBuilder()
                    .setExpectedDigest(drifting.digest().toString())
                    .build(),
                good.bytes()),
        Status.Code.DATA_LOSS,
        "(expected: " + drifting.digest());
    requireStatus(
        () ->
            server.send(
                List.of(
                    RegisterBundleRequest.newBuilder()
                        .setChunk(ByteString.copyFromUtf8("x"))
                        .build())),
        Status.Code.INVALID_ARGUMENT,
        "first message: no header");
    requireStatus(() -> server.send(List.of()), Status.Code.INVALID_ARGUMENT, "messages: none");

    assertThat(classify(server, "guarded", "good").getInfo().getBundleDigest())
        .isEqualTo(good.digest().toString());
    assertThat(server.adapters().list(ListRequest.getDefaultInstance()).getTasksList())
        .filteredOn(task -> task.getName().equals("guarded"))
        .extracting(Task::getActiveDigest)
        .containsExactly(good.digest().toString());
  }

  @Test
  void activateAndRollback_moveTheTaskAndTellWhatTheyDid() {
    RunningServer server = start(ServerSettings.defaults());
    AdapterBundle first = bundles.bundle(1, 1);
    AdapterBundle second = bundles.bundle(2, 1);
    RegisterBundleReply one = server.activate("task", first);
    assertThat(one.getAlreadyRegistered()).isFalse();
    assertThat(one.getActivation().getPreviousDigest()).isEmpty();
    assertThat(one.getActivation().getCompiledStructures()).isEqualTo(2);
    assertThat(one.getActivation().getResidentBytes()).isPositive();
    RegisterBundleReply two =
        server.upload(BundleHeader.newBuilder().setTask("task").build(), second.bytes());
    assertThat(two.hasActivation()).isFalse();
    assertThat(two.getTask().getActiveDigest()).isEqualTo(first.digest().toString());
    assertThat(
            server
                .upload(BundleHeader.newBuilder().setTask("task").build(), second.bytes())
                .getAlreadyRegistered())
        .isTrue();

    ActivateRequest lost =
        ActivateRequest.newBuilder()
            .setTask("task")
            .setRevision(2)
            .setExpectedActiveDigest(second.digest().toString())
            .build();
    requireStatus(
        () -> server.adapters().activate(lost), Status.Code.ABORTED, "active bundle sha256:");
    requireStatus(
        () -> server.adapters().activate(lost.toBuilder().setExpectedActiveDigest("").build()),
        Status.Code.ABORTED,
        "(expected: none)");
    ActivateRequest right =
        lost.toBuilder().setExpectedActiveDigest(first.digest().toString()).build();
    var activated = server.adapters().activate(right);
    assertThat(activated.getActivation().getPreviousDigest()).isEqualTo(first.digest().toString());
    assertThat(activated.getActivation().getCompiledStructures()).isZero();
    assertThat(activated.getActivation().getGeneration()).isEqualTo(2);
    requireOracle(second, "good", classify(server, "task", "good"));

    var back = server.adapters().rollback(RollbackRequest.newBuilder().setTask("task").build());
    assertThat(back.getTask().getActiveDigest()).isEqualTo(first.digest().toString());
    requireOracle(first, "good", classify(server, "task", "good"));
    requireStatus(
        () -> server.adapters().rollback(RollbackRequest.newBuilder().setTask("task").build()),
        Status.Code.FAILED_PRECONDITION,
        "nothing was active before");
    requireStatus(
        () ->
            server
                .adapters()
                .activate(ActivateRequest.newBuilder().setTask("task").setRevision(9).build()),
        Status.Code.NOT_FOUND,
        "revision 9");
    requireStatus(
        () -> server.adapters().activate(ActivateRequest.newBuilder().setTask("task").build()),
        Status.Code.INVALID_ARGUMENT,
        "target: none");
  }

  @Test
  void list_afterActivation_describesTasksAndBackbone() {
    RunningServer server = start(ServerSettings.defaults());
    server.activate("b", bundles.bundle(1, 2, 4));
    server.upload(BundleHeader.newBuilder().setTask("a").build(), bundles.bundle(2, 1).bytes());
    ListReply list = server.adapters().list(ListRequest.getDefaultInstance());
    assertThat(list.getTasksList()).extracting("name").containsExactly("a", "b");
    assertThat(list.getTasks(0).hasActive()).isFalse();
    assertThat(list.getTasks(1).getActive().getKind()).isEqualTo(TaskKind.TASK_KIND_CLASSIFY);
    assertThat(list.getTasks(1).getActive().getPointsList()).containsExactly(2, 4);
    assertThat(list.getTasks(1).getActive().getTrunkPoints()).isEqualTo(2);
    assertThat(list.getBackboneDigest()).isEqualTo(backbone.digest().toString());
    assertThat(list.getPoints()).isEqualTo(4);
    assertThat(list.getGeneration()).isEqualTo(1);
  }

  @Test
  void register_labelsOrTextsThatCannotBeServed_areRefused() {
    RunningServer server = shared.get();
    AdapterBundle onePassage =
        bundles
            .builder()
            .kind(io.sluice.registry.bundle.TaskKind.ANSWER_SPAN)
            .adaptAt(1, 4)
            .build();
    requireStatus(
        () -> server.upload(header("spans"), onePassage.bytes()),
        Status.Code.FAILED_PRECONDITION,
        "text fields [text] (expected: 2, a question and a passage, for kind ANSWER_SPAN)");
    AdapterBundle neitherYesNorNo =
        bundles
            .builder()
            .kind(io.sluice.registry.bundle.TaskKind.ANSWER_BOOLEAN, "left", "right")
            .textFields("question", "passage")
            .adaptAt(1, 4)
            .build();
    requireStatus(
        () -> server.upload(header("sides"), neitherYesNorNo.bytes()),
        Status.Code.FAILED_PRECONDITION,
        "labels: [left, right] (expected: one of");
  }

  private RunningServer start(ServerSettings settings) {
    return own.start(directory.resolve("store"), settings);
  }

  private static Probe firstRow(Probe probe) {
    return new Probe(
        probe.ids().subList(0, 1), probe.typeIds().subList(0, 1), probe.logits().subList(0, 1));
  }

  private static BundleHeader header(String task) {
    return BundleHeader.newBuilder().setTask(task).setActivate(true).build();
  }

  private static void requireOracle(AdapterBundle bundle, String text, ClassifyReply reply) {
    Asked.requireOracle(bundles, backbone, bundle, text, reply);
  }
}
