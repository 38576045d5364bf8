package io.sluice.trainer.data;

import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One pass over the rows of a file. Confined to one thread. */
interface RowSource extends Closeable {
  /**
   * Reads the next row.
   *
   * @return the row, or {@code null} at the end. A row that cannot be read is returned with its
   *     {@code problem}, and the pass goes on behind it
   */
  @Nullable Row next() throws IOException;

  /**
   * A row as text.
   *
   * @param line line on which it begins, from 1
   * @param fields values by name; a field that is there but holds no text (an object, a list) maps
   *     to a {@link Field} that says so
   * @param problem why it could not be read, or {@code null}
   */
  record Row(int line, Map<String, Field> fields, @Nullable Problem problem) {}

  /** A field's text, or what stood there instead. */
  record Field(String text, boolean scalar) {}

  /** What was found and what was expected. */
  record Problem(String field, String found, String expected) {}
}
