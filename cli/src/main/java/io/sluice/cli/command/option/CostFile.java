package io.sluice.cli.command.option;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.Device;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.cli.terminal.Screen;
import io.sluice.registry.cost.CostTable;
import io.sluice.trainer.model.AdapterForm;
import io.sluice.trainer.model.AdapterKind;
import io.sluice.trainer.profile.CostProfiler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where the measured costs of a backbone lie on this machine: in the user's cache folder. */
public final class CostFile {
  private static final List<Integer> RANKS = List.of(4, 8, 16, 32);
  private static final List<Integer> TOKENS = List.of(16, 32, 64, 128, 256);

  private CostFile() {}

  /** The file of a backbone in a precision, a device and a number of threads, there or not. */
  public static Path of(Backbone backbone, Precision precision, OnnxRuntime runtime) {
    Device device = runtime.settings().device();
    return cacheFolder()
        .resolve("sluice")
        .resolve(
            String.join(
                "-",
                "costs",
                "v" + CostTable.VERSION,
                backbone.digest().shortForm(),
                precision.name().toLowerCase(Locale.ROOT),
                device.word().replace(':', '-'),
                runtime.settings().threads() + ".json"));
  }

  /** The costs in the file; measures and keeps them if there is none. */
  public static CostTable load(
      Backbone backbone, Precision precision, OnnxRuntime runtime, Screen screen) {
    Path file = of(backbone, precision, runtime);
    if (!Files.exists(file)) {
      screen.line("measuring costs on this machine, once: kept in %s", file);
      CostTable measured = measure(backbone, precision, runtime, RANKS, screen);
      measured.save(file);
      return measured;
    }
    return read(file, backbone, precision, runtime.settings().device());
  }

  /** The costs in a file that has to be of {@code backbone}, computed so and there. */
  public static CostTable read(Path file, Backbone backbone, Precision precision, Device device) {
    CostTable costs = CostTable.read(file);
    costs.require(file.toString(), backbone, precision, device);
    return costs;
  }

  /** Measures every kind in some ranks, at the lengths that the backbone takes. */
  public static CostTable measure(
      Backbone backbone,
      Precision precision,
      OnnxRuntime runtime,
      Collection<Integer> ranks,
      Screen screen) {
    List<AdapterKind> kinds = new ArrayList<>();
    for (AdapterForm form : AdapterForm.values()) {
      if (form.ranked()) {
        ranks.forEach(rank -> kinds.add(form.ofRank(rank)));
      } else {
        kinds.add(form.ofRank(0));
      }
    }
    List<Integer> tokens =
        TOKENS.stream().filter(length -> length <= backbone.maxPositions()).toList();
    try (BackboneSessions sessions =
        BackboneSessions.open(backbone, runtime, SessionSettings.defaults(), precision)) {
      return new CostProfiler(runtime, sessions, what -> screen.line("  %s", what))
          .measure(kinds, tokens.isEmpty() ? List.of(backbone.maxPositions()) : tokens);
    }
  }

  private static Path cacheFolder() {
    return cacheFolder(System.getenv());
  }

  /** Java knows a home by the user's number only, and in a container there may be none for it. */
  static Path cacheFolder(Map<String, String> environment) {
    String folder = nonEmpty(environment.get("XDG_CACHE_HOME"));
    if (folder != null) {
      return Path.of(folder);
    }
    String home = nonEmpty(environment.get("HOME"));
    return Path.of(home != null ? home : System.getProperty("user.home"), ".cache");
  }

  private static @Nullable String nonEmpty(@Nullable String text) {
    return text == null || text.isEmpty() ? null : text;
  }
}
