package io.sluice.cli.command.option;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * An amount of memory as a user gives it: {@code 64MiB}.
 *
 * @param bytes 0 to 9,999 GiB
 */
public record ByteSize(long bytes) {
  public static final String EXPECTED = "a number and B, KiB, MiB or GiB, as in 64MiB";

  private static final Pattern TEXT = Pattern.compile("([0-9]{1,4})(B|KiB|MiB|GiB)");
  private static final String UNITS = "BKMG";

  public static boolean isSize(String text) {
    return TEXT.matcher(text).matches();
  }

  /** Reads {@code 512KiB}. */
  public static final class Converter implements ITypeConverter<ByteSize> {
    @Override
    public ByteSize convert(String text) {
      Matcher parts = TEXT.matcher(text);
      if (!parts.matches()) {
        throw new TypeConversionException(text + " (expected: " + EXPECTED + ")");
      }
      int shift = 10 * UNITS.indexOf(parts.group(2).charAt(0));
      return new ByteSize(Long.parseLong(parts.group(1)) << shift);
    }
  }
}
