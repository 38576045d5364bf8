package io.sluice.backbone.importer;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What an input of an exported encoder is for, told from the names that exporters give. */
public enum InputRole {
  INPUT_IDS("input_ids", "inputids|tokenids|inputwordids|tokens|ids|input"),
  ATTENTION_MASK("attention_mask", "attentionmask|inputmask|attmask|mask"),
  TOKEN_TYPE_IDS("token_type_ids", "tokentypeids|segmentids|inputtypeids|typeids|segments"),
  POSITION_IDS("position_ids", "positionids|inputpositionids|positions");

  private final String canonicalName;

  /** Alternatives, as a regular expression over lower-case letters. */
  private final String spellings;

  InputRole(String canonicalName, String spellings) {
    this.canonicalName = canonicalName;
    this.spellings = spellings;
  }

  /** The name this input has in an imported backbone. */
  public String canonicalName() {
    return canonicalName;
  }

  /**
   * The role of an input called {@code name}, or null; {@code :0}, {@code .1} and the like at the
   * end do not matter.
   */
  public static @Nullable InputRole of(String name) {
    String bare =
        name.replaceFirst("[:.]\\d+$", "").replaceAll("[^A-Za-z]", "").toLowerCase(Locale.ROOT);
    for (InputRole role : values()) {
      if (bare.matches(role.spellings)) {
        return role;
      }
    }
    return null;
  }
}
