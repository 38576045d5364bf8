package io.sluice.cli.command.serve;

import io.sluice.cli.command.option.ByteSize;
import io.sluice.cli.command.option.ConfigFile;
import io.sluice.cli.command.option.ThreadsOption;
import io.sluice.cli.command.option.ValueRange;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

/** What the options of {@code sluice serve} may be, one by one and together. */
final class ServeValues {
  private static final Pattern DEVICE = Pattern.compile("cpu|auto|cuda(:[0-9]{1,3})?");
  private static final int MANY = 1_000_000_000;
  private static final ValueRange PORT = new ValueRange(0, 65_535);
  private static final ValueRange SHARE = new ValueRange(0, 1);
  private static final ValueRange SECONDS = new ValueRange(0, 86_400);
  private static final ValueRange MEBIBYTES = new ValueRange(0, 1 << 20);

  private static final Map<String, ValueRange> RANGES =
      Map.ofEntries(
          Map.entry("--port", PORT),
          Map.entry("--admin-port", PORT),
          Map.entry("--threads", new ValueRange(1, ThreadsOption.MOST)),
          Map.entry("--max-queue-wait", new ValueRange(0, 3_600_000)),
          Map.entry("--express-memory", MEBIBYTES),
          Map.entry("--recent-memory", MEBIBYTES),
          Map.entry("--max-bundle-latency-us", new ValueRange(1, 1e9)),
          Map.entry("--keep-revisions", new ValueRange(2, 1_000_000)),
          Map.entry("--warm-up", SECONDS),
          Map.entry("--drain-timeout", SECONDS),
          Map.entry("--metric-tasks", new ValueRange(0, 1_000)),
          Map.entry("--request-log", SHARE),
          Map.entry("--trace-share", SHARE),
          Map.entry("--max-request-rate", new ValueRange(0, MANY)),
          Map.entry("--max-concurrent-requests", new ValueRange(1, MANY)),
          Map.entry("--max-connections-per-address", new ValueRange(1, MANY)),
          Map.entry("--max-connections", new ValueRange(1, MANY)),
          Map.entry("--first-request-timeout", new ValueRange(1, 86_400)),
          Map.entry("--idle-timeout", new ValueRange(1, 86_400)),
          Map.entry("--max-message", new ValueRange(1, 1 << 20)));

  /** Options that mean nothing without another. */
  private static final List<Map.Entry<String, String>> NEEDS =
      List.of(
          Map.entry("--trace-share", "--trace-endpoint"),
          Map.entry("--tls-cert", "--tls-key"),
          Map.entry("--tls-key", "--tls-cert"),
          Map.entry("--tls-client-ca", "--tls-cert"));

  private ServeValues() {}

  /** What is expected in place of {@code text}; null when it may stand. */
  static @Nullable String expected(OptionSpec option, String text) {
    Class<?> type = option.type();
    if (type.isEnum()) {
      List<String> names = Arrays.stream(type.getEnumConstants()).map(String::valueOf).toList();
      return names.contains(text.toUpperCase(Locale.ROOT)) ? null : String.join(", ", names);
    }
    if (type == URI.class) {
      return text.matches("https?://[^ ]+") ? null : "http://HOST:PORT/PATH";
    }
    if (type == ByteSize.class) {
      return ByteSize.isSize(text) ? null : ByteSize.EXPECTED;
    }
    if (option.longestName().endsWith("host")) {
      return text.isBlank() || new InetSocketAddress(text, 0).isUnresolved()
          ? "an address of this machine"
          : null;
    }
    if (option.longestName().equals("--device")) {
      return DEVICE.matcher(text).matches() ? null : "cpu, cuda, cuda:N or auto";
    }
    ValueRange range = RANGES.get(option.longestName());
    if (isWhole(type) && !text.matches("-?[0-9]{1,18}")) {
      return "a whole number" + ConfigFile.unit(option) + (range == null ? "" : ", " + range);
    }
    if (range == null) {
      return null;
    }
    try {
      return range.holds(Double.parseDouble(text)) ? null : range.toString();
    } catch (NumberFormatException e) {
      return range.toString();
    }
  }

  private static boolean isWhole(Class<?> type) {
    return type == int.class || type == Integer.class || type == long.class || type == Long.class;
  }

  /**
   * What does not go together.
   *
   * @param settings by the option's name
   */
  static List<String> conflicts(Map<String, ServeSetting> settings) {
    List<String> conflicts = new ArrayList<>();
    ServeSetting port = settings.get("--port");
    ServeSetting admin = settings.get("--admin-port");
    if (port != null
        && admin != null
        && port.text().equals(admin.text())
        && !port.text().equals("0")) {
      boolean portIsGiven = admin.isDefault();
      conflicts.add(
          portIsGiven
              ? port.told("another port than admin-port")
              : admin.told("another port than port"));
    }
    for (Map.Entry<String, String> need : NEEDS) {
      ServeSetting setting = settings.get(need.getKey());
      if (setting != null && !setting.saysDefault() && !settings.containsKey(need.getValue())) {
        conflicts.add(setting.told(need.getValue().substring(2) + " beside it"));
      }
    }
    ServeSetting adminHost = settings.get("--admin-host");
    if (adminHost != null
        && !settings.containsKey("--tokens")
        && !settings.containsKey("--tls-client-ca")
        && !isThisMachine(adminHost.text())) {
      conflicts.add(
          adminHost.told("tokens or tls-client-ca beside it, or an address of this machine only"));
    }
    return conflicts;
  }

  private static boolean isThisMachine(String host) {
    InetAddress address = new InetSocketAddress(host, 0).getAddress();
    return address != null && address.isLoopbackAddress();
  }
}
