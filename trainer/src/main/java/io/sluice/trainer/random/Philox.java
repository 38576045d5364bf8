package io.sluice.trainer.random;

/**
 * Philox 4x32 with 10 rounds (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): a
 * keyed bijection of 128-bit counters whose outputs pass the usual statistical batteries.
 */
final class Philox {
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final int ROUNDS = 10;
  private static final long LOW = 0xFFFFFFFFL;

  private Philox() {}

  /**
   * Encrypts a counter in place.
   *
   * @param counter four words; holds the four random words afterwards
   */
  static void encrypt(int[] counter, int key0, int key1) {
    int k0 = key0;
    int k1 = key1;
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = MULTIPLIER_0 * (counter[0] & LOW);
      long product1 = MULTIPLIER_1 * (counter[2] & LOW);
      int next0 = (int) (product1 >>> 32) ^ counter[1] ^ k0;
      int next2 = (int) (product0 >>> 32) ^ counter[3] ^ k1;
      counter[1] = (int) product1;
      counter[3] = (int) product0;
      counter[0] = next0;
      counter[2] = next2;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
  }
}
