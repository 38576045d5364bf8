package io.sluice.server.oip;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.proto.inference.InferParameter;
import io.sluice.proto.inference.ModelInferResponse.InferOutputTensor;
import io.sluice.proto.inference.ModelMetadataResponse.TensorMetadata;
import io.sluice.proto.v1.AnswerReply;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.LabelScore;
import io.sluice.proto.v1.SpanAnswer;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.TaskKind;
import java.util.List;
import java.util.Set;

/**
 * The tensors that tasks of each kind give. {@code scores} has a column for each label; which is
 * told in its parameter {@code labels}, an array in JSON.
 */
final class ModelTensors {
  private static final ObjectMapper mapper = new ObjectMapper();

  private ModelTensors() {}

  /** Names, datatypes and shapes, -1 for the rows. */
  static List<TensorMetadata> outputs(Manifest manifest) {
    long labels = manifest.labels().size();
    return switch (manifest.kind()) {
      case CLASSIFY ->
          List.of(
              described("label", Tensors.BYTES),
              described("scores", Tensors.FP32, labels),
              described("abstained", Tensors.BOOL));
      case MULTI_LABEL ->
          List.of(
              described("chosen", Tensors.BOOL, labels),
              described("scores", Tensors.FP32, labels),
              described("abstained", Tensors.BOOL));
      case REGRESS -> List.of(described("value", Tensors.FP32));
      case ANSWER_BOOLEAN ->
          List.of(
              described("answer", Tensors.BOOL),
              described("score", Tensors.FP32),
              described("abstained", Tensors.BOOL));
      case ANSWER_SPAN ->
          List.of(
              described("text", Tensors.BYTES),
              described("start", Tensors.UINT32),
              described("end", Tensors.UINT32),
              described("score", Tensors.FP32),
              described("no_answer", Tensors.FP32),
              described("abstained", Tensors.BOOL));
    };
  }

  /** A tensor of texts for each field. */
  static List<TensorMetadata> inputs(Manifest manifest) {
    return manifest.textFields().stream().map(field -> described(field, Tensors.BYTES)).toList();
  }

  /** What the rows of a task of a kind of Classify have become; all by one bundle. */
  static List<InferOutputTensor> of(TaskKind kind, List<ClassifyReply> rows) {
    if (kind == TaskKind.REGRESS) {
      return List.of(Tensors.floats("value", rows.stream().map(ClassifyReply::getValue).toList()));
    }
    List<String> labels = rows.get(0).getScoresList().stream().map(LabelScore::getLabel).toList();
    List<Float> scores =
        rows.stream()
            .flatMap(row -> row.getScoresList().stream())
            .map(LabelScore::getScore)
            .toList();
    InferOutputTensor said =
        kind == TaskKind.CLASSIFY
            ? Tensors.texts("label", rows.stream().map(ClassifyReply::getLabel).toList())
            : labelled(Tensors.booleanTable("chosen", chosen(labels, rows), labels.size()), labels);
    return List.of(
        said,
        labelled(Tensors.floatTable("scores", scores, labels.size()), labels),
        Tensors.booleans("abstained", rows.stream().map(ClassifyReply::getAbstained).toList()));
  }

  /** What a question has become. */
  static List<InferOutputTensor> of(AnswerReply reply) {
    InferOutputTensor abstained = Tensors.booleans("abstained", List.of(reply.getAbstained()));
    if (reply.hasBoolean()) {
      return List.of(
          Tensors.booleans("answer", List.of(reply.getBoolean().getValue())),
          Tensors.floats("score", List.of(reply.getBoolean().getScore())),
          abstained);
    }
    SpanAnswer span = reply.getSpan();
    return List.of(
        Tensors.texts("text", List.of(span.getText())),
        Tensors.counts("start", List.of(span.getStart())),
        Tensors.counts("end", List.of(span.getEnd())),
        Tensors.floats("score", List.of(span.getScore())),
        Tensors.floats("no_answer", List.of(span.getNoAnswer())),
        abstained);
  }

  private static List<Boolean> chosen(List<String> labels, List<ClassifyReply> rows) {
    return rows.stream()
        .flatMap(
            row -> {
              Set<String> said = Set.copyOf(row.getLabelsList());
              return labels.stream().map(said::contains);
            })
        .toList();
  }

  private static InferOutputTensor labelled(InferOutputTensor tensor, List<String> labels) {
    String json;
    try {
      json = mapper.writeValueAsString(labels);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("labels: " + labels + " (expected: texts)", e);
    }
    return tensor.toBuilder()
        .putParameters("labels", InferParameter.newBuilder().setStringParam(json).build())
        .build();
  }

  private static TensorMetadata described(String name, String datatype, long... columns) {
    TensorMetadata.Builder tensor =
        TensorMetadata.newBuilder().setName(name).setDatatype(datatype).addShape(-1);
    for (long size : columns) {
      tensor.addShape(size);
    }
    return tensor.build();
  }
}
