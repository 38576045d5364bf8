package io.sluice.cli.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.cli.terminal.Screen;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rows as editors, spreadsheets and pipes make and take them. */
@Timeout(60)
class RowFilesTest {
  @TempDir Path directory;

  @Test
  void rows_byteOrderMarkAndLineEndsOfWindows_areReadAsWithout() throws IOException {
    Path file = directory.resolve("rows.jsonl");
    Files.writeString(file, "\uFEFF{\"text\": \"one\"}\r\n\r\n\"two\"\r\n");

    assertThat(texts(file)).containsExactly("1 one", "3 two");
  }

  @Test
  void rows_byteOrderMarkFurtherOn_isNamedByItsLine() throws IOException {
    Path file = directory.resolve("rows.jsonl");
    Files.writeString(file, "{\"text\": \"one\"}\n\uFEFF{\"text\": \"two\"}\n");

    assertThatThrownBy(() -> texts(file))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("rows.jsonl: line 2: ");
  }

  @Test
  void rows_halfACharacter_isNamedByItsLine() throws IOException {
    Path file = directory.resolve("rows.jsonl");
    Files.writeString(file, "{\"text\": \"one\"}\n{\"text\": \"\\ud83d\"}\n");

    assertThatThrownBy(() -> texts(file))
        .isInstanceOf(SluiceException.class)
        .hasMessage(
            file + ": line 2: \"text\": half a character at 0 (expected: whole characters)");
  }

  @Test
  void rows_lineWithoutEnd_isRefusedBeforeItFillsTheMemory() {
    InputStream before = System.in;
    System.setIn(new Endless());
    try (RowInput rows = RowInput.open("-")) {
      assertThatThrownBy(rows::hasNext)
          .isInstanceOfSatisfying(
              SluiceException.class,
              refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
          .hasMessage(
              "standard input: line 1: over 33554432 characters (expected: one row a line)");
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void write_toAFile_isThereBeforeTheEnd() {
    Path file = directory.resolve("answers.jsonl");
    PrintWriter nowhere = new PrintWriter(new StringWriter());
    try (RowOutput output = new RowOutput(file, nowhere, new Screen(nowhere, nowhere, false))) {
      output.write(new ObjectMapper().createObjectNode().put("row", 1));

      assertThat(file).hasContent("{\"row\":1}\n");
    }
  }

  @Test
  void write_nobodyReadsTheOutput_failsAtOnce() {
    Closed closed = new Closed(2);
    PrintWriter standard =
        new PrintWriter(new OutputStreamWriter(closed, StandardCharsets.UTF_8), true);
    PrintWriter nowhere = new PrintWriter(new StringWriter());
    ObjectNode line = new ObjectMapper().createObjectNode().put("row", 1);
    RowOutput output = new RowOutput(null, standard, new Screen(nowhere, nowhere, false));
    output.write(line);
    output.write(line);

    assertThatThrownBy(() -> output.write(line))
        .isInstanceOf(SluiceException.class)
        .hasMessageStartingWith("output: not written whole");
  }

  private static List<String> texts(Path file) {
    List<String> texts = new ArrayList<>();
    try (RowInput rows = RowInput.open(file.toString())) {
      while (rows.hasNext()) {
        RowLine row = rows.next();
        texts.add(row.number() + " " + row.text("text"));
      }
    }
    return texts;
  }

  /** The letter x for ever. */
  private static final class Endless extends InputStream {
    @Override
    public int read() {
      return 'x';
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      Arrays.fill(into, offset, offset + length, (byte) 'x');
      return length;
    }
  }

  /** A pipe whose reader goes after some writes. */
  private static final class Closed extends OutputStream {
    private int left;

    Closed(int left) {
      this.left = left;
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (left-- <= 0) {
        throw new IOException("Broken pipe");
      }
    }
  }
}
