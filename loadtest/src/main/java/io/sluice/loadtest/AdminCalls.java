package io.sluice.loadtest;

import static java.util.Objects.requireNonNull;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.sluice.backbone.Digest;
import io.sluice.loadtest.client.AdminClient;
import io.sluice.proto.v1.Activation;
import io.sluice.registry.bundle.AdapterBundle;
import java.time.Duration;
import java.util.List;

/**
 * One connection to an admin port, over grpc-netty. Blocking calls; thread-safe. A refusal is a
 * {@link io.sluice.backbone.SluiceException} with the code of its status.
 */
public final class AdminCalls implements AutoCloseable {
  private final Target target;
  private final Duration deadline;
  private final ManagedChannel channel;
  private final AdminClient client;

  /**
   * Connects with the first call.
   *
   * @param deadline of each call; an activation builds, warms and probes within it
   */
  public AdminCalls(Target target, Duration deadline) {
    this.target = requireNonNull(target, "target");
    this.deadline = requireNonNull(deadline, "deadline");
    this.channel =
        NettyChannelBuilder.forAddress(target.host(), target.port()).usePlaintext().build();
    this.client = new AdminClient(channel, target.toString(), deadline);
  }

  /** Another connection to the same port; the caller closes it. */
  public AdminCalls another() {
    return new AdminCalls(target, deadline);
  }

  /** Sends the bundle and makes it answer for the task. */
  public ActivationOutcome register(String task, AdapterBundle bundle) {
    return register(task, bundle.bytes());
  }

  /**
   * The same with the bytes of a bundle, which may be none.
   *
   * @param bytes not written to while the call lasts
   */
  public ActivationOutcome register(String task, byte[] bytes) {
    return outcome(client.register(task, bytes, true).getActivation());
  }

  /** Sends the bundle as a revision of the task, and leaves what answers as it is. */
  public void store(String task, AdapterBundle bundle) {
    var unused = client.register(task, bundle.bytes(), false);
  }

  /** Makes a stored bundle answer for the task. */
  public ActivationOutcome activate(String task, Digest digest) {
    return outcome(client.activate(task, digest, null).getActivation());
  }

  /** Makes the bundle answer for the task that did before the present one. */
  public ActivationOutcome rollback(String task) {
    return outcome(client.rollback(task).getActivation());
  }

  /** Ends calls that are under way after a second. */
  @Override
  public void close() {
    Channels.close(List.of(channel));
  }

  private static ActivationOutcome outcome(Activation activation) {
    return new ActivationOutcome(
        Digest.parse(activation.getDigest()),
        activation.getGeneration(),
        activation.getCompiledStructures(),
        activation.getResidentBytes());
  }
}
