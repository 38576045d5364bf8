package io.sluice.server.http;

import com.linecorp.armeria.server.docs.DocService;
import com.linecorp.armeria.server.docs.DocServiceFilter;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.sluice.proto.inference.GRPCInferenceServiceGrpc;
import io.sluice.proto.v1.AdapterServiceGrpc;
import io.sluice.proto.v1.InferenceServiceGrpc;

/**
 * The page that lists what a port serves and sends requests to it, with a request to begin with.
 */
final class ApiPage {
  /** Where it is. */
  static final String PATH = "/docs/";

  /** What Armeria calls the HTTP form of a gRPC service. */
  private static final String HTTP = "_HTTP";

  private ApiPage() {}

  static DocService create() {
    String inference = InferenceServiceGrpc.SERVICE_NAME + HTTP;
    String adapters = AdapterServiceGrpc.SERVICE_NAME + HTTP;
    String open = GRPCInferenceServiceGrpc.SERVICE_NAME + HTTP;
    return DocService.builder()
        .exclude(DocServiceFilter.ofServiceName(ServerReflectionGrpc.SERVICE_NAME))
        .exclude(DocServiceFilter.ofServiceName(HealthGrpc.SERVICE_NAME))
        .examplePaths(inference, "Classify", "/v1/tasks/sentiment:classify")
        .exampleRequests(inference, "Classify", "{\"text\": \"came a day early and works well\"}")
        .examplePaths(inference, "MultiClassify", "/v1/tasks:classify")
        .exampleRequests(
            inference,
            "MultiClassify",
            "{\"tasks\": [\"sentiment\", \"intent\"], \"text\": \"came a day early and works well\"}")
        .examplePaths(inference, "Answer", "/v1/tasks/boolean-answer:answer")
        .exampleRequests(
            inference,
            "Answer",
            "{\"question\": \"is the shop open on Sundays\", \"passage\": \"We are open every"
                + " day.\"}")
        .examplePaths(adapters, "Activate", "/v1/tasks/sentiment:activate")
        .exampleRequests(adapters, "Activate", "{\"revision\": 1}")
        .examplePaths(adapters, "Rollback", "/v1/tasks/sentiment:rollback")
        .exampleRequests(adapters, "Rollback", "{}")
        .examplePaths(open, "ModelMetadata", "/v2/models/sentiment")
        .examplePaths(open, "ModelInfer", "/v2/models/sentiment/infer")
        .exampleRequests(
            open,
            "ModelInfer",
            "{\"inputs\": [{\"name\": \"text\", \"datatype\": \"BYTES\", \"shape\": [1],"
                + " \"data\": [\"came a day early and works well\"]}]}")
        .examplePaths(open, "RepositoryModelLoad", "/v2/repository/models/sentiment/load")
        .examplePaths(open, "RepositoryModelUnload", "/v2/repository/models/sentiment/unload")
        .build();
  }
}
