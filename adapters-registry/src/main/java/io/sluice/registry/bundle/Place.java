package io.sluice.registry.bundle;

/**
 * Where in which bundle a check looks, so that its complaint can say so.
 *
 * @param source the file's name, or what else the bytes came from
 * @param entry the entry, empty for the container itself
 */
record Place(String source, String entry) {
  Place entry(String name) {
    return new Place(source, name);
  }

  BundleCorruptException corrupt(String found, String expected) {
    return new BundleCorruptException(source, entry, found, expected, null);
  }

  BundleCorruptException corrupt(String found, String expected, Throwable cause) {
    return new BundleCorruptException(source, entry, found, expected, cause);
  }
}
