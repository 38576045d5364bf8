/** One name of a thing, and whether it is a plural. */
record Name(String text, boolean plural) {}
