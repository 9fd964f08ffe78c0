package faregate.routing;

import faregate.catalog.Offer;
import org.jspecify.annotations.Nullable;

/// Something that not every offer can do and a request may need.
public enum Ability {
  TOOLS("tools"),
  STRUCTURED_OUTPUT("structured output"),
  IMAGES("image input");

  private final String words;

  Ability(String words) {
    this.words = words;
  }

  /// As in a sentence for a person.
  public String words() {
    return words;
  }

  /// @return null when the catalogue does not know
  @Nullable Boolean of(Offer offer) {
    return switch (this) {
      case TOOLS -> offer.tools();
      case STRUCTURED_OUTPUT -> offer.structuredOutput();
      case IMAGES ->
          offer.inputModalities().isEmpty() ? null : offer.inputModalities().contains("image");
    };
  }
}
