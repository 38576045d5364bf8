package io.sluice.trainer.model;

import io.sluice.trainer.random.CounterRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where each learned weight lies in the one flat array: the candidates' in their order, or the
 * backbone's own, then the head's. Immutable.
 */
public final class ParameterLayout {
  /** Owner of the head's weights; candidates own theirs under their number. */
  public static final int HEAD = -1;

  /** Owner of the backbone's weights, where those are learned. */
  public static final int BACKBONE = -2;

  /**
   * One weight's place.
   *
   * @param owner number of its candidate, {@link #HEAD} or {@link #BACKBONE}
   * @param offset index of its first number
   */
  public record Slot(int owner, ParameterSpec spec, int offset) {}

  private final List<Slot> slots;
  private final int size;

  private ParameterLayout(List<Slot> slots, int size) {
    this.slots = List.copyOf(slots);
    this.size = size;
  }

  /** The layout of candidates and a head over hidden states of that width. */
  public static ParameterLayout of(List<Candidate> candidates, TaskHead head, int hidden) {
    List<Slot> slots = new ArrayList<>();
    int offset = 0;
    for (int owner = 0; owner < candidates.size(); owner++) {
      offset = place(slots, owner, candidates.get(owner).kind().parameters(hidden), offset);
    }
    offset = place(slots, HEAD, head.parameters(hidden), offset);
    return new ParameterLayout(slots, offset);
  }

  /** The layout of a backbone's own weights and a head over hidden states of that width. */
  static ParameterLayout ofBackbone(List<ParameterSpec> backbone, TaskHead head, int hidden) {
    List<Slot> slots = new ArrayList<>();
    int offset = place(slots, BACKBONE, backbone, 0);
    offset = place(slots, HEAD, head.parameters(hidden), offset);
    return new ParameterLayout(slots, offset);
  }

  private static int place(List<Slot> slots, int owner, List<ParameterSpec> specs, int from) {
    int offset = from;
    for (ParameterSpec spec : specs) {
      slots.add(new Slot(owner, spec, offset));
      offset = Math.addExact(offset, spec.size());
    }
    return offset;
  }

  public List<Slot> slots() {
    return slots;
  }

  /** Length of the flat array. */
  public int size() {
    return size;
  }

  /**
   * Starting values; each depends on the seed, its owner's number and its place among its owner's
   * numbers only.
   */
  public float[] start(long seed) {
    CounterRandom random = new CounterRandom(seed, CounterRandom.Stream.INITIAL_WEIGHTS);
    float[] values = new float[size];
    int from = 0;
    int owner = HEAD;
    for (Slot slot : slots) {
      if (slot.owner != owner) {
        owner = slot.owner;
        from = slot.offset;
      }
      for (int i = 0; slot.spec.deviation() > 0 && i < slot.spec.size(); i++) {
        int place = slot.offset + i;
        values[place] = (float) (slot.spec.deviation() * random.gaussian(owner, place - from));
      }
    }
    return values;
  }

  /** For each number whether weight decay applies. */
  public boolean[] decayed() {
    boolean[] decayed = new boolean[size];
    for (Slot slot : slots) {
      Arrays.fill(decayed, slot.offset, slot.offset + slot.spec.size(), slot.spec.decayed());
    }
    return decayed;
  }

  /** The weights of an owner, by name, copied out of a flat array. */
  public Map<String, float[]> weights(int owner, float[] values) {
    Map<String, float[]> weights = new TreeMap<>();
    for (Slot slot : slots) {
      if (slot.owner == owner) {
        weights.put(
            slot.spec.name(),
            Arrays.copyOfRange(values, slot.offset, slot.offset + slot.spec.size()));
      }
    }
    return weights;
  }

  /**
   * For each number of the layout with only some of the candidates, its index here: what carries
   * weights and moments over when a structure is frozen.
   *
   * @param kept numbers of the candidates that stay, ascending
   */
  public int[] indicesOf(List<Integer> kept) {
    int[] indices = new int[size];
    int count = 0;
    for (Slot slot : slots) {
      if (slot.owner == HEAD || kept.contains(slot.owner)) {
        for (int i = 0; i < slot.spec.size(); i++) {
          indices[count++] = slot.offset + i;
        }
      }
    }
    return Arrays.copyOf(indices, count);
  }

  /** Multiplies the gated weights of each candidate by its gate, in place. */
  public void fold(float[] values, double[] gates) {
    for (Slot slot : slots) {
      if (slot.spec.gated()) {
        for (int i = 0; i < slot.spec.size(); i++) {
          values[slot.offset + i] *= (float) gates[slot.owner];
        }
      }
    }
  }
}
