package io.sluice.backbone;

import static java.util.Objects.requireNonNull;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The tokenizer of a backbone: the Hugging Face tokenizers library itself, run from the backbone's
 * {@code tokenizer.json}.
 *
 * <p>Thread-safe. Holds native memory until closed; encoding after close is an {@link
 * IllegalStateException}. Uses no network: the native library comes out of its jar.
 */
public final class BackboneTokenizer implements AutoCloseable {
  private static final TokenizersLibrary LIBRARY = loadLibrary();

  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private final String source;
  private final long handle;
  private final long padId;
  private final TokenTruncation truncation;
  private boolean closed;

  public BackboneTokenizer(Backbone backbone) {
    this(backbone.tokenizerJson(), "tokenizer.json of backbone " + backbone.name());
  }

  /**
   * @param tokenizerJson content of a {@code tokenizer.json}
   * @param source its name in messages
   */
  public BackboneTokenizer(byte[] tokenizerJson, String source) {
    TokenizerFile file = TokenizerFile.parse(tokenizerJson, source);
    this.source = source;
    this.padId = file.padId();
    this.truncation = new TokenTruncation(file.truncatesLeft());
    try {
      this.handle = LIBRARY.createTokenizerFromString(file.json());
    } catch (RuntimeException e) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          source + ": " + e.getMessage() + " (expected: a tokenizer.json)",
          e);
    }
  }

  /** The id to pad with; padding is the caller's, together with attention mask 0. */
  public long padId() {
    return padId;
  }

  /**
   * Encodes a text, or two together, with special tokens. Where they have more than {@code
   * maxTokens}, tokens are dropped from the end of the longer text first, as the library's {@code
   * longest_first} does.
   *
   * @param maxTokens special tokens included
   * @throws SluiceException {@code INVALID_ARGUMENT} when {@code maxTokens} does not even hold the
   *     special tokens; {@code FAILED_PRECONDITION} when the tokenizer has no token for what it
   *     does not know
   */
  public Encoding encode(String text, @Nullable String pair, int maxTokens) {
    return withEncoding(
        text,
        pair,
        encoding -> {
          long[] ids = LIBRARY.getTokenIds(encoding);
          long[] typeIds = LIBRARY.getTypeIds(encoding);
          return ids.length <= maxTokens
              ? new Encoding(ids, typeIds, false)
              : truncation.shorten(
                  ids,
                  typeIds,
                  LIBRARY.getSpecialTokenMask(encoding),
                  LIBRARY.getSequenceIds(encoding),
                  maxTokens);
        });
  }

  /** Encodes each of the texts by itself, in order. */
  public List<Encoding> encode(List<TextPair> texts, int maxTokens) {
    return texts.stream().map(text -> encode(text.text(), text.pair(), maxTokens)).toList();
  }

  /** Tokens of a text, or two together, with the piece of text each stands for; nothing is cut. */
  public TokenSpans spans(String text, @Nullable String pair) {
    return withEncoding(text, pair, encoding -> spans(encoding, text, pair == null ? "" : pair));
  }

  private static TokenSpans spans(long encoding, String text, String pair) {
    long[] ids = LIBRARY.getTokenIds(encoding);
    long[] special = LIBRARY.getSpecialTokenMask(encoding);
    long[] sequences = LIBRARY.getSequenceIds(encoding);
    CharSpan[] spans = LIBRARY.getTokenCharSpans(encoding);
    CodePoints[] places = {CodePoints.of(text), CodePoints.of(pair)};
    int[] texts = new int[ids.length];
    int[] starts = new int[ids.length];
    int[] ends = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      texts[i] = special[i] == 1 ? TokenSpans.SPECIAL : sequences[i] == 1 ? 1 : 0;
      CharSpan span = spans[i];
      if (texts[i] != TokenSpans.SPECIAL && span != null) {
        starts[i] = places[texts[i]].index(span.getStart());
        ends[i] = places[texts[i]].index(span.getEnd());
      }
    }
    return new TokenSpans(ids, LIBRARY.getTypeIds(encoding), texts, starts, ends);
  }

  /** What is made of the library's encoding, which is gone after that. */
  private <T> T withEncoding(String text, @Nullable String pair, LongFunction<T> made) {
    requireNonNull(text, "text");
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("tokenizer: closed (expected: open)");
      }
      long encoding = encoded(text, pair);
      try {
        return made.apply(encoding);
      } finally {
        LIBRARY.deleteEncoding(encoding);
      }
    } finally {
      lock.readLock().unlock();
    }
  }

  private long encoded(String text, @Nullable String pair) {
    try {
      return pair == null
          ? LIBRARY.encode(handle, text, true)
          : LIBRARY.encodeDual(handle, text, pair, true);
    } catch (RuntimeException e) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          source + ": cannot encode: " + e.getMessage() + " (expected: a token for any text)",
          e);
    }
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        LIBRARY.deleteTokenizer(handle);
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  /**
   * The loader looks for a CUDA build of its library on machines with a GPU and downloads one when
   * its jar has none; only the CPU build is wanted, and nothing from the network.
   */
  private static TokenizersLibrary loadLibrary() {
    if (System.getProperty("RUST_FLAVOR") == null) {
      System.setProperty("RUST_FLAVOR", "cpu");
    }
    if (System.getProperty("ai.djl.offline") == null) {
      System.setProperty("ai.djl.offline", "true");
    }
    LibUtils.checkStatus();
    return TokenizersLibrary.LIB;
  }
}
