package io.sluice.server.oip;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.proto.inference.InferParameter;
import io.sluice.proto.inference.ModelInferRequest;
import io.sluice.proto.inference.ModelInferRequest.InferRequestedOutputTensor;
import io.sluice.proto.inference.ModelInferResponse;
import io.sluice.proto.inference.ModelInferResponse.InferOutputTensor;
import io.sluice.proto.inference.ModelMetadataResponse.TensorMetadata;
import io.sluice.proto.v1.ReplyInfo;
import java.util.List;

/** The reply to a request: the outputs it asked for, in the form it was asked in. */
final class InferReply {
  private InferReply() {}

  /** Refuses outputs that the task does not have. */
  static void requireOutputs(ModelInferRequest request, List<TensorMetadata> outputs) {
    List<String> names = outputs.stream().map(TensorMetadata::getName).toList();
    for (InferRequestedOutputTensor asked : request.getOutputsList()) {
      if (!names.contains(asked.getName())) {
        throw TextInputs.invalid(
            "outputs: \"" + asked.getName() + "\" (expected: of " + names + ")");
      }
    }
  }

  /**
   * Puts a reply together.
   *
   * @param all the outputs there are
   */
  static ModelInferResponse of(
      ModelInferRequest request, ReplyInfo info, boolean truncated, List<InferOutputTensor> all) {
    if (!request.getModelVersion().isEmpty()
        && !request.getModelVersion().equals(info.getBundleDigest())) {
      throw new SluiceException(
          ErrorCode.ABORTED,
          "version: "
              + info.getBundleDigest()
              + " became active meanwhile (expected: "
              + request.getModelVersion()
              + ")");
    }
    ModelInferResponse.Builder reply =
        ModelInferResponse.newBuilder()
            .setModelName(request.getModelName())
            .setModelVersion(info.getBundleDigest())
            .setId(request.getId())
            .putParameters(
                "generation",
                InferParameter.newBuilder().setInt64Param(info.getGeneration()).build())
            .putParameters(
                "truncated", InferParameter.newBuilder().setBoolParam(truncated).build());
    boolean raw = request.getRawInputContentsCount() > 0;
    for (InferOutputTensor output : asked(request, all)) {
      if (raw) {
        reply.addRawOutputContents(Tensors.raw(output));
        reply.addOutputs(output.toBuilder().clearContents());
      } else {
        reply.addOutputs(output);
      }
    }
    return reply.build();
  }

  private static List<InferOutputTensor> asked(
      ModelInferRequest request, List<InferOutputTensor> all) {
    if (request.getOutputsCount() == 0) {
      return all;
    }
    return request.getOutputsList().stream()
        .flatMap(asked -> all.stream().filter(one -> one.getName().equals(asked.getName())))
        .toList();
  }
}
