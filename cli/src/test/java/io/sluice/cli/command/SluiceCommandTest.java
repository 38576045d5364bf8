package io.sluice.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.cli.process.ProcessLife;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class SluiceCommandTest {
  @Test
  void execute_noCommand_showsTheCommandsAndExitsWithUsage() {
    SluiceRun run = SluiceRun.of();

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("Usage: sluice", "classify", "completion");
  }

  @Test
  void execute_unknownCommand_suggestsTheNearest() {
    SluiceRun run = SluiceRun.of("clasify");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).startsWith("sluice: ").contains("classify");
  }

  @Test
  void execute_version_namesSluiceAndJava() {
    SluiceRun run = SluiceRun.of("--version");

    assertThat(run.code()).isZero();
    assertThat(run.out()).matches("(?s)sluice \\d+\\.\\d+.*java \\d+.*");
  }

  @Test
  void execute_completion_isABashScript() {
    SluiceRun run = SluiceRun.of("completion");

    assertThat(run.code()).isZero();
    assertThat(run.out()).startsWith("#!/usr/bin/env bash").contains("complete -F");
  }

  @ParameterizedTest
  @MethodSource("everyCommand")
  void execute_helpOfEveryCommand_saysWhatItDoes(List<String> command) {
    List<Object> arguments = new ArrayList<>(command);
    arguments.add("--help");
    SluiceRun run = SluiceRun.of(arguments.toArray());

    assertThat(run.code()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).startsWith("Usage: sluice").contains("--help", "--stacktrace");
    assertThat(run.out().lines().count()).isGreaterThan(3);
  }

  static Stream<List<String>> everyCommand() {
    return under(List.of(), SluiceCommand.commandLine(ProcessLife.guest()));
  }

  private static Stream<List<String>> under(List<String> path, CommandLine command) {
    return Stream.concat(
        Stream.of(path),
        command.getSubcommands().entrySet().stream()
            .flatMap(
                sub -> {
                  List<String> longer = new ArrayList<>(path);
                  longer.add(sub.getKey());
                  return under(longer, sub.getValue());
                }));
  }
}
