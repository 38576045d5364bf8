package io.sluice.cli.command.option;

import static java.util.Objects.requireNonNull;

import io.sluice.trainer.data.DatasetReader;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;

/**
 * Where rows come from, as typed.
 *
 * @param text a path, a glob pattern or a query
 */
public record RowsFrom(String text) {
  public RowsFrom {
    requireNonNull(text, "text");
  }

  /** The same from whatever folder it is read in, but for the files a query names. */
  public RowsFrom absolute() {
    return DatasetReader.query(text)
        ? this
        : new RowsFrom(Path.of(text).toAbsolutePath().normalize().toString());
  }

  /** The same where paths are relative to a folder. */
  public RowsFrom within(Path folder) {
    return DatasetReader.query(text) ? this : new RowsFrom(folder.resolve(text).toString());
  }

  /** Takes any text. */
  public static final class Converter implements ITypeConverter<RowsFrom> {
    @Override
    public RowsFrom convert(String text) {
      return new RowsFrom(text);
    }
  }
}
