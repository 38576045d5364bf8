@NullMarked
package io.sluice.registry.answer;

import org.jspecify.annotations.NullMarked;
