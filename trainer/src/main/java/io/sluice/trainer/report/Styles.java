package io.sluice.trainer.report;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The style sheets, as they lie beside this class. */
final class Styles {
  /** Of the drawing alone: it must look the same outside of the page. */
  static final String DRAWING = read("drawing.css");

  /** Of the page around it. */
  static final String PAGE = read("page.css");

  private Styles() {}

  private static String read(String name) {
    try (InputStream sheet = Styles.class.getResourceAsStream(name)) {
      return new String(requireNonNull(sheet, name).readAllBytes(), StandardCharsets.UTF_8)
          .replaceAll("\\s*\\n\\s*", "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
