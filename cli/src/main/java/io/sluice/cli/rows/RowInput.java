package io.sluice.cli.rows;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.io.BufferedReader;
import java.io.FilterInputStream;
import java.io.FilterReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a file or of standard input, a JSON object or a JSON string a line, read as they are
 * asked for; empty lines and a byte order mark are passed over. Confined to one thread.
 */
public final class RowInput implements Iterator<RowLine>, AutoCloseable {
  /** Stands for standard input. */
  public static final String STANDARD_INPUT = "-";

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  /** What a server takes as one message, were every character of it written as an escape. */
  private static final int MOST_CHARS = 1 << 25;

  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private final String source;
  private final BufferedReader lines;
  private long number;
  private @Nullable String next;

  private RowInput(String source, InputStream bytes) {
    this.source = source;
    // The decoder of a new reader reports what is no UTF-8.
    this.lines =
        new BufferedReader(new BoundedLines(new InputStreamReader(bytes, UTF_8.newDecoder())));
  }

  /**
   * Opens a file, or standard input for {@code -}.
   *
   * @throws SluiceException INVALID_ARGUMENT when it cannot be read
   */
  public static RowInput open(String from) {
    if (from.equals(STANDARD_INPUT)) {
      return new RowInput("standard input", new Unclosed(System.in));
    }
    try {
      return new RowInput(from, Files.newInputStream(Path.of(from)));
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "input: " + from + ": " + e + " (expected: a file)", e);
    }
  }

  @Override
  public boolean hasNext() {
    try {
      while (next == null || next.isBlank()) {
        next = lines.readLine();
        if (next == null) {
          return false;
        }
        if (number == 0 && next.startsWith(BYTE_ORDER_MARK)) {
          next = next.substring(BYTE_ORDER_MARK.length());
        }
        number++;
      }
      return true;
    } catch (LongLineException e) {
      throw RowLine.malformed(
          source, number + 1, "over " + MOST_CHARS + " characters", "one row a line");
    } catch (IOException e) {
      throw RowLine.malformed(source, number + 1, String.valueOf(e), "text in UTF-8");
    }
  }

  @Override
  public RowLine next() {
    if (!hasNext() || next == null) {
      throw new NoSuchElementException(source + ": no line after " + number);
    }
    String line = next;
    next = null;
    JsonNode json = json(line);
    if (json.isTextual()) {
      json = MAPPER.createObjectNode().set("text", json);
    }
    if (!json.isObject()) {
      throw RowLine.malformed(source, number, json.getNodeType().toString(), "a JSON object");
    }
    return new RowLine(source, number, json);
  }

  private JsonNode json(String line) {
    try {
      return MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      throw RowLine.malformed(source, number, e.getOriginalMessage(), "a JSON object");
    }
  }

  @Override
  public void close() {
    try {
      lines.close();
    } catch (IOException e) {
      throw new SluiceException(ErrorCode.INTERNAL, "input: " + source + ": " + e, e);
    }
  }

  /** A line that does not end. */
  private static final class LongLineException extends IOException {
    private static final long serialVersionUID = 1;
  }

  /** Fails where a line is longer than any row can be, before it fills the memory. */
  private static final class BoundedLines extends FilterReader {
    private int length;

    BoundedLines(Reader in) {
      super(in);
    }

    @Override
    public int read(char[] buffer, int offset, int most) throws IOException {
      int read = super.read(buffer, offset, most);
      for (int i = offset; i < offset + read; i++) {
        length = buffer[i] == '\n' || buffer[i] == '\r' ? 0 : length + 1;
        if (length > MOST_CHARS) {
          throw new LongLineException();
        }
      }
      return read;
    }
  }

  /** Standard input belongs to the process. */
  private static final class Unclosed extends FilterInputStream {
    Unclosed(InputStream in) {
      super(in);
    }

    @Override
    public void close() {}
  }
}
