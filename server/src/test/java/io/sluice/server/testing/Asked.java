package io.sluice.server.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Encoding;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.registry.bundle.AdapterBundle;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** How tests ask a server of the testing backbone, and what they require of its answers. */
public final class Asked {
  private static final double TOLERANCE = 1e-5;

  private Asked() {}

  public static ClassifyRequest request(String task, String text) {
    return ClassifyRequest.newBuilder().setTask(task).setText(text).build();
  }

  public static ClassifyReply classify(RunningServer server, String task, String text) {
    return server.inference().classify(request(task, text));
  }

  /** Requires what a plain session of the bundle computes. */
  public static void requireOracle(
      ServedBundles bundles,
      Backbone backbone,
      AdapterBundle bundle,
      String text,
      ClassifyReply reply) {
    try (MergedModel oracle = bundles.oracle(bundle);
        BackboneTokenizer tokenizer = new BackboneTokenizer(backbone)) {
      Encoding encoding = tokenizer.encode(text, null, 64);
      float[] logits = oracle.logits(encoding.ids(), encoding.typeIds());
      double yes = 1 / (1 + Math.exp((double) logits[0] - logits[1]));
      assertThat((double) reply.getScores(1).getScore()).isCloseTo(yes, within(TOLERANCE));
      assertThat(reply.getLabel()).isEqualTo(yes > 0.5 ? "yes" : "no");
      assertThat(reply.getInfo().getBundleDigest()).isEqualTo(bundle.digest().toString());
    }
  }

  /** Requires that a call is refused so, with a message that has the text in it. */
  public static void requireStatus(ThrowingCallable call, Status.Code code, String text) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).as(e.toString()).isEqualTo(code);
              assertThat(String.valueOf(e.getStatus().getDescription())).contains(text);
            });
  }
}
