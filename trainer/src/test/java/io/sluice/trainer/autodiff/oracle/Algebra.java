package io.sluice.trainer.autodiff.oracle;

/** The operations an encoder is written in; T is a tensor of the side that computes it. */
interface Algebra<T> {

  /** A named parameter of the model, or a fed input. */
  T parameter(String name, long... shape);

  T matMul(T a, T b);

  T add(T a, T b);

  T mul(T a, T b);

  T scale(T x, double factor);

  T softmax(T x);

  T gelu(T x);

  T layerNorm(T x, T weight, T bias, long size);

  /** 0 keeps an axis; at most one -1. */
  T reshape(T x, long... shape);

  T transpose(T x, int... order);

  /** Position 0 of axis 1. */
  T first(T x);

  /** The mean over rows of -log softmax(logits)[label]. */
  T crossEntropy(T logits, long[] labels);
}
