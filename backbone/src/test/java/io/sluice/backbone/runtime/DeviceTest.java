package io.sluice.backbone.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {
  private final OnnxRuntime runtime = OnnxRuntime.shared();

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "cuda", "cuda:1", "cuda:17"})
  void parse_word_isWrittenTheSame(String word) {
    assertThat(Device.parse(word).word()).isEqualTo(word);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "CPU", "gpu", "cuda:", "cuda:-1", "cuda:1000", "auto"})
  void parse_otherWord_isRefused(String word) {
    assertThatThrownBy(() -> Device.parse(word))
        .isInstanceOf(SluiceException.class)
        .hasMessageStartingWith("device: " + word)
        .hasMessageContaining("expected: cpu");
  }

  @Test
  void fullPrecision_ofCuda_isAnotherDeviceOfTheSameWord() {
    Device tf32 = Device.cuda(1);
    assertThat(tf32.fullPrecision()).isNotEqualTo(tf32).hasToString("cuda:1 (float32)");
    assertThat(tf32.fullPrecision().word()).isEqualTo(tf32.word());
    assertThat(Device.CPU.fullPrecision()).isEqualTo(Device.CPU);
  }

  @Test
  void on_cudaWhereThereIsNone_isRefusedByNameAndLeavesNothingOpen() {
    assumeFalse(
        OnnxRuntime.providers().contains("CUDAExecutionProvider"), "this build may have a GPU");
    int open = runtime.openHandles();
    assertThatThrownBy(() -> runtime.on(Device.cuda(0)))
        .isInstanceOfSatisfying(
            SluiceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION))
        .hasMessageStartingWith("device: cuda does not start: ")
        .hasMessageContaining("expected: a build with -Pcuda");
    assertThat(runtime.openHandles()).isEqualTo(open);
  }

  @Test
  void onCpu_ofTheProcessor_isTheRuntimeItself() {
    assertThat(runtime.onCpu()).isSameAs(runtime);
  }

  @Test
  void open_sessionOnTheProcessor_runsWhateverTheRuntimeIsOn() {
    SessionSettings settings = SessionSettings.defaults().on(Device.CPU);
    try (OnnxSession session = runtime.open(Models.affine(), settings)) {
      assertThat(session.inputs()).isNotEmpty();
    }
    assertThat(settings.withLevel(SessionSettings.Optimization.NONE).device())
        .isEqualTo(Device.CPU);
    assertThat(settings.configEntries()).isEqualTo(Map.of());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Failed to load library /x/libonnxruntime_providers_cuda.so with error: libcublasLt.so.13:"
            + " cannot open shared object file: No such file | libcublasLt.so.13 is not found",
        "CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version | driver is"
            + " too old",
        "CUDA failure 100: no CUDA-capable device is detected | there is no NVIDIA GPU",
        "CUDA failure 101: invalid device ordinal | no GPU of that number",
        "no kernel image is available for execution on the device | no code for this GPU",
        "This binary was not compiled with CUDA support. | no CUDA provider",
        "something else | see sluice doctor",
      })
  void remedy_message_namesWhatIsMissing(String said, String expected) {
    assertThat(CudaProvider.remedy(said)).contains(expected);
  }
}
