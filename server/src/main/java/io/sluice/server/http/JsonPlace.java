package io.sluice.server.http;

import com.fasterxml.jackson.core.JsonParser;

/** The name of the place that a parser of JSON has come to. */
final class JsonPlace {
  /** What is in no field. */
  static final String BODY = "body";

  private JsonPlace() {}

  /** Path from the outermost value: {@code rows.3.text}; {@link #BODY} there. */
  static String of(JsonParser parser) {
    String path = parser.getParsingContext().pathAsPointer().toString();
    return path.isEmpty() ? BODY : path.substring(1).replace('/', '.');
  }
}
