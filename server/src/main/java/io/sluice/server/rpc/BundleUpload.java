package io.sluice.server.rpc;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.proto.v1.BundleHeader;
import io.sluice.proto.v1.RegisterBundleRequest;
import io.sluice.registry.bundle.BundleLimits;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One bundle on its way in: a header, then bytes up to a limit. Called by one thread at a time, as
 * gRPC does; after a failure it ignores what still comes.
 */
final class BundleUpload implements StreamObserver<RegisterBundleRequest> {
  /** All of a bundle as it came. */
  record Received(BundleHeader header, ByteString bytes) {
    Received {
      requireNonNull(header, "header");
      requireNonNull(bytes, "bytes");
    }
  }

  private final BundleLimits limits;
  private final StreamObserver<?> reply;
  private final Consumer<Received> then;
  private @Nullable BundleHeader header;
  private ByteString bytes = ByteString.EMPTY;
  private boolean failed;

  BundleUpload(BundleLimits limits, StreamObserver<?> reply, Consumer<Received> then) {
    this.limits = requireNonNull(limits, "limits");
    this.reply = requireNonNull(reply, "reply");
    this.then = requireNonNull(then, "then");
  }

  @Override
  public void onNext(RegisterBundleRequest message) {
    if (failed) {
      return;
    }
    if (header == null) {
      if (message.hasHeader()) {
        header = message.getHeader();
      } else {
        fail(ErrorCode.INVALID_ARGUMENT, "first message: no header (expected: a header)");
      }
      return;
    }
    if (!message.hasChunk()) {
      fail(ErrorCode.INVALID_ARGUMENT, "message: no chunk (expected: a chunk after the header)");
      return;
    }
    long total = (long) bytes.size() + message.getChunk().size();
    if (total > limits.maxBundleBytes()) {
      fail(
          ErrorCode.RESOURCE_EXHAUSTED,
          "bundle: over " + limits.maxBundleBytes() + " bytes (expected: at most that)");
      return;
    }
    bytes = bytes.concat(message.getChunk());
  }

  @Override
  public void onError(Throwable gone) {
    failed = true;
    bytes = ByteString.EMPTY;
  }

  @Override
  public void onCompleted() {
    if (failed) {
      return;
    }
    BundleHeader known = header;
    if (known == null) {
      fail(ErrorCode.INVALID_ARGUMENT, "messages: none (expected: a header, then chunks)");
      return;
    }
    then.accept(new Received(known, bytes));
    bytes = ByteString.EMPTY;
  }

  private void fail(ErrorCode code, String message) {
    failed = true;
    bytes = ByteString.EMPTY;
    reply.onError(Statuses.of(new SluiceException(code, message)));
  }
}
