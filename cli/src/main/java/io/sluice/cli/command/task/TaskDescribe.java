package io.sluice.cli.command.task;

import io.sluice.cli.command.option.Output;
import io.sluice.cli.command.option.ServerOption;
import io.sluice.cli.terminal.Quantities;
import io.sluice.cli.terminal.Screen;
import io.sluice.proto.v1.BundleCost;
import io.sluice.proto.v1.BundleInfo;
import io.sluice.proto.v1.DescribeReply;
import io.sluice.proto.v1.PredictedTime;
import io.sluice.proto.v1.Revision;
import io.sluice.proto.v1.Task;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says what a task of a server is and how to ask it. */
@Command(name = "describe", description = "Say what a task of a server is and how to ask it.")
final class TaskDescribe implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServerOption server = new ServerOption();

  @Option(names = "--task", required = true, description = "The task's name.")
  private String name = "";

  @Override
  public Integer call() {
    DescribeReply reply = server.admin().describe(name);
    Task task = reply.getTask();
    Screen screen = Output.of(spec);
    line(screen, "task", name);
    line(screen, "revisions", Integer.toString(task.getRevisionsCount()));
    if (!task.hasActive()) {
      line(screen, "active", "none; make one so with: sluice task activate --task " + name);
      return 0;
    }
    BundleInfo bundle = task.getActive();
    line(screen, "active", active(task));
    line(screen, "kind", kind(bundle));
    line(screen, "texts", String.join(", ", bundle.getTextFieldsList()));
    if (bundle.getLabelsCount() > 0) {
      line(screen, "labels", String.join(", ", bundle.getLabelsList()));
    }
    line(screen, "longest", longest(bundle));
    line(screen, "abstains", abstains(bundle));
    line(
        screen,
        "adapters",
        String.format(
            Locale.ROOT,
            "%d of %d points %s, %s parameters with the head; the first %d blocks are everybody's",
            bundle.getPointsCount(),
            reply.getPoints(),
            bundle.getPointsList(),
            Quantities.count(bundle.getParameters()),
            bundle.getTrunkPoints()));
    cost(screen, reply.getCost());
    line(screen, "ask", ask(bundle));
    return 0;
  }

  private static void line(Screen screen, String what, String value) {
    screen.line("%-10s %s", what, value);
  }

  private static void cost(Screen screen, BundleCost cost) {
    line(
        screen,
        "cost",
        String.format(
            Locale.ROOT,
            "%s of weights; %s FLOPs a row and %s a token, beside the encoder's",
            Quantities.bytes(cost.getWeightBytes()),
            Quantities.count(cost.getFlopsPerRow()),
            Quantities.count(cost.getFlopsPerToken())));
    for (PredictedTime time : cost.getTimesList()) {
      line(
          screen,
          "predicted",
          String.format(
              Locale.ROOT,
              "%s for a row of %d tokens by itself, %s of it for the adapters",
              Quantities.millis(1000 * (time.getEncoderMicros() + time.getAdapterMicros())),
              time.getTokens(),
              Quantities.millis(1000 * time.getAdapterMicros())));
    }
  }

  private static String active(Task task) {
    long number =
        task.getRevisionsList().stream()
            .filter(revision -> revision.getDigest().equals(task.getActiveDigest()))
            .mapToLong(Revision::getNumber)
            .findFirst()
            .orElse(0);
    return "revision " + number + ", " + task.getActiveDigest();
  }

  private static String kind(BundleInfo bundle) {
    String word = bundle.getKind().name().replace("TASK_KIND_", "").toLowerCase(Locale.ROOT);
    return switch (bundle.getKind()) {
      case TASK_KIND_CLASSIFY -> word + ": one label of several";
      case TASK_KIND_MULTI_LABEL -> word + ": any number of labels";
      case TASK_KIND_REGRESS -> word + ": a number";
      case TASK_KIND_ANSWER_BOOLEAN -> word + ": yes or no to a question about a passage";
      case TASK_KIND_ANSWER_SPAN -> word + ": the span of a passage that answers a question";
      default -> word;
    };
  }

  private static String longest(BundleInfo bundle) {
    String tokens = bundle.getMaxTokens() + " tokens; ";
    return switch (bundle.getKind()) {
      case TASK_KIND_ANSWER_SPAN ->
          tokens
              + "longer passages take windows, "
              + (bundle.hasStride() ? bundle.getStride() + " tokens" : "half a window")
              + " apart";
      default -> tokens + "what is longer is cut";
    };
  }

  private static String abstains(BundleInfo bundle) {
    return bundle.hasThreshold()
        ? String.format(
            Locale.ROOT,
            "below a score of %.3f (temperature %.3f)",
            bundle.getThreshold(),
            bundle.getTemperature())
        : String.format(Locale.ROOT, "never (temperature %.3f)", bundle.getTemperature());
  }

  private String ask(BundleInfo bundle) {
    return switch (bundle.getKind()) {
      case TASK_KIND_ANSWER_BOOLEAN, TASK_KIND_ANSWER_SPAN ->
          "sluice answer " + name + " --question TEXT --passage TEXT|FILE|-";
      default ->
          "sluice classify --task "
              + name
              + (bundle.getTextFieldsCount() == 2 ? " --pair TEXT" : "")
              + " TEXT";
    };
  }
}
