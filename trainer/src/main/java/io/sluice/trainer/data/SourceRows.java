package io.sluice.trainer.data;

import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Rows of files or a query, read anew in each pass. Confined to one thread. */
final class SourceRows implements LabelledRows {
  private final DatasetReader reader;
  private final List<String> sources;
  private final DatasetReader.Pass first;
  private final int size;
  private final Digest digest;

  /** Reads all of them once, and keeps none. */
  SourceRows(DatasetReader reader, List<String> sources) {
    this.reader = reader;
    this.sources = List.copyOf(sources);
    DatasetDigest sum = new DatasetDigest();
    int[] count = new int[1];
    first =
        reader.pass(
            this.sources,
            example -> {
              sum.add(example);
              count[0]++;
            });
    size = count[0];
    digest = sum.digest();
  }

  @Override
  public String source() {
    return first.source();
  }

  @Override
  public List<String> textFields() {
    return first.texts();
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public Digest digest() {
    return digest;
  }

  @Override
  public void inParts(int most, Consumer<Dataset> sink) {
    List<Example> part = new ArrayList<>();
    int[] count = new int[1];
    reader.pass(
        sources,
        example -> {
          part.add(example);
          count[0]++;
          if (part.size() == most) {
            handOn(part, sink);
          }
        });
    if (!part.isEmpty()) {
      handOn(part, sink);
    }
    if (count[0] != size) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          source() + ": " + count[0] + " rows (expected: " + size + ", as when it was first read)");
    }
  }

  private void handOn(List<Example> part, Consumer<Dataset> sink) {
    Dataset full = new Dataset(source(), textFields(), part);
    part.clear();
    sink.accept(full);
  }
}
