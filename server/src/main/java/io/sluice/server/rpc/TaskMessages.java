package io.sluice.server.rpc;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.proto.v1.ActivateReply;
import io.sluice.proto.v1.ActivateRequest;
import io.sluice.proto.v1.Activation;
import io.sluice.proto.v1.BundleHeader;
import io.sluice.proto.v1.BundleInfo;
import io.sluice.proto.v1.DescribeReply;
import io.sluice.proto.v1.DescribeRequest;
import io.sluice.proto.v1.ListReply;
import io.sluice.proto.v1.RegisterBundleReply;
import io.sluice.proto.v1.RetireReply;
import io.sluice.proto.v1.RetireRequest;
import io.sluice.proto.v1.RollbackReply;
import io.sluice.proto.v1.RollbackRequest;
import io.sluice.proto.v1.Task;
import io.sluice.proto.v1.TaskKind;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.PointEntry;
import io.sluice.registry.store.Registered;
import io.sluice.registry.store.Revision;
import io.sluice.registry.store.TaskState;
import io.sluice.server.activation.Activated;
import io.sluice.server.activation.ExpectedActive;
import io.sluice.server.activation.Retired;
import io.sluice.server.activation.TaskActivator;
import io.sluice.server.engine.Lease;
import java.time.Instant;

/**
 * Administrative requests read, done and told in wire messages. Thread-safe; blocks on the disk.
 */
final class TaskMessages {
  private final TaskActivator activator;

  TaskMessages(TaskActivator activator) {
    this.activator = requireNonNull(activator, "activator");
  }

  RegisterBundleReply register(BundleUpload.Received upload) {
    BundleHeader header = upload.header();
    Digest digest = header.hasExpectedDigest() ? Digest.parse(header.getExpectedDigest()) : null;
    ExpectedActive expected =
        expected(header.hasExpectedActiveDigest(), header.getExpectedActiveDigest());
    Registered registered =
        activator.register(header.getTask(), upload.bytes().toByteArray(), digest);
    RegisterBundleReply.Builder reply =
        RegisterBundleReply.newBuilder()
            .setRevision(message(registered.revision()))
            .setAlreadyRegistered(!registered.added());
    if (header.getActivate()) {
      reply.setActivation(
          message(activator.activate(header.getTask(), registered.revision().digest(), expected)));
    }
    return reply.setTask(task(header.getTask())).build();
  }

  ActivateReply activate(ActivateRequest request) {
    ExpectedActive expected =
        expected(request.hasExpectedActiveDigest(), request.getExpectedActiveDigest());
    Activated done = activator.activate(request.getTask(), target(request), expected);
    return ActivateReply.newBuilder()
        .setTask(task(request.getTask()))
        .setActivation(message(done))
        .build();
  }

  RollbackReply rollback(RollbackRequest request) {
    ExpectedActive expected =
        expected(request.hasExpectedActiveDigest(), request.getExpectedActiveDigest());
    Activated done = activator.rollback(request.getTask(), expected);
    return RollbackReply.newBuilder()
        .setTask(task(request.getTask()))
        .setActivation(message(done))
        .build();
  }

  RetireReply retire(RetireRequest request) {
    ExpectedActive expected =
        expected(request.hasExpectedActiveDigest(), request.getExpectedActiveDigest());
    Retired done = activator.retire(request.getTask(), expected);
    return RetireReply.newBuilder()
        .setTask(message(done.task()))
        .setGeneration(done.generation())
        .setDeletedBundles(done.collected().digests().size())
        .setDeletedBytes(done.collected().sizeBytes())
        .build();
  }

  ListReply list() {
    Backbone backbone = activator.engine().backbone();
    ListReply.Builder reply =
        ListReply.newBuilder()
            .setGeneration(activator.engine().tasks().generation())
            .setBackboneDigest(backbone.digest().toString())
            .setBackboneName(backbone.name())
            .setPoints(backbone.points());
    activator.tasks().forEach(state -> reply.addTasks(message(state)));
    return reply.build();
  }

