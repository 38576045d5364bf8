package io.sluice.cli.command.backbone;

import static java.util.stream.Collectors.joining;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ContextTensor;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.cli.command.option.BackboneOption;
import io.sluice.cli.command.option.CommandProcess;
import io.sluice.cli.command.option.Output;
import io.sluice.cli.terminal.Quantities;
import io.sluice.cli.terminal.Screen;
import io.sluice.cli.terminal.Table;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the blocks and insertion points of a backbone. */
@Command(name = "inspect", description = "Print the blocks and insertion points of a backbone.")
final class BackboneInspect implements Callable<Integer> {
  /** What tells one block from another; the rest is reshaping and arithmetic. */
  private static final Set<String> TELLING =
      Set.of("MatMul", "Gemm", "Softmax", "Gelu", "Erf", "Relu", "Tanh", "LayerNormalization");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      description = "An imported backbone, or an export. Default: sluice-mini, embedded.")
  private @Nullable Path directory;

  @Override
  public Integer call() {
    Backbone backbone = BackboneOption.load(directory, CommandProcess.of(spec).runtime());
    Screen screen = Output.of(spec);
    summary(screen, backbone);
    screen.gap();
    screen.table(blocks(backbone));
    return 0;
  }

  private static void summary(Screen screen, Backbone backbone) {
    screen.line("backbone    %s", backbone.name());
    screen.line("digest      %s", backbone.digest());
    screen.line(
        "inputs      %s; at most %d tokens",
        String.join(", ", backbone.inputNames()), backbone.maxPositions());
    screen.line(
        "hidden      (batch, seq, %d); %d insertion points",
        backbone.hiddenSize(), backbone.points());
    screen.line(
        "parameters  %s, %s without embeddings",
        Quantities.count(backbone.parameters()), Quantities.count(backbone.bodyParameters()));
    for (ContextTensor tensor : backbone.context()) {
      screen.line(
          "context     %s %s %s, %s",
          tensor.name(),
          tensor.value().type(),
          tensor.value().shape(),
          tensor.perRow() ? "a part for each row" : "the same for all rows");
    }
    backbone.notes().forEach(note -> screen.line("note        %s", note));
  }

  private static Table blocks(Backbone backbone) {
    Table table = new Table("point>", "what runs", "boundary", "parameters>", "context");
    List<String> boundaries = backbone.boundaryNames();
    table.row("", "prologue", boundaries.get(0), parameters(backbone.prologue()), "");
    for (int k = 1; k <= backbone.points(); k++) {
      Graph block = backbone.block(k);
      table.row(k, what(block), boundaries.get(k), parameters(block), context(block));
    }
    Graph epilogue = backbone.epilogue();
    if (epilogue != null) {
      table.row(
          "", "epilogue: " + operators(epilogue), "", parameters(epilogue), context(epilogue));
    }
    return table;
  }

  private static String what(Graph block) {
    boolean attends = block.nodes().stream().anyMatch(node -> node.op().equals("Softmax"));
    return (attends ? "attention: " : "feed-forward: ") + operators(block);
  }

  private static String operators(Graph part) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (Node node : part.nodes()) {
      if (TELLING.contains(node.op())) {
        counts.merge(node.op(), 1, Integer::sum);
      }
    }
    return counts.entrySet().stream()
        .map(entry -> (entry.getValue() == 1 ? "" : entry.getValue() + " ") + entry.getKey())
        .collect(joining(", "));
  }

  private static String parameters(Graph block) {
    return Quantities.count(
        block.initializers().values().stream()
            .filter(data -> data.rank() > 0)
            .mapToLong(TensorData::elements)
            .sum());
  }

  private static String context(Graph block) {
    return block.inputs().stream()
        .map(Value::name)
        .filter(name -> !name.equals(Backbone.BLOCK_INPUT))
        .collect(joining(", "));
  }
}
