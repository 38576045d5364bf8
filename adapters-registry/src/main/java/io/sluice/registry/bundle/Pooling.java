package io.sluice.registry.bundle;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a head gets one vector per row out of the hidden states (batch, seq, hidden). */
public enum Pooling {
  /** The first token's vector. */
  @JsonProperty("first")
  FIRST,

  /** The mean over the tokens whose attention mask is 1. */
  @JsonProperty("mean")
  MEAN,

  /** None: the head answers per token. */
  @JsonProperty("none")
  NONE
}
