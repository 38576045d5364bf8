package io.sluice.server.oip;

import com.linecorp.armeria.client.grpc.GrpcClients;
import io.sluice.server.oip.stranger.GRPCInferenceServiceGrpc;
import io.sluice.server.oip.stranger.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.sluice.server.oip.stranger.ModelInferRequest;
import io.sluice.server.oip.stranger.ModelInferResponse;
import io.sluice.server.oip.stranger.ModelMetadataRequest;
import io.sluice.server.oip.stranger.ModelMetadataResponse;
import io.sluice.server.oip.stranger.ModelReadyRequest;
import io.sluice.server.oip.stranger.RepositoryIndexRequest;
import io.sluice.server.oip.stranger.RepositoryIndexResponse.ModelIndex;

/**
 * A client of the Open Inference Protocol on one port, generated apart from the server's own
 * definition. Blocking, thread-safe.
 */
final class Stranger {
  private final GRPCInferenceServiceBlockingStub stub;

  Stranger(int port) {
    stub =
        GrpcClients.newClient(
            "gproto+http://127.0.0.1:" + port + "/",
            GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub.class);
  }

  GRPCInferenceServiceBlockingStub stub() {
    return stub;
  }

  boolean ready(String model) {
    return stub.modelReady(ModelReadyRequest.newBuilder().setName(model).build()).getReady();
  }

  ModelMetadataResponse metadata(String model) {
    return stub.modelMetadata(ModelMetadataRequest.newBuilder().setName(model).build());
  }

  ModelInferResponse infer(ModelInferRequest request) {
    return stub.modelInfer(request);
  }

  /** The line of a model in the index of all. */
  ModelIndex index(String model) {
    return stub
        .repositoryIndex(RepositoryIndexRequest.getDefaultInstance())
        .getModelsList()
        .stream()
        .filter(line -> line.getName().equals(model))
        .findFirst()
        .orElseThrow();
  }
}
