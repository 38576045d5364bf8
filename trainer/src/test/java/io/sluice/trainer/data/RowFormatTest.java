package io.sluice.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.luben.zstd.ZstdOutputStream;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.bundle.TaskKind;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kinds of truth, known layouts, and the sources that DuckDB reads. */
class RowFormatTest {
  @TempDir Path folder;

  @Test
  void read_parquetQueryGlobAndZst_sameDigestAsText() throws IOException, SQLException {
    Path csv = write("rows.csv", "text,label\nfine,1\n\"not, so\",0\né 😀,1\n");
    Path parquet = folder.resolve("rows.parquet");
    try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duck.createStatement()) {
      statement.execute(
          "COPY (SELECT text, label::INTEGER AS label FROM read_csv('"
              + csv
              + "')) TO '"
              + parquet
              + "'");
    }
    Path zst = folder.resolve("rows.csv.zst");
    try (OutputStream out = new ZstdOutputStream(Files.newOutputStream(zst))) {
      Files.copy(csv, out);
    }
    DatasetReader reader = new DatasetReader(Columns.defaults());
    Dataset expected = reader.read(csv);
    assertThat(reader.read(parquet).digest()).isEqualTo(expected.digest());
    assertThat(reader.read(zst).digest()).isEqualTo(expected.digest());
    assertThat(reader.read("SELECT * FROM '" + parquet + "'").digest())
        .isEqualTo(expected.digest());
    Files.delete(zst);
    Dataset both = reader.read(folder + "/rows.*");
    assertThat(both.size()).isEqualTo(6);
    assertThat(both.examples().subList(3, 6))
        .extracting(Example::text)
        .containsExactly("fine", "not, so", "é 😀");
  }

  @Test
  void read_badRowsOfSeveralFiles_areAllReportedWithFileAndLine() throws IOException {
    write("a.jsonl", "{\"text\": \"x\", \"label\": \"y\"}\n{\"text\": \"x\"}\n");
    write("b.csv", "text,label\nx,\nx,y\n");
    assertThatThrownBy(() -> new DatasetReader(Columns.defaults()).read(folder + "/*.[jc]s*"))
        .isInstanceOfSatisfying(
            SluiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("2 bad rows")
        .hasMessageContaining("a.jsonl:2: label: absent")
        .hasMessageContaining("b.csv:2: label: blank");
  }

  @Test
  void read_queryThatIsNone_saysWhatDuckDbSays() {
    DatasetReader reader = new DatasetReader(Columns.defaults());
    assertThatThrownBy(() -> reader.read("SELECT nonsense FROM 'no-such-file.parquet'"))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("query: ")
        .hasMessageContaining("no-such-file.parquet");
    assertThatThrownBy(() -> reader.read(folder + "/*.parquet"))
        .hasMessageContaining("no file (expected: one or more that match)");
    assertThatThrownBy(() -> reader.read("SELECT 1.5 AS label, 'x' AS text"))
        .hasMessageContaining(
            "query:1: label: 1.5 (expected: a text, a whole number or a boolean)");
  }

  @Test
  void read_labelLists_fromJsonTextAndQuery() throws IOException {
    Path json =
        write(
            "m.jsonl",
            "{\"text\": \"x\", \"labels\": [\"b\", \"a\"]}\n{\"text\": \"y\", \"labels\": []}\n");
    Path csv = write("m.csv", "text,labels\nx,\"b, a\"\ny,\n");
    DatasetReader reader = new DatasetReader(RowFormat.of(TaskKind.MULTI_LABEL));
    Dataset expected = reader.read(json);
    assertThat(expected.examples().get(0).truth())
        .isEqualTo(new Truth.Labels(new TreeSet<>(List.of("a", "b"))));
    assertThat(expected.labels().names()).containsExactly("a", "b");
    assertThat(reader.read(csv).digest()).isEqualTo(expected.digest());
    assertThat(reader.read("SELECT text, labels FROM '" + json + "'").digest())
        .isEqualTo(expected.digest());
    assertThatThrownBy(
            () -> reader.read(write("bad.jsonl", "{\"text\": \"x\", \"labels\": {\"a\": 1}}\n")))
        .hasMessageContaining("bad.jsonl:1: labels: {\"a\":1} (expected: a list of labels)");
  }

  @Test
  void read_values_anyNumberAndNothingElse() throws IOException {
    DatasetReader reader = new DatasetReader(RowFormat.of(TaskKind.REGRESS));
    Dataset rows =
        reader.read(
            write(
                "v.jsonl",
                "{\"text\": \"x\", \"label\": 2.5}\n{\"text\": \"x\", \"label\": \"-1e2\"}\n"));
    assertThat(rows.examples())
        .extracting(Example::truth)
        .containsExactly(new Truth.Value(2.5), new Truth.Value(-100));
    assertThatThrownBy(() -> reader.read(write("w.csv", "text,label\nx,NaN\ny,much\nz,1\n")))
        .hasMessageContaining("w.csv:2: label: NaN (expected: a finite number)")
        .hasMessageContaining("w.csv:3: label: much (expected: a finite number)");
  }

  @Test
  void read_spansInEveryForm_standWhereTheyStand() throws IOException {
    String text = "\"question\": \"q\", \"context\": \"é😀 the cat, the cat\"";
    Path file =
        write(
            "s.jsonl",
            // Starts in code points; in chars; lists; nothing.
            "{"
                + text
                + ", \"answers\": {\"text\": [\"cat\"], \"answer_start\": [16]}}\n"
                + "{"
                + text
                + ", \"answers\": {\"text\": [\"cat\"], \"answer_start\": [17]}}\n"
                + "{"
                + text
                + ", \"answers\": [\"cat\"]}\n"
                + "{"
                + text
                + ", \"answers\": [{\"text\": \"cat\", \"answer_start\": 16}]}\n"
                + "{"
                + text
                + ", \"answers\": {\"text\": [], \"answer_start\": []}}\n");
    Dataset rows = new DatasetReader(Layout.of("squad")).read(file);
    assertThat(rows.textFields()).containsExactly("question", "context");
    assertThat(rows.examples())
        .extracting(Example::truth)
        .containsExactly(spans(17), spans(17), spans(8), spans(17), new Truth.Spans(List.of()));
    assertThatThrownBy(
            () ->
                new DatasetReader(Layout.of("squad"))
                    .read(write("t.jsonl", "{" + text + ", \"answers\": [\"dog\"]}\n")))
        .hasMessageContaining("t.jsonl:1: answers: dog (expected: a piece of the text)");
  }

  @Test
  void layout_copaAndNumbers_areTextsAndNames() throws IOException {
    Path file =
        write(
            "c.jsonl",
            "{\"premise\": \"It rained.\", \"question\": \"effect\", \"choice1\": \"Wet.\","
                + " \"choice2\": \"Dry.\", \"label\": 0}\n");
    Example row = new DatasetReader(Layout.of("copa")).read(file).examples().get(0);
    assertThat(row)
        .isEqualTo(new Example("It rained. What was the effect?", "Wet. / Dry.", "first", 1));
    Path tsv = write("m.tsv", "Quality\t#1 String\t#2 String\n1\tone\ttwo\n");
    assertThat(new DatasetReader(Layout.of("mrpc")).read(tsv).examples().get(0).label())
        .isEqualTo("equivalent");
    assertThatThrownBy(() -> Layout.of("glue"))
        .hasMessageContaining("layout: glue (expected: one of cola, ");
  }

  @Test
  void read_sst2AndXquad_allRows() {
    Path tasks = Path.of("../../shared/data/tasks");
    assumeTrue(Files.isDirectory(tasks), "no ../shared/data/tasks beside the repository");
    Dataset sst2 = new DatasetReader(Layout.of("sst2")).read(tasks.resolve("sst2/train.jsonl"));
    assertThat(sst2.size()).isEqualTo(67_349);
    assertThat(sst2.labels().names()).containsExactly("negative", "positive");
    Dataset stsb = new DatasetReader(Layout.of("stsb")).read(tasks + "/stsb/*.jsonl");
    assertThat(stsb.size()).isEqualTo(5_749 + 1_500 + 1_379);
    assertThat(new DatasetReader(Layout.of("squad")).read(tasks + "/xquad_en/*.jsonl").size())
        .isEqualTo(1_190);
    assertThat(new DatasetReader(Layout.of("boolq")).read(tasks.resolve("boolq/dev.jsonl")).size())
        .isEqualTo(3_270);
  }

  private static Truth spans(int start) {
    return new Truth.Spans(List.of(new Truth.Span("cat", start)));
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }
}
