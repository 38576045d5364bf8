package io.sluice.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetReaderTest {
  private static final DatasetReader READER = new DatasetReader(Columns.defaults());

  @TempDir Path folder;

  @Test
  void read_sameRowsInEveryFormat_sameDigest() throws IOException {
    Dataset jsonl =
        read(
            "a.jsonl",
            "{\"text\": \"x, \\\"y\\\"\", \"label\": 1}\n\n{\"text\": \"é\", \"label\": true}\n");
    Dataset csv = read("a.csv", "\uFEFFlabel,text\r\n1,\"x, \"\"y\"\"\"\r\ntrue,é\r\n");
    Dataset tsv = read("a.tsv", "text\tlabel\nx, \"y\"\t1\né\ttrue\n");
    Path gz = folder.resolve("a.tsv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gz))) {
      Files.copy(folder.resolve("a.tsv"), out);
    }
    assertThat(csv.digest()).isEqualTo(jsonl.digest());
    assertThat(tsv.digest()).isEqualTo(jsonl.digest());
    assertThat(READER.read(gz).digest()).isEqualTo(jsonl.digest());
    assertThat(jsonl.examples()).extracting(Example::line).containsExactly(1, 3);
    assertThat(csv.examples()).extracting(Example::line).containsExactly(2, 3);
    assertThat(jsonl.textFields()).containsExactly("text");
  }

  @Test
  void readInParts_severalSources_isWhatIsReadAtOnce() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int row = 0; row < 25; row++) {
      lines.append("{\"text\": \"row " + row + "\", \"label\": " + row % 3 + "}\n");
    }
    List<String> sources =
        List.of(
            write("one.jsonl", lines.toString()).toString(),
            write("two.csv", "text,label\nlast,2\n").toString());
    Dataset atOnce = READER.readAll(sources);

    LabelledRows rows = READER.readInParts(sources);

    assertThat(rows.size()).isEqualTo(26);
    assertThat(rows.digest()).isEqualTo(atOnce.digest());
    assertThat(rows.source()).isEqualTo(atOnce.source());
    for (int pass = 0; pass < 2; pass++) {
      for (LabelledRows either : List.of(rows, atOnce)) {
        List<Integer> sizes = new ArrayList<>();
        List<Example> all = new ArrayList<>();
        either.inParts(
            10,
            part -> {
              sizes.add(part.size());
              all.addAll(part.examples());
            });
        assertThat(sizes).containsExactly(10, 10, 6);
        assertThat(all).isEqualTo(atOnce.examples());
      }
    }
  }

  @Test
  void readInParts_badRowsOrOthersThanBefore_areTold() throws IOException {
    Path file = write("rows.csv", "text,label\none,1\ntwo,2\n");
    LabelledRows rows = READER.readInParts(List.of(file.toString()));
    write("rows.csv", "text,label\none,1\n");

    assertThatThrownBy(() -> rows.inParts(10, part -> {}))
        .hasMessage(file + ": 1 rows (expected: 2, as when it was first read)");
    write("rows.csv", "text,label\none,1\n,2\n");
    assertThatThrownBy(() -> READER.readInParts(List.of(file.toString())))
        .hasMessageContaining("rows.csv:3: text: blank (expected: a text in every row)");
  }

  @Test
  void read_pairFields_areFoundByDefaultAndByName() throws IOException {
    Dataset pairs = read("p.jsonl", "{\"a\": \"one\", \"b\": \"two\", \"label\": \"y\"}\n");
    assertThat(pairs.pairs()).isTrue();
    assertThat(pairs.textFields()).containsExactly("a", "b");
    Path file = write("q.csv", "question,passage,answer\nis it?,it is,yes\n");
    Dataset named = new DatasetReader(new Columns("question", "passage", "answer")).read(file);
    assertThat(named.examples().get(0)).isEqualTo(new Example("is it?", "it is", "yes", 2));
  }

  @Test
  void read_badRows_areReportedTogetherWithTheirLines() {
    assertThatThrownBy(
            () ->
                read(
                    "bad.jsonl",
                    """
                    {"text": "ok", "label": "x"}
                    nonsense
                    {"text": " ", "label": [1]}
                    [1]
                    {"text": "t"}
                    """))
        .isInstanceOfSatisfying(
            SluiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("5 bad rows")
        .hasMessageContaining("bad.jsonl:2: row: nonsense (expected: one JSON object a line")
        .hasMessageContaining("bad.jsonl:3: text: blank (expected: ")
        .hasMessageContaining("bad.jsonl:3: label: [1] (expected: ")
        .hasMessageContaining("bad.jsonl:4: row: [1] (expected: one JSON object a line)")
        .hasMessageContaining("bad.jsonl:5: label: absent (expected: ");
  }

  @Test
  void read_halfACharacter_isNamedAndWholeOnesAreTaken() throws IOException {
    String whole = "{\"text\": \"a \\ud83d\\ude00\", \"label\": \"x\"}\n";
    assertThat(read("whole.jsonl", whole).examples().get(0).text()).isEqualTo("a \ud83d\ude00");
    assertThatThrownBy(() -> read("torn.jsonl", whole + whole.replace("\\ude00", "")))
        .hasMessageContaining("torn.jsonl:2: text: half a character at 2 (expected: whole");
  }

  @Test
  void read_manyBadRows_firstTwentyAndCount() {
    assertThatThrownBy(() -> read("many.csv", "text,label\n" + "a,b,c\n".repeat(50)))
        .hasMessageContaining("50 bad rows")
        .hasMessageContaining("many.csv:21: row: 3 fields (expected: 2 as in the header)")
        .hasMessageNotContaining("many.csv:22:")
        .hasMessageContaining("... and 30 more");
  }

  @Test
  void read_multiLineCell_laterLinesAreCountedRight() {
    assertThatThrownBy(() -> read("multi.csv", "text,label\n\"a\nb\nc\",x\nonly\n"))
        .hasMessageContaining("multi.csv:5: row: 1 fields");
  }

  @Test
  void read_openQuote_isABadRow() {
    assertThatThrownBy(() -> read("quote.csv", "text,label\nfine,x\n\"never closed,y\n"))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("quote.csv:3: row:");
  }

  @Test
  void read_fieldNamedTwice_isABadRow() {
    assertThatThrownBy(() -> read("twice.csv", "text,label,text\na,x,b\nc,y,d\n"))
        .hasMessageContaining("1 bad row")
        .hasMessageContaining(
            "twice.csv:1: header: text, label, text (expected: each field named once)");
    assertThatThrownBy(
            () -> read("twice.jsonl", "{\"text\": \"a\", \"label\": \"x\", \"text\": \"b\"}\n"))
        .hasMessageContaining("twice.jsonl:1: row: ");
  }

  @Test
  void read_columnsWithoutName_areLeftOut() throws IOException {
    Dataset rows = read("empty.csv", "text,label,,\na,x,,\n");
    assertThat(rows.examples()).containsExactly(new Example("a", null, "x", 2));
  }

  @Test
  void read_byteOrderMarkAndCarriageReturns_areNoneOfTheText() throws IOException {
    Dataset rows =
        read(
            "bom.jsonl",
            "\uFEFF{\"text\":\"a\",\"label\":\"x\"}\r\n\r\n{\"text\":\"b\",\"label\":\"y\"}");
    assertThat(rows.examples())
        .containsExactly(new Example("a", null, "x", 1), new Example("b", null, "y", 3));
    Dataset cells = read("bom.tsv", "\uFEFFtext\tlabel\r\na\tx\r\n\r\nb\ty\r\n");
    assertThat(cells.digest()).isEqualTo(rows.digest());
  }

  @Test
  void read_missingField_namesWhatThereIs() {
    assertThatThrownBy(() -> read("m.csv", "sentence,label\nx,y\n"))
        .hasMessageContaining("fields: sentence, label (expected: also text (or a))");
  }

  @Test
  void read_emptyOrAbsentOrOtherFile_isAClearError() throws IOException {
    assertThatThrownBy(() -> read("e.jsonl", "\n")).hasMessageContaining("0 rows (expected: >= 1)");
    assertThatThrownBy(() -> read("e.csv", "text,label\n")).hasMessageContaining("0 rows");
    assertThatThrownBy(() -> read("e.tsv", "")).hasMessageContaining("0 rows");
    assertThatThrownBy(() -> READER.read(folder.resolve("none.csv")))
        .hasMessageContaining("no such file");
    assertThatThrownBy(() -> read("e.xlsx", "x")).hasMessageContaining(".xlsx (expected: .jsonl");
    assertThatThrownBy(() -> read("e.csv.gz", "x")).hasMessageContaining("not gzip data");
    Path latin = folder.resolve("latin.csv");
    Files.write(latin, "text,label\ncaf\u00e9,x\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> READER.read(latin)).hasMessageContaining("not UTF-8");
  }

  @Test
  void labels_numbersAndNames_areOrdered() throws IOException {
    Dataset numbers = read("n.csv", "text,label\na,10\nb,9\nc,-1\n");
    assertThat(numbers.labels().names()).containsExactly("-1", "9", "10");
    Dataset names = read("l.csv", "text,label\na,b\nb,B\nc,10\n");
    assertThat(names.labels().names()).containsExactly("10", "B", "b");
  }

  @Test
  void split_stratified_keepsSharesAndIsRepeatable() throws IOException {
    StringBuilder rows = new StringBuilder("text,label\n");
    for (int i = 0; i < 200; i++) {
      rows.append("t").append(i).append(',').append(i % 4 == 0 ? "rare" : "often").append('\n');
    }
    rows.append("single,once\n");
    Dataset all = read("s.csv", rows.toString());
    Split split = Split.stratified(all, 0.1, 7);
    assertThat(split.dev().examples()).filteredOn(e -> e.label().equals("rare")).hasSize(5);
    assertThat(split.dev().examples()).filteredOn(e -> e.label().equals("often")).hasSize(15);
    assertThat(split.train().labels().names()).contains("once");
    assertThat(split.train().size() + split.dev().size()).isEqualTo(all.size());
    assertThat(Split.stratified(all, 0.1, 7)).isEqualTo(split);
    assertThat(Split.stratified(all, 0.1, 8)).isNotEqualTo(split);
  }

  @Test
  void read_fileThatMayNotBeRead_saysSo() throws IOException {
    Path file = Files.writeString(folder.resolve("closed.csv"), "text,label\na,b\n");
    Files.setPosixFilePermissions(file, Set.of());
    assumeThat(Files.isReadable(file)).as("root may read it").isFalse();

    assertThatThrownBy(() -> READER.read(file))
        .isInstanceOfSatisfying(
            SluiceException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("closed.csv: permission denied");
  }

  @Test
  void split_oneRowOfEachLabel_isRefused() throws IOException {
    Dataset all = read("few.csv", "text,label\na,x\nb,y\n");
    assertThatThrownBy(() -> Split.stratified(all, 0.5, 1))
        .isInstanceOfSatisfying(
            SluiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("few.csv: one row of each label (expected: ");
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private Dataset read(String name, String content) throws IOException {
    return READER.read(write(name, content));
  }
}
