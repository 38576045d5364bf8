@NullMarked
package io.sluice.server.activation;

import org.jspecify.annotations.NullMarked;
