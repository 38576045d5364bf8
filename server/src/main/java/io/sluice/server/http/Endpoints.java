package io.sluice.server.http;

import com.google.api.AnnotationsProto;
import com.google.api.HttpRule;
import com.google.protobuf.Descriptors.MethodDescriptor;
import io.grpc.BindableService;
import io.grpc.protobuf.ProtoServiceDescriptorSupplier;
import java.util.ArrayList;
import java.util.List;

/** What a port answers to, a line each, for who asked for something else. */
final class Endpoints {
  private Endpoints() {}

  /**
   * The HTTP forms, then the API page, then the gRPC methods: {@code gRPC package.Service/Method}.
   */
  static List<String> of(List<BindableService> services, List<HttpRule> rules, boolean bundles) {
    List<String> http = new ArrayList<>();
    List<String> grpc = new ArrayList<>();
    for (BindableService service : services) {
      if (service.bindService().getServiceDescriptor().getSchemaDescriptor()
          instanceof ProtoServiceDescriptorSupplier proto) {
        for (MethodDescriptor method : proto.getServiceDescriptor().getMethods()) {
          if (method.getOptions().hasExtension(AnnotationsProto.http)) {
            HttpRule rule = method.getOptions().getExtension(AnnotationsProto.http);
            http.add(line(rule));
            rule.getAdditionalBindingsList().forEach(more -> http.add(line(more)));
          }
        }
        grpc.add("gRPC " + proto.getServiceDescriptor().getFullName());
      }
    }
    rules.forEach(rule -> http.add(line(rule)));
    if (bundles) {
      http.add(BundleUploads.ENDPOINT);
    }
    http.addAll(Probes.ENDPOINTS);
    http.add("GET " + ApiPage.PATH);
    http.addAll(grpc);
    return List.copyOf(http);
  }

  private static String line(HttpRule rule) {
    return switch (rule.getPatternCase()) {
      case GET -> "GET " + rule.getGet();
      case POST -> "POST " + rule.getPost();
      case PUT -> "PUT " + rule.getPut();
      case DELETE -> "DELETE " + rule.getDelete();
      case PATCH -> "PATCH " + rule.getPatch();
      case CUSTOM, PATTERN_NOT_SET ->
          throw new IllegalArgumentException("rule: " + rule + " (expected: GET, POST, PUT ...)");
    };
  }
}
