package io.sluice.backbone.importer;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneImporter;
import io.sluice.backbone.BackboneVerification;
import io.sluice.backbone.SharedFiles;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.OnnxFormat;
import io.sluice.backbone.runtime.OnnxRuntime;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RaisedGraphTest {
  @ParameterizedTest
  @ValueSource(strings = {"bert-script", "distilbert-script", "modernbert-script"})
  void of_anOldExport_isRaisedAndCutAsTheNewOneIs(String name) {
    OnnxRuntime runtime = OnnxRuntime.shared();
    Path file = SharedFiles.require("zoo").resolve(name + ".onnx");
    Graph exported = OnnxFormat.read(file);
    Graph old = EarlierOpset.of(exported);

    Backbone backbone = BackboneImporter.cut(name, old, new byte[] {'{', '}'}, runtime);

    assertThat(old.opset()).isEqualTo(12);
    assertThat(backbone.whole().opset()).isEqualTo(18);
    assertThat(backbone.points()).isEqualTo(6);
    // The cut against the file as it was, at its own opset.
    assertThat(BackboneVerification.of(backbone, old, runtime, 1).passes()).isTrue();
    assertThat(RaisedGraph.of(exported, runtime)).isSameAs(exported);
  }
}
