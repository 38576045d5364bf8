package io.sluice.trainer.random;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Against the known answers published with the generator (Random123, kat_vectors). */
class PhiloxTest {
  @Test
  void encrypt_zeroCounterAndKey_isKnownAnswer() {
    int[] words = {0, 0, 0, 0};
    Philox.encrypt(words, 0, 0);
    assertThat(words).containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
  }

  @Test
  void encrypt_allOnes_isKnownAnswer() {
    int[] words = {-1, -1, -1, -1};
    Philox.encrypt(words, -1, -1);
    assertThat(words).containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
  }

  @Test
  void encrypt_digitsOfPi_isKnownAnswer() {
    int[] words = {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344};
    Philox.encrypt(words, 0xa4093822, 0x299f31d0);
    assertThat(words).containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
  }
}
