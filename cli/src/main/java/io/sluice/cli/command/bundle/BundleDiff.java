package io.sluice.cli.command.bundle;

import io.sluice.cli.command.option.Output;
import io.sluice.cli.terminal.Screen;
import io.sluice.cli.terminal.Table;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleComparison;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.BundleReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what two bundles differ in, and exits as {@code diff} does. */
@Command(
    name = "diff",
    description = {
      "Print what two bundles differ in: task, structure by point, cost, metrics, settings, origin.",
      "Exit code: 0 if they are the same, 1 if they differ, 2 if one of them cannot be read."
    })
final class BundleDiff implements Callable<Integer> {
  private static final int WIDEST = 44;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "A", description = "A bundle.")
  private Path first = Path.of("");

  @Parameters(index = "1", paramLabel = "B", description = "Another one.")
  private Path second = Path.of("");

  @Override
  public Integer call() {
    AdapterBundle a = BundleReader.read(first, BundleLimits.defaults());
    AdapterBundle b = BundleReader.read(second, BundleLimits.defaults());
    Screen screen = Output.of(spec);
    List<BundleComparison.Difference> differences = BundleComparison.of(a, b);
    if (differences.isEmpty()) {
      screen.line("the same: %s", a.digest());
      return 0;
    }
    screen.line("A  %s  %s", a.digest().shortForm(), first);
    screen.line("B  %s  %s", b.digest().shortForm(), second);
    screen.gap();
    Table table = new Table("part", "what", "A", "B", "B - A>");
    for (BundleComparison.Difference difference : differences) {
      table.row(
          difference.part(),
          difference.what(),
          shortened(difference.first()),
          shortened(difference.second()),
          change(difference.first(), difference.second()));
    }
    screen.table(table);
    return 1;
  }

  /** How much more it is; empty where one of them is no number. */
  private static String change(String a, String b) {
    try {
      double change = number(b) - number(a);
      return change == Math.rint(change) && Math.abs(change) < 1e15
          ? String.format(Locale.ROOT, "%+,d", (long) change)
          : String.format(Locale.ROOT, "%+.4f", change);
    } catch (NumberFormatException e) {
      return "";
    }
  }

  private static double number(String text) {
    return Double.parseDouble(text.replace(",", ""));
  }

  /** A measure with four decimals, and no text wider than a column. */
  private static String shortened(String text) {
    String brief =
        text.matches("-?[0-9]+\\.[0-9]{5,}")
            ? String.format(Locale.ROOT, "%.4f", Double.parseDouble(text))
            : text;
    return brief.length() <= WIDEST ? brief : brief.substring(0, WIDEST - 3) + "...";
  }
}
