package io.sluice.trainer.autodiff;

import java.util.ArrayList;
import java.util.List;

/** One case or more for every rule; sizes are small, symbolic where a real graph's are, and odd. */
final class RuleCases {
  private RuleCases() {}

  static List<RuleCase> all() {
    List<RuleCase> cases = new ArrayList<>();
    ElementCases.addTo(cases);
    ProductCases.addTo(cases);
    ShapeCases.addTo(cases);
    return cases;
  }
}