  DescribeReply describe(DescribeRequest request) {
    Task task = task(request.getTask());
    DescribeReply.Builder reply =
        DescribeReply.newBuilder().setTask(task).setPoints(activator.engine().backbone().points());
    if (task.hasActive()) {
      try (Lease lease = activator.engine().tasks().lease(request.getTask())) {
        reply.setCost(CostMessages.of(lease.task().manifest(), activator.costs()));
      } catch (SluiceException e) {
        // Gone meanwhile: the reply says so by leaving the cost out.
      }
    }
    return reply.build();
  }

  private Digest target(ActivateRequest request) {
    return switch (request.getTargetCase()) {
      case DIGEST -> Digest.parse(request.getDigest());
      case REVISION -> {
        long number = request.getRevision();
        yield activator.task(request.getTask()).revisions().stream()
            .filter(revision -> revision.number() == number)
            .findFirst()
            .map(Revision::digest)
            .orElseThrow(
                () ->
                    new SluiceException(
                        ErrorCode.NOT_FOUND,
                        "task \""
                            + request.getTask()
                            + "\": revision "
                            + number
                            + " (expected: a registered one)"));
      }
      case TARGET_NOT_SET ->
          throw new SluiceException(
              ErrorCode.INVALID_ARGUMENT, "target: none (expected: a digest or a revision)");
    };
  }

  private static ExpectedActive expected(boolean given, String digest) {
    if (!given) {
      return new ExpectedActive.Anything();
    }
    return digest.isEmpty()
        ? new ExpectedActive.Nothing()
        : new ExpectedActive.Bundle(Digest.parse(digest));
  }

  private Task task(String name) {
    return message(activator.task(name));
  }

  private Task message(TaskState state) {
    Task.Builder task = Task.newBuilder().setName(state.name()).setVersion(state.version());
    state.revisions().forEach(revision -> task.addRevisions(message(revision)));
    Digest active = state.active();
    if (active != null) {
      task.setActiveDigest(active.toString());
      try (Lease lease = activator.engine().tasks().lease(state.name())) {
        task.setActive(message(lease.task().manifest()));
      } catch (SluiceException e) {
        // Stored as active but not serving: the reply says so by leaving the bundle out.
      }
    }
    return task.build();
  }

  private static BundleInfo message(Manifest manifest) {
    BundleInfo.Builder info =
        BundleInfo.newBuilder()
            .setKind(TaskKind.valueOf("TASK_KIND_" + manifest.kind().name()))
            .addAllLabels(manifest.labels())
            .addAllTextFields(manifest.textFields())
            .setMaxTokens(manifest.maxTokens())
            .setParameters(manifest.cost().parameters())
            .setTrunkPoints(manifest.cost().trunkBlocks())
            .setTemperature(manifest.temperature());
    Double threshold = manifest.threshold();
    if (threshold != null) {
      info.setThreshold(threshold);
    }
    Integer stride = manifest.stride();
    if (stride != null && manifest.kind().answersPerToken()) {
      info.setStride(stride);
    }
    manifest.structure().stream().map(PointEntry::point).distinct().forEach(info::addPoints);
    return info.build();
  }

  private static io.sluice.proto.v1.Revision message(Revision revision) {
    return io.sluice.proto.v1.Revision.newBuilder()
        .setNumber(revision.number())
        .setDigest(revision.digest().toString())
        .setRegisteredAt(message(revision.registered()))
        .build();
  }

  private static Activation message(Activated done) {
    Digest previous = done.previous();
    return Activation.newBuilder()
        .setGeneration(done.generation())
        .setDigest(done.digest().toString())
        .setPreviousDigest(previous == null ? "" : previous.toString())
        .setCompiledStructures(done.compiledStructures())
        .setResidentBytes(done.residentBytes())
        .setProbeDifference((float) done.probeDifference())
        .setBuild(message(done.build()))
        .setProbe(message(done.probe()))
        .build();
  }

  private static Duration message(java.time.Duration duration) {
    return Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }

  private static Timestamp message(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }
}
