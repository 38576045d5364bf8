package io.sluice.trainer.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.runtime.OnnxRuntime;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** Holds each test of a class to closing the native handles that it opens. */
public final class NothingLeftOpen implements BeforeEachCallback, AfterEachCallback {
  private static final Namespace SPACE = Namespace.create(NothingLeftOpen.class);

  @Override
  public void beforeEach(ExtensionContext context) {
    context.getStore(SPACE).put(OnnxRuntime.class, OnnxRuntime.shared().openHandles());
  }

  @Override
  public void afterEach(ExtensionContext context) {
    assertThat(OnnxRuntime.shared().openHandles())
        .as("open handles")
        .isEqualTo(context.getStore(SPACE).get(OnnxRuntime.class, Integer.class));
  }
}
